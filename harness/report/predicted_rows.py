"""Finished rows of predicted MOS: the voice and every anchor beside it, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.predicted import Seen, predictions
from harness.records import Run
from harness.report import names
from harness.units import Unit, show

METHOD = (
    "Predicted by models of listeners, pinned by digest; not a listening test, and never held "
    "against the MOS budget. A voice stands beside anchors that the same models scored in the same "
    "run: natural or source recordings, and the first of them degraded on purpose. Intervals are "
    "Student's, over sentences."
)
VOICE = "this voice"


@dataclass(frozen=True, kw_only=True)
class PredictedRow:
    """One score of the voice, or of one anchor."""

    score: str  # "dnsmos_ovrl"
    of: str  # "this voice", or the anchor's name
    anchor: bool
    many: str
    mean: str
    interval: str


def predicted_rows(run: Run) -> tuple[PredictedRow, ...]:
    """Return for each score the voice and then its anchors; () for a run without anchors."""
    found = []
    for one in predictions(run):
        found.append(_row(one.name, VOICE, one.voice, anchor=False))
        found += [_row(one.name, of, seen, anchor=True) for of, seen in one.anchors.items()]
    return tuple(found)


def _row(score: str, of: str, seen: Seen, *, anchor: bool) -> PredictedRow:
    return PredictedRow(
        score=score,
        of=of,
        anchor=anchor,
        many=show(seen.many, Unit.COUNT),
        mean=show(seen.mean, Unit.SCORE),
        interval=names.interval_text(seen.interval, Unit.SCORE),
    )
