"""`harness history`: what it prints, how it ends, and which stores it refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.errors import StoreError
from harness.judge.summed import summaries_in
from harness.store import JOURNAL, RunWriter
from harness.summaries import SUMMARY, keep_summary
from tests.judge.test_history import noisy, run

WORSE = [*noisy([0.040] * 15), 0.060]


def keep(reports: Path, values: list[float]) -> list[str]:
    """Write so many runs with a summary each, and return their ids."""
    names = []
    for at, value in enumerate(values):
        with RunWriter(
            reports / "runs", verb="bench", bundle="reference", config="c", mark=f"{at:04d}"
        ) as writer:
            writer.seal()
        made = run(at, value, id=writer.id, config="c")
        (figure,) = made.figures
        keep_summary(writer.folder, replace(made, figures=(replace(figure, limit=1.0),)))
        names.append(writer.id)
    return names


def history(reports: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["history", "--reports", str(reports), *words])


def test_a_worse_run_ends_with_1_where_that_is_asked_for(tmp_path: Path) -> None:
    names = keep(tmp_path, WORSE)
    assert history(tmp_path).exit_code == 0
    done = history(tmp_path, "--strict", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["newest"], told["worse"]) == (names[-1], ["latency.end_to_end p95"])
    assert "worse" in history(tmp_path).stdout
    asked = ("--metric", "latency.end_to_end", "--because", "larger", "--reports", str(tmp_path))
    assert CliRunner().invoke(main, ["accept", names[-1], *asked]).exit_code == 0
    assert history(tmp_path, "--strict").exit_code == 0


def test_what_is_printed_is_of_the_bundle_that_is_asked_for(tmp_path: Path) -> None:
    keep(tmp_path, WORSE)
    done = history(tmp_path, "--strict", "--json", "--bundle", "other")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["series"] == []
    assert history(tmp_path, "--strict", "--config", "c").exit_code == 1


def test_the_page_is_drawn_and_no_page_of_a_run_is_touched(tmp_path: Path) -> None:
    (name,) = keep(tmp_path, [0.04])
    old = tmp_path / "runs" / name / "page.html"
    old.write_text("old")
    history(tmp_path)
    assert name in (tmp_path / "index.html").read_text("utf-8")
    assert old.read_text() == "old"


def test_a_damaged_summary_is_made_again(tmp_path: Path) -> None:
    names = keep(tmp_path, [0.04, 0.04])
    for name, text in zip(names, ("{", "x" * 5_000_000), strict=True):
        (tmp_path / "runs" / name / SUMMARY).write_text(text)
    found, problems = summaries_in(tmp_path / "runs")
    assert ([one.id for one in found], problems) == (names, ())


def test_a_damaged_journal_and_a_copy_under_another_name_are_named(tmp_path: Path) -> None:
    first, second = keep(tmp_path, [0.04, 0.04])
    runs = tmp_path / "runs"
    (runs / first / SUMMARY).unlink()
    (runs / first / JOURNAL).write_text("{}\n{}\n")
    shutil.copytree(runs / second, runs / "copy")
    done = history(tmp_path, "--json")
    assert done.exit_code == 0
    damaged, copied = json.loads(done.stdout)["left_out"]
    assert f"{first}/{JOURNAL}" in damaged
    assert f"copy: holds the run {second}" in copied
    assert "Left out" in (tmp_path / "index.html").read_text("utf-8")


def test_no_folder_of_runs_is_said_clearly(tmp_path: Path) -> None:
    done = history(tmp_path / "nothing")
    assert done.exit_code == 2
    assert "no such folder. `make bench` makes the first run." in done.stderr


def test_a_store_without_permission_is_said_clearly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, [0.04])

    def refused(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("harness.judge.summed.os.scandir", refused)  # root may read everything
    with pytest.raises(StoreError, match=r"runs: cannot be read: Permission denied\. Allow it"):
        summaries_in(tmp_path / "runs")


def test_a_folder_that_takes_no_page_is_said_clearly(tmp_path: Path) -> None:
    keep(tmp_path, [0.04])
    (tmp_path / "index.html.half").mkdir()
    done = history(tmp_path)
    assert done.exit_code == 2
    assert "index.html: cannot be written: Is a directory" in done.stderr
