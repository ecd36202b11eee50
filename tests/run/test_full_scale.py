"""`python -m benchmarks.full_scale`, on the toy project: two configs, two model files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.errors import BundleError, ConfigError
from harness.store import find_run, read_run
from harness.verbs.full_scale import full_scale
from tests.toy_project import BUDGETS, SUITE, make_project

SECTION = """
full_scale: {repeats: {toy: 1, other: 2}, baseline: toy, set: timed, clips: 2, processes: 3,
  cold: 1, warmup: 0, wer_set: words, wer_clips: CLIPS, wer_points: POINTS, timeout_s: 60}
"""
ROWS = "    - {metric: latency.inference, statistic: p95, at_most: 5, unit: s, title: Inference}\n"


def make(
    folder: Path, words: dict[str, str] | None = None, *, clips: int = 2, points: int = 50
) -> Path:
    rows = BUDGETS + ROWS
    other = rows.partition("  toy:\n")[2]
    words = words or {f"hola {n}": f"hola {n}" for n in range(4)}
    section = SECTION.replace("CLIPS", str(clips)).replace("POINTS", str(points))
    project = make_project(folder, words, budgets=f"{rows}  other:\n{other}")
    (project / "config/suite.yaml").write_text(SUITE + section)
    (project / "config/other.yaml").write_text("audio_omni: {model_path: other.onnx}\n")
    shutil.copy(project / "model.onnx", project / "other.onnx")
    return project


def run(folder: Path, *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(full_scale, ["--config", "config/toy.yaml", *words])


def test_every_config_stands_in_one_table_and_is_judged_again(tmp_path: Path) -> None:
    project = make(tmp_path / "toy")
    done = run(project, "--json")
    assert done.exit_code == 0, f"{done.stderr} {done.exception!r}"
    told = json.loads(done.stdout)
    assert told["names"] == ["toy", "other"]
    lines = {line["title"]: [cell["text"] for cell in line["cells"]] for line in told["lines"]}
    assert lines["Runs / processes"] == ["3 / 3", "6 / 3"]
    assert all(text != "–" for text in lines["First result, cold"])
    assert lines["WER"] == ["0.00 %", "0.00 %"]
    stored = read_run(find_run(project / "reports/runs", "latest"))
    assert stored.complete
    counts = [
        sum(m.metric == "latency.load_cold" for m in stored.measurements if m.arm == arm)
        for arm in ("toy", "other")
    ]
    assert counts == [1, 1]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        again = CliRunner().invoke(main, ["report", "latest", "--json"])
    assert json.loads(again.stdout)["lines"] == told["lines"]


def test_a_limit_that_the_clips_cannot_show_is_refused_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    words = {f"hola {n}": f"hola {n}" for n in range(20)}
    project = make(tmp_path / "toy", words, clips=20, points=10)
    refused = run(project).exception
    assert isinstance(refused, ConfigError)
    assert "full_scale.wer_points: a limit of 10.00 % is finer than words, 20 clips," in str(
        refused
    )
    assert not list(project.glob("reports/runs/*"))


def test_what_is_absent_or_misspelt_is_said_before_anything_is_measured(tmp_path: Path) -> None:
    project = make(tmp_path / "toy")
    wrong = run(project, "--variant", "othr").exception
    assert isinstance(wrong, ConfigError)
    assert "Did you mean 'other'?" in str(wrong)
    (project / "other.onnx").unlink()
    gone = run(project).exception
    assert isinstance(gone, BundleError)
    assert "other.onnx: no such model; config/other.yaml names it" in str(gone)
    assert not list(project.glob("reports/runs/*"))
