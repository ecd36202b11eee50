"""What CI is told: XML that parses, commands that nobody can forge, Markdown that fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.judge.verdicts import judge_all
from harness.records import Finding, Outcome, Run, Verdict
from harness.report.for_ci import LONGEST, junit, markdown, workflow_commands
from harness.report.repeating import repeat_command
from tests.sample_run import budgets, sample_run
from tests.test_runs_verb import keep

HOSTILE = "a|b <script>x</script> ]]> \x00\x1b[31m\n::error::forged % `c` \ufffe"


@pytest.fixture(scope="module")
def run() -> Run:
    return sample_run()


@pytest.fixture(scope="module")
def verdicts(run: Run) -> tuple[Verdict, ...]:
    return judge_all(budgets(), run)


def hostile(run: Run) -> Run:
    broken = Finding(rule="r", title=HOSTILE, holds=False, detail=HOSTILE)
    return replace(run, findings=(broken,), doubts=(HOSTILE,), bundle=HOSTILE)


def test_every_budget_and_rule_is_a_case_and_only_a_pass_is_one(
    run: Run, verdicts: tuple[Verdict, ...]
) -> None:
    suite = ET.fromstring(junit(run, verdicts))
    cases = suite.findall("testcase")
    assert len(cases) == len(verdicts) + len(run.findings) == int(suite.get("tests", ""))
    for case, verdict in zip(cases, verdicts, strict=False):
        kinds = [child.tag for child in case]
        missed = verdict.outcome in (Outcome.FAIL, Outcome.INFEASIBLE)
        assert (kinds == []) is (verdict.outcome is Outcome.PASS)
        assert (kinds == ["failure"]) is missed
    broken = sum(not finding.holds for finding in run.findings)
    failed = sum(v.outcome in (Outcome.FAIL, Outcome.INFEASIBLE) for v in verdicts)
    assert int(suite.get("failures", "")) == broken + failed > 0


def test_an_interrupted_run_is_an_error(run: Run, verdicts: tuple[Verdict, ...]) -> None:
    suite = ET.fromstring(junit(replace(run, complete=False), verdicts))
    assert suite.get("errors") == "1"


def test_hostile_text_is_still_xml(run: Run, verdicts: tuple[Verdict, ...]) -> None:
    suite = ET.fromstring(junit(hostile(run), verdicts))
    (case,) = [case for case in suite if case.get("name") == "r"]
    assert "<script>x</script>" in (case[0].get("message") or "")


def test_no_text_forges_a_command(run: Run, verdicts: tuple[Verdict, ...]) -> None:
    lines = workflow_commands(hostile(run), verdicts).splitlines()
    assert all(line.startswith(("::error title=", "::warning title=")) for line in lines)
    failed = sum(v.outcome in (Outcome.FAIL, Outcome.INFEASIBLE) for v in verdicts)
    assert sum(line.startswith("::error") for line in lines) == failed + 1
    assert "::error::forged" not in [line[:15] for line in lines]


def test_markdown_says_what_failed_first_and_how_to_repeat_it(
    run: Run, verdicts: tuple[Verdict, ...]
) -> None:
    text = markdown(run, verdicts, page="reports/runs/x/page.html")
    failed = next(v for v in verdicts if v.outcome is Outcome.FAIL)
    assert text.index(failed.budget.title) < text.index("| Budget |")
    assert f"again: `{repeat_command(run, failed.budget)}`" in text
    assert "<script>" not in markdown(hostile(run), verdicts)


def test_markdown_fits_a_comment(run: Run, verdicts: tuple[Verdict, ...]) -> None:
    text = markdown(replace(run, doubts=("wörd " * 50,) * 5000), verdicts)
    assert len(text) < 65_536
    assert LONGEST < 65_536
    assert text.endswith("Cut here: the page has the rest.\n")


def test_a_report_writes_what_is_asked_for(tmp_path: Path) -> None:
    folder = keep(tmp_path)
    xml, summary = tmp_path / "j.xml", tmp_path / "s.md"
    summary.write_text("before\n")
    words = ["report", folder.name, "--reports", str(tmp_path), "--junit", str(xml), "--annotate"]
    told = CliRunner().invoke(main, [*words, "--markdown", str(summary)])
    assert told.exit_code == 0, told.output
    assert ET.parse(xml).getroot().tag == "testsuite"
    assert summary.read_text().startswith("before\n## ")
    assert "::" in told.stderr
    assert CliRunner().invoke(main, [*words, "--markdown", str(tmp_path)]).exit_code == 2
