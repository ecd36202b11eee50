"""Finished rows about the views: one set read in every way, and how far from the gated one."""

from __future__ import annotations

from dataclasses import dataclass

from harness.accuracy.text import GATED, View
from harness.judge.scores import sets_of
from harness.judge.views import ViewScore, view_gap
from harness.records import Run
from harness.report.names import NONE
from harness.units import Unit, show

READS = {
    View.NUMBERS: "numbers: digits in words, no case, no marks",
    View.STRICT: "strict: digits as written",
    View.LENIENT: "lenient: digits as written, accents folded, ñ kept",
    View.CASED: "cased: numbers with capitals kept",
    View.PUNCTUATED: "punctuated: numbers with each mark a word",
}


@dataclass(frozen=True, kw_only=True)
class ViewRow:
    """One reference set in every view."""

    set: str
    words: str  # of the references, in the gated view
    gated: str  # its word error rate there
    others: tuple[str, ...]  # that of each other view, and its distance in percentage points


@dataclass(frozen=True, kw_only=True)
class ViewTable:
    """Every set that was transcribed."""

    heads: tuple[str, ...]  # the gated view, then the others
    rows: tuple[ViewRow, ...]
    reads: str  # what each view does to a text


def view_table(run: Run) -> ViewTable | None:
    """Return a row per set that was transcribed; None where none was."""
    rows = tuple(_row(name, view_gap(run, name)) for name in sets_of(run))
    if not rows:
        return None
    others = tuple(view.value for view in View if view is not GATED)
    return ViewTable(
        heads=(f"{GATED.value} (gated)", *others), rows=rows, reads="; ".join(READS.values())
    )


def _row(name: str, scores: tuple[ViewScore, ...]) -> ViewRow:
    gated, *others = scores
    return ViewRow(
        set=name,
        words=show(gated.counts.length, Unit.COUNT),
        gated=_rate(gated),
        others=tuple(f"{_rate(one)}{_points(one)}" for one in others),
    )


def _rate(score: ViewScore) -> str:
    return NONE if score.counts.rate is None else show(score.counts.rate, Unit.RATIO)


def _points(score: ViewScore) -> str:
    if score.gap is None:
        return ""
    return f" ({'+' if score.gap > 0 else ''}{show(score.gap, Unit.RATIO).removesuffix(' %')})"
