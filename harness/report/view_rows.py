"""Finished rows about the views: one set read in every way, and how far from the gated one."""

from __future__ import annotations

from dataclasses import dataclass

from harness.accuracy.text import GATED, View
from harness.judge.scores import sets_of
from harness.judge.views import ViewScore, view_gap
from harness.records import Run
from harness.report.names import NONE
from harness.units import Unit, show

_READS = {
    View.NUMBERS: "numbers in words, no case, no marks",
    View.STRICT: "digits as written",
    View.LENIENT: "digits as written, accents folded, ñ kept",
    View.CASED: "numbers, capitals kept",
    View.PUNCTUATED: "numbers, each mark a word",
}


@dataclass(frozen=True, kw_only=True)
class ViewRow:
    """One view of one reference set."""

    set: str
    view: str  # its name; the gated one is marked
    reads: str  # what it does to a text
    words: str  # of the references, in this view
    errors: str
    rate: str
    gap: str  # in percentage points from the gated view, with its sign


def view_rows(run: Run) -> tuple[ViewRow, ...]:
    """Return a row per view of each set that was transcribed, the gated view first."""
    return tuple(_row(name, score) for name in sets_of(run) for score in view_gap(run, name))


def _row(name: str, score: ViewScore) -> ViewRow:
    counts = score.counts
    gated = score.view is GATED
    return ViewRow(
        set=name,
        view=f"{score.view.value} (gated)" if gated else score.view.value,
        reads=_READS[score.view],
        words=show(counts.length, Unit.COUNT),
        errors=show(counts.errors, Unit.COUNT),
        rate=NONE if counts.rate is None else show(counts.rate, Unit.RATIO),
        gap=NONE if gated or score.gap is None else _points(score.gap),
    )


def _points(gap: float) -> str:
    return f"{'+' if gap > 0 else ''}{show(gap, Unit.RATIO).removesuffix(' %')} pp"
