"""`harness compare` in its forms and `harness comment`: what a person and CI are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.judge.likeness import budget_facts
from harness.judge.summary import summarise
from harness.judge.verdicts import judge_all
from harness.report.for_ci import LONGEST
from harness.store import JOURNAL, RunWriter, read_run
from harness.summaries import keep_summary
from tests.sample_run import budgets, sample_run

METRICS = ("latency.inference", "latency.end_to_end", "memory.peak")


def keep(reports: Path, *, slower: float = 1.0, bundle: str = "reference", cpu: str = "") -> Path:
    """Write a run as the harness does, without its page, and return its folder."""
    run = sample_run(slower=slower)
    place = run.environment
    assert place is not None
    if cpu:
        place = type(place)(
            comparable={**place.comparable, "cpu": cpu}, identity=place.identity, noise={}
        )
    with RunWriter(reports / "runs", verb="bench", bundle=bundle, config="gone.yaml") as writer:
        writer.write(place)
        writer.fact("budgets", budget_facts(budgets()))
        timed = [m for m in run.measurements if m.metric in METRICS]
        for measurement in timed:
            writer.write(measurement)
        for transcript in run.transcripts[:25]:
            writer.write(transcript)
        writer.seal()
    stored = read_run(writer.folder)
    keep_summary(writer.folder, summarise(stored, judge_all(budgets(), stored)))
    return writer.folder


def renamed(folder: Path, started: str) -> Path:
    """Give a run the id that it would have had at another time."""
    name = f"{started}-{folder.name.partition('-')[2]}"
    journal = folder / JOURNAL
    journal.write_text(journal.read_text("utf-8").replace(folder.name, name), "utf-8")
    (folder / "summary.json").unlink()
    return folder.rename(folder.parent / name)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: one, one that is slower, one on another CPU."""
    folder = tmp_path_factory.mktemp("compare")
    renamed(keep(folder), "20260101T000000Z")
    renamed(keep(folder, slower=1.25), "20260102T000000Z")
    renamed(keep(folder, cpu="another"), "20260103T000000Z")
    return folder


def harness(reports: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--reports", str(reports)])


def test_the_page_and_the_markdown_are_written_where_asked(reports: Path, tmp_path: Path) -> None:
    page, text = tmp_path / "c.html", tmp_path / "c.md"
    text.write_text("before\n")
    told = harness(
        *(reports, "compare", "20260101", "20260102", "--page"),
        *("--html", str(page), "--markdown", str(text)),
    )
    assert told.exit_code == 0, told.output
    assert "slower" in told.stdout
    assert text.read_text("utf-8").startswith("before\n## WORSE")
    (beside,) = reports.glob("runs/20260102*/compare-20260101*.html")
    assert beside.read_bytes() == page.read_bytes()
    assert "Inference" in page.read_text("utf-8")
    printed = harness(reports, "compare", "20260101", "20260102", "--markdown", "-")
    assert printed.stdout.startswith("## WORSE")
    assert harness(reports, "compare", "20260101", "20260102", "--html", str(tmp_path)).exit_code
    both = ("--markdown", "-", "--json")
    assert harness(reports, "compare", "20260101", "20260102", *both).exit_code == 2


def test_unlike_runs_are_refused_and_nothing_is_written(reports: Path, tmp_path: Path) -> None:
    page = tmp_path / "c.html"
    words = ("compare", "20260102", "20260103", "--html", str(page))
    told = harness(reports, *words)
    assert told.exit_code == 2
    assert "cpu: 'Intel" in told.stderr
    assert not page.exists()
    told = harness(reports, *words, "--json", "--anyway")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["unlike"][0].startswith("cpu:")
    assert "UNLIKE RUNS." in page.read_text("utf-8")


def test_a_comment_finds_its_baseline_and_says_what_changed(reports: Path, tmp_path: Path) -> None:
    file = tmp_path / "comment.md"
    told = harness(reports, "comment", "20260102", "--output", str(file))
    assert told.exit_code == 0, told.output
    text = file.read_text("utf-8")
    assert text.startswith("<!-- harness bench reference -->\n## MISSED: bench of reference")
    assert "again: `harness bench --config gone.yaml -k latency." in text
    assert "newest earlier one that is: 20260101T" in text
    assert "| 🔺 | Inference |" in text
    assert len(text) <= LONGEST
    again = harness(reports, "comment", "20260102", "--against", "20260101").stdout
    assert "| 🔺 | Inference |" in again


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("20260101",), "the budgets alone decide."),
        (("20260103",), "No earlier run of this bundle, verb, setting and machine class"),
        (("20260103", "--against", "20260102"), "It is not compared: "),
        (("20260102", "--against", "v9"), "No baseline: "),
    ],
)
def test_for_want_of_a_baseline_nothing_fails(
    reports: Path, words: tuple[str, ...], why: str
) -> None:
    told = harness(reports, "comment", *words)
    assert told.exit_code == 0, told.output
    assert why in told.stdout
    assert "| Budget | Limit |" in told.stdout
    assert "🔺" not in told.stdout


def test_a_named_baseline_that_is_damaged_is_said(reports: Path) -> None:
    (folder,) = reports.glob("runs/20260101*")
    journal = folder / JOURNAL
    kept = journal.read_bytes()
    try:
        journal.write_bytes(kept[:200] + b"\n{}\n" + kept)
        told = harness(reports, "comment", "20260102", "--against", "20260101")
    finally:
        journal.write_bytes(kept)
    assert told.exit_code == 0
    assert f"{JOURNAL}:" in told.stdout
    assert "The budgets alone decide." in told.stdout


def test_a_comment_is_about_a_gate(reports: Path, tmp_path: Path) -> None:
    with RunWriter(tmp_path / "runs", verb="tune", bundle="b", config="c") as writer:
        writer.seal()
    told = harness(tmp_path, "comment", "latest")
    assert told.exit_code == 2
    assert "expected a run of bench or validate" in told.output
    assert harness(reports, "comment", "nothing").exit_code == 2
