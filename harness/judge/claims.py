"""What a run shows about each claim of the product's document. Claims gate nothing.

    CONFIRMED        the measured value keeps what the claim says, or the test passes and prints it
    REFUTED          it does not
    NOT PROVEN       the interval holds the limit
    NOT MEASURABLE   nothing in this run supplies it

A claim in GB may mean GiB: where that changes what is said of it, the sentence says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.claims import Claim, Claims
from harness.judge.verdicts import judge
from harness.records import Finding, Outcome, Run, Verdict
from harness.units import GB, GIB

PRODUCT = "product"  # area of the findings of the product's own tests


class Word(StrEnum):
    """What can be said of a claim."""

    CONFIRMED = "CONFIRMED"
    REFUTED = "REFUTED"
    NOT_PROVEN = "NOT PROVEN"
    NOT_MEASURABLE = "NOT MEASURABLE"


_WORDS = {
    Outcome.PASS: Word.CONFIRMED,
    Outcome.FAIL: Word.REFUTED,
    Outcome.INFEASIBLE: Word.REFUTED,
    Outcome.NOT_MEASURED: Word.NOT_MEASURABLE,
}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One claim beside what was measured."""

    claim: Claim
    word: Word
    verdict: Verdict | None  # of a claim on a metric
    sentence: str


def judge_claims(run: Run) -> tuple[Judged, ...]:
    """Judge every claim that was stored with the run, in the order written; () without any."""
    stored = run.facts.get("claims")
    if stored is None:
        return ()
    return tuple(
        _of_metric(claim, run) if claim.metric else _of_test(claim, run)
        for claim in Claims.model_validate(stored).rows
    )


def _of_metric(claim: Claim, run: Run) -> Judged:
    verdict = judge(claim.budget(), run)
    word = _WORDS.get(verdict.outcome, Word.NOT_PROVEN)
    sentence = verdict.sentence
    if word is Word.NOT_MEASURABLE:
        sentence = f"Nothing in this run supplies {claim.metric}."
    elif claim.unit == "GB":
        other = judge(claim.budget(times=GIB / GB), run).outcome
        if other is not verdict.outcome:
            sentence += f" Were GiB meant, it would be: {_WORDS.get(other, Word.NOT_PROVEN)}."
    return Judged(claim=claim, word=word, verdict=verdict, sentence=sentence)


def _of_test(claim: Claim, run: Run) -> Judged:
    found = [f for f in run.findings if f.area == PRODUCT and f.rule == claim.test]
    word, sentence = _seen(claim, found[-1]) if found else (Word.NOT_MEASURABLE, "It was not run.")
    return Judged(claim=claim, word=word, verdict=None, sentence=sentence)


def _seen(claim: Claim, found: Finding) -> tuple[Word, str]:
    if not found.checked:
        return Word.NOT_MEASURABLE, found.detail
    if not found.holds:
        return Word.REFUTED, f"{claim.test} {found.detail}"
    lacking = [text for text in claim.prints if text not in found.facts["output"]]
    if lacking:
        return Word.REFUTED, f"{claim.test} passed and did not print: {'; '.join(lacking)}."
    printed = f" and printed: {'; '.join(claim.prints)}" if claim.prints else ""
    return Word.CONFIRMED, f"{claim.test} passed{printed}."
