"""The closing table and the table of a comparison, as plain text."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from harness.judge.compare import compare
from harness.judge.verdicts import judge_all
from harness.report.tables import WIDTH
from harness.report.terminal import closing_table, comparison_table
from tests.sample_run import budgets, empty_run, environment, interrupted, sample_run

ESCAPE = "\x1b"


def line_of(text: str, start: str) -> str:
    return next(" ".join(line.split()) for line in text.splitlines() if line.startswith(start))


def test_the_closing_table_holds_every_stage_with_its_verdict() -> None:
    run = sample_run()
    text = closing_table(run, judge_all(budgets(), run), page="reports/x/page.html")
    assert text.startswith("MISSED  bench of reference: 1 of 12 budgets missed")
    assert line_of(text, "End to end") == (
        "End to end 33.8 ms 36.4 ms ≤ 39.2 ms 39.2 ms p95 ≤ 60 ms PASS"
    )
    assert line_of(text, "  Post-processing").endswith("p95 ≤ 15 ms FAIL")
    assert line_of(text, "Whole process") == "Whole process, peak 3 217 MB 220 MB max ≤ 250 MB PASS"
    assert line_of(text, "es_synthetic") == (
        "es_synthetic 60 decoded 1.88 % 0.50 % – 7.05 % WER ≤ 3.00 % NOT PROVEN"
    )
    assert "greedy     4.69 %" in text
    assert line_of(text, "Speech quality").endswith("NOT MEASURED")
    assert text.endswith("Page: reports/x/page.html\n")


def test_every_doubt_and_every_miss_stands_below_the_table_as_a_sentence() -> None:
    run = sample_run()
    text = closing_table(run, judge_all(budgets(), run))
    starts = [line.split("  ")[0] for line in text.splitlines() if "  " in line.strip()]
    for word in ("FAIL", "BROKEN", "WAIVED", "NOT PROVEN", "NOT MEASURED", "DOUBT"):
        assert word in starts


def test_a_log_gets_at_most_a_hundred_columns_and_no_colours() -> None:
    run = sample_run()
    verdicts = judge_all(budgets(), run)
    plain = closing_table(run, verdicts, page="p") + comparison_table(compare(run, run))
    assert max(len(line) for line in plain.splitlines()) <= WIDTH
    assert ESCAPE not in plain
    assert ESCAPE in closing_table(run, verdicts, colour=True)


def test_an_interrupted_run_and_an_empty_one_are_told_as_such() -> None:
    assert closing_table(interrupted(empty_run()), ()).startswith("INCOMPLETE")
    assert closing_table(empty_run(), ()) == (
        "NOT PROVEN  bench of reference: Nothing was judged.\n"
    )


def test_a_comparison_shows_size_interval_and_word() -> None:
    text = comparison_table(compare(sample_run(), sample_run(slower=1.25)))
    assert line_of(text, "end_to_end") == (
        "end_to_end 33.9 ms 42.3 ms +25.00 % +21.85 % … +28.23 % slower"
    )
    assert line_of(text, "peak").endswith("no difference shown")
    assert "Understanding" in text
    assert "not interleaved" in text


def test_a_comparison_of_unlike_runs_names_what_differs() -> None:
    place = environment()
    other = replace(place, comparable={**place.comparable, "cpu": "another"})
    text = comparison_table(compare(empty_run(), empty_run(environment=other), anyway=True))
    assert "UNLIKE cpu: 'Intel(R) Xeon(R) Processor @ 2.80GHz' then 'another'." in text


def test_importing_the_terminal_does_not_import_what_only_drawing_needs() -> None:
    code = "import sys, harness.report.terminal; print({'rich', 'matplotlib'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
