"""Finished rows of the claims table: what the product's document says, and what was measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.claims import Claim
from harness.judge.claims import Judged, Word, judge_claims
from harness.records import Run
from harness.report.names import NONE, limit_text
from harness.units import show

METHOD = (
    "What the product's document says of itself, beside what this run measured. Claims gate "
    "nothing: the budgets and rules do. “About” is read as at most so much and the share that "
    "claims.yaml allows."
)
_STYLES = {
    Word.CONFIRMED: "pass",
    Word.REFUTED: "fail",
    Word.NOT_PROVEN: "not-proven",
    Word.NOT_MEASURABLE: "not-measured",
}


@dataclass(frozen=True, kw_only=True)
class ClaimRow:
    """One claim."""

    text: str
    read_as: str
    measured: str
    outcome: str
    style: str
    sentence: str


def claim_rows(run: Run) -> tuple[ClaimRow, ...]:
    """Return one row per claim, in the order written; () without any."""
    return tuple(_row(one) for one in judge_claims(run))


def claims_sentence(run: Run) -> str:
    """Count what was said of the claims; "" without any."""
    told = Counter(one.word for one in judge_claims(run))
    if not told:
        return ""
    parts = ", ".join(f"{told[word]} {word.lower()}" for word in Word if told[word])
    return f"Of {told.total()} claims of the document: {parts}."


def _row(one: Judged) -> ClaimRow:
    verdict = one.verdict
    shown = NONE
    if verdict is not None and verdict.value is not None:
        shown = show(verdict.value, verdict.budget.unit)
    return ClaimRow(
        text=one.claim.text,
        read_as=_read_as(one.claim),
        measured=shown,
        outcome=one.word,
        style=_STYLES[one.word],
        sentence=one.sentence,
    )


def _read_as(claim: Claim) -> str:
    if claim.test is not None:
        return f"{claim.test} passes" + (" and prints it" if claim.prints else "")
    limit = limit_text(claim.budget())
    return f"{limit} ({claim.at_most:g} {claim.unit} + {claim.allow:g} %)" if claim.allow else limit
