"""Runs as they are listed, named, accepted, carried away, taken in and thinned out."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.judge.likeness import budget_facts
from harness.judge.summary import summarise
from harness.judge.verdicts import judge_all
from harness.report.keeping import keep_judged, summary_of
from harness.store import JOURNAL, RunWriter, read_run
from harness.summaries import DECISIONS, SUMMARY, read_decisions, read_summary
from harness.units import Unit
from tests.sample_run import budget, budgets, sample_run


def keep(reports: Path, *, judged: bool = False, sealed: bool = True, mark: str = "") -> Path:
    """Write the sample run as a run does, and return its folder."""
    run = sample_run()
    with RunWriter(
        reports / "runs", verb="bench", bundle="reference", config=run.config, mark=mark
    ) as writer:
        assert run.environment is not None
        writer.write(run.environment)
        writer.fact("budgets", budget_facts(budgets()))
        for measurement in run.measurements:
            writer.write(measurement)
        for transcript in run.transcripts:
            writer.write(transcript)
        if sealed:
            writer.seal()
    if judged:
        stored = read_run(writer.folder)
        keep_judged(writer.folder, stored, judge_all(budgets(), stored))
    return writer.folder


def harness(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_a_summary_holds_every_verdict_and_what_no_budget_is_about() -> None:
    run = sample_run()
    verdicts = judge_all(budgets(), run)
    found = summarise(run, verdicts)
    kept = {one.name: one for one in found.figures}
    for verdict in verdicts:
        one = kept[f"{verdict.budget.metric} {verdict.budget.statistic}"]
        assert (one.value, one.outcome, one.limit) == (
            verdict.value,
            verdict.outcome,
            verdict.budget.limit,
        )
    assert kept["latency.inference p50"].limit is None
    assert found.machine.startswith("AMD EPYC") or found.machine != "unknown"


def test_a_summary_is_read_as_it_was_kept_and_made_again_where_it_is_damaged(
    tmp_path: Path,
) -> None:
    folder = keep(tmp_path)
    kept = summary_of(folder)
    assert read_summary(folder) == kept
    for text in ("", "{", '{"format": 99}', "[]", "[" * 100_000):
        (folder / SUMMARY).write_text(text)
        assert read_summary(folder) is None
    again = summary_of(folder)
    assert (again.id, again.started) == (kept.id, kept.started)
    assert read_summary(folder) == again


def test_a_decision_is_added_only_where_it_says_another_thing(tmp_path: Path) -> None:
    folder = keep(tmp_path, judged=True)
    run = read_run(folder)
    keep_judged(folder, run, judge_all(budgets(), run))
    assert len(read_decisions(folder)) == 1
    first = (folder / DECISIONS).read_bytes()
    keep_judged(folder, run, judge_all([budget("memory.peak", 1.0, Unit.BYTES)], run))
    assert (folder / DECISIONS).read_bytes().startswith(first)
    before, after = read_decisions(folder)
    assert before.budgets != after.budgets
    assert before.journal == after.journal
    assert after.decision == "MISSED"


def test_a_torn_decision_is_dropped_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    folder = keep(tmp_path, judged=True)
    file = folder / DECISIONS
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: len(whole) // 2])
    assert len(read_decisions(folder)) == 1
    file.write_bytes(b"{}\n" + whole)
    told = harness("runs", "show", folder.name, "--reports", str(tmp_path))
    assert told.exit_code == 2
    assert f"{DECISIONS}:1: not a decision" in told.output


def test_a_baseline_is_another_name_for_a_run(tmp_path: Path) -> None:
    folder, at = keep(tmp_path), ("--reports", str(tmp_path))
    assert harness("baseline", "set", "v1", "latest", *at).exit_code == 0
    assert folder.name in harness("runs", "show", "v1", *at).output
    assert "[v1]" in harness("runs", "list", *at).output
    assert harness("compare", "v1", "latest", *at).exit_code == 0
    assert harness("baseline", "remove", "v1", *at).exit_code == 0
    told = harness("compare", "v1", "latest", *at)
    assert told.exit_code == 2
    assert "no run 'v1'" in told.output


@pytest.mark.parametrize("name", ["latest", "latest~1", "", "a b", "../x", "x" * 81])
def test_what_is_no_name_names_nothing(tmp_path: Path, name: str) -> None:
    keep(tmp_path)
    told = harness("baseline", "set", name, "latest", "--reports", str(tmp_path))
    assert told.exit_code == 2
    assert not (tmp_path / "baselines.json").exists()


def test_an_interrupted_run_is_no_baseline(tmp_path: Path) -> None:
    keep(tmp_path, sealed=False)
    told = harness("baseline", "set", "v1", "latest", "--reports", str(tmp_path))
    assert told.exit_code == 2
    assert "interrupted" in told.output


def test_a_change_is_accepted_with_its_reason(tmp_path: Path) -> None:
    folder, at = keep(tmp_path), ("--reports", str(tmp_path))
    asked = ("accept", "latest", "--because", "a larger model", *at)
    assert harness(*asked, "--metric", "latency.inference").exit_code == 0
    (line,) = (tmp_path / "accepted.jsonl").read_text().splitlines()
    row = json.loads(line)
    assert (row["run"], row["because"]) == (folder.name, "a larger model")
    told = harness(*asked, "--metric", "latency.inferense")
    assert told.exit_code == 2
    assert "latency.inference" in told.output


def test_a_run_travels_whole_and_is_taken_in_once(tmp_path: Path) -> None:
    folder = keep(tmp_path / "a", judged=True)
    told = harness("runs", "export", "latest", str(tmp_path), "--reports", str(tmp_path / "a"))
    archive = Path(told.output.strip())
    there = ("--reports", str(tmp_path / "b"))
    assert "taken in" in harness("runs", "import", str(archive), *there).output
    landed = tmp_path / "b/runs" / folder.name
    for file in folder.iterdir():
        assert (landed / file.name).read_bytes() == file.read_bytes()
    assert "was there already" in harness("runs", "import", str(tmp_path / "a/runs"), *there).output
    again = harness("runs", "export", "latest", str(tmp_path), "--reports", str(tmp_path / "a"))
    assert again.exit_code == 2


def test_another_run_of_the_same_id_overwrites_nothing(tmp_path: Path) -> None:
    folder = keep(tmp_path / "a")
    there = ("--reports", str(tmp_path / "b"))
    harness("runs", "import", str(folder), *there)
    landed = tmp_path / "b/runs" / folder.name / JOURNAL
    before = landed.read_bytes()
    with open(folder / JOURNAL, "ab") as journal:
        journal.write(b'{"type": "doubt", "text": "another"}\n')
    told = harness("runs", "import", str(folder), *there)
    assert told.exit_code == 2
    assert "Nothing was overwritten" in told.output
    assert landed.read_bytes() == before


def test_an_archive_lands_nowhere_but_in_its_run(tmp_path: Path) -> None:
    folder = keep(tmp_path / "a")
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as tar:
        for name in ("../out/journal.jsonl", "/etc/journal.jsonl", "x/../../journal.jsonl"):
            member = tarfile.TarInfo(name)
            member.size = 2
            tar.addfile(member, io.BytesIO(b"{}"))
        link = tarfile.TarInfo("run/journal.jsonl")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    told = harness("runs", "import", str(evil), "--reports", str(tmp_path / "b"))
    assert told.exit_code == 2
    assert sorted(p.name for p in tmp_path.rglob(JOURNAL)) == [JOURNAL]
    assert folder.exists()


def test_every_sample_is_a_row_of_the_csv(tmp_path: Path) -> None:
    folder = keep(tmp_path)
    told = harness(
        "runs", "export", "latest", str(tmp_path / "x.csv"), "--csv", "--reports", str(tmp_path)
    )
    assert told.exit_code == 0
    rows = list(csv.DictReader((tmp_path / "x.csv").read_text().splitlines()))
    run = read_run(folder)
    assert [float(row["value"]) for row in rows] == [v for m in run.measurements for v in m.samples]


def test_a_file_of_pytest_benchmark_becomes_a_run_once(tmp_path: Path) -> None:
    file, at = tmp_path / "bench.json", ("--reports", str(tmp_path))
    row = {"name": "test_add", "stats": {"data": [0.1, 0.2]}}
    head = {
        "datetime": "2026-11-01T10:00:00+00:00",
        "machine_info": {},
        "commit_info": {"id": "ab"},
    }
    file.write_text(json.dumps({**head, "benchmarks": [row]}))
    assert "taken in" in harness("runs", "import", str(file), *at).output
    assert "was there already" in harness("runs", "import", str(file), *at).output
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("20261101T100000Z-functions-pytest_benchmark-")
    (found,) = read_run(folder).measurements
    assert (found.metric, found.samples) == ("function.test_add", (0.1, 0.2))
    file.write_text(json.dumps({**head, "benchmarks": [{"name": "x", "stats": {}}]}))
    told = harness("runs", "import", str(file), *at)
    assert told.exit_code == 2
    assert "--benchmark-save-data" in told.output


def test_pruning_keeps_the_newest_and_what_has_a_name(tmp_path: Path) -> None:
    at = ("--reports", str(tmp_path))
    folders = [keep(tmp_path, mark=f"{n:04d}") for n in range(4)]
    harness("baseline", "set", "v1", folders[0].name, *at)
    asked = ("runs", "prune", "--keep", "1", *at)
    assert "would be removed" in harness(*asked).output
    assert all(folder.exists() for folder in folders)
    assert harness(*asked, "--yes").exit_code == 0
    assert [folder.exists() for folder in folders] == [True, False, False, True]
    assert harness("runs", "prune", *at).exit_code == 2


def test_what_is_shown_of_a_run_names_its_figures_and_decisions(tmp_path: Path) -> None:
    folder = keep(tmp_path, judged=True)
    told = harness("runs", "show", "latest", "--json", "--reports", str(tmp_path))
    said = json.loads(told.output)
    assert said["id"] == folder.name
    assert len(said["decisions"]) == 1
    text = harness("runs", "show", "latest", "--reports", str(tmp_path)).output
    assert "latency.inference" in text
    assert said["decisions"][0]["sentence"] in " ".join(text.split())


def test_the_class_of_a_machine_is_its_hardware_alone() -> None:
    run = sample_run()
    place = run.environment
    assert place is not None
    kernel = replace(place, comparable={**place.comparable, "kernel": "Linux 9"})
    other = replace(place, comparable={**place.comparable, "cpu": "another"})
    classes = [
        summarise(replace(run, environment=one), ()).machine for one in (place, kernel, other)
    ]
    assert classes[0] == classes[1] != classes[2]
