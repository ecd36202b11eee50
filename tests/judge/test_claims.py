"""Claims of a document beside what a run shows: by usual verdicts, or by what a test printed."""

from __future__ import annotations

from typing import Any

import pytest

from harness.claims import Claims
from harness.judge.claims import Word, judge_claims
from harness.records import Finding, Measurement, Run
from harness.report.claims_rows import claim_rows, claims_sentence
from harness.report.claims_table import claims_table
from harness.report.tables import WIDTH
from harness.units import GB, Unit
from tests.sample_run import empty_run, measurement

LOAD = {"text": "About 2 s", "metric": "latency.load_warm", "at_most": 2, "allow": 25}
TOTAL = {"text": "4.3 GB", "metric": "memory.peak", "at_most": 4.3, "unit": "GB"}
SHAPES = {"text": "Shapes", "test": "block", "prints": ["mel [1, 2]"]}


def run_of(*rows: dict[str, Any], taken: tuple[Measurement, ...] = (), **fields: Any) -> Run:
    given = {"starts": 3, "tests": ["product/block.py"], "timeout_s": 1, "rows": rows}
    stored = Claims.model_validate(given).model_dump(mode="json")
    return empty_run(facts={"claims": stored}, measurements=taken, **fields)


def each(metric: str, value: float, unit: Unit = Unit.SECONDS, processes: int = 3) -> Any:
    return tuple(measurement(metric, [value], n, unit=unit) for n in range(processes))


def block(*, holds: bool = True, checked: bool = True, output: str = "") -> Finding:
    return Finding(
        rule="block",
        title="It passes.",
        holds=holds,
        checked=checked,
        detail="" if holds else "ended with status 1: AssertionError",
        area="product",
        facts={"output": output},
    )


@pytest.mark.parametrize(
    ("seconds", "processes", "word"),
    [
        pytest.param(2.4, 3, Word.CONFIRMED, id="within what about leaves open"),
        pytest.param(2.6, 3, Word.REFUTED, id="beyond it"),
        pytest.param(2.4, 2, Word.NOT_PROVEN, id="a maximum needs three processes"),
        pytest.param(2.4, 0, Word.NOT_MEASURABLE, id="nothing measured is no confirmation"),
    ],
)
def test_about_two_seconds_is_at_most_two_and_a_quarter_more(
    seconds: float, processes: int, word: Word
) -> None:
    taken = each("latency.load_warm", seconds, processes=processes)
    assert [one.word for one in judge_claims(run_of(LOAD, taken=taken))] == [word]


@pytest.mark.parametrize(
    ("size", "word", "depends"),
    [(4.2, "CONFIRMED", False), (4.5, "REFUTED", True), (4.7, "REFUTED", False)],
)
def test_a_word_that_depends_on_gb_or_gib_says_so(size: float, word: str, depends: bool) -> None:
    (one,) = judge_claims(run_of(TOTAL, taken=each("memory.peak", size * GB, Unit.BYTES)))
    assert one.word == word
    assert ("Were GiB meant, it would be: CONFIRMED." in one.sentence) == depends


@pytest.mark.parametrize(
    ("found", "word", "said"),
    [
        pytest.param((block(output="x\nmel [1, 2]\n"),), "CONFIRMED", "printed: mel", id="printed"),
        pytest.param((block(output="mel [1, 3]"),), "REFUTED", "did not print", id="another shape"),
        pytest.param((block(holds=False),), "REFUTED", "AssertionError", id="the test failed"),
        pytest.param((block(checked=False),), "NOT MEASURABLE", "", id="the test is absent"),
        pytest.param((), "NOT MEASURABLE", "not run", id="no test was run"),
    ],
)
def test_a_claim_without_a_number_is_what_a_test_prints(
    found: tuple[Finding, ...], word: str, said: str
) -> None:
    (one,) = judge_claims(run_of(SHAPES, findings=found))
    assert one.word == word
    assert said in one.sentence


def test_the_table_has_a_row_for_each_and_fits() -> None:
    run = run_of(LOAD, TOTAL, SHAPES, taken=each("latency.load_warm", 9.0))
    assert [row.outcome for row in claim_rows(run)] == ["REFUTED", *["NOT MEASURABLE"] * 2]
    assert claims_sentence(run) == "Of 3 claims of the document: 1 refuted, 2 not measurable."
    assert max(map(len, claims_table(run).splitlines())) <= WIDTH
    assert claims_table(empty_run()) == ""
