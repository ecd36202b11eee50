"""What the view decides: the same transcripts scored in every view, beside the gated one.

A rate that hangs on how a text is read is not about the speech alone. The gap of `strict` is what
digits cost that were written where words were said, that of `lenient` also what accents save, and
those of `cased` and `punctuated` what capitals and marks cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.accuracy.text import GATED, View
from harness.accuracy.wer import Counts
from harness.judge.scores import score_set
from harness.records import Run


@dataclass(frozen=True, kw_only=True)
class ViewScore:
    """One set in one view."""

    view: View
    counts: Counts
    gap: float | None  # its word error rate less that of the gated view; None without a rate


def view_gap(run: Run, name: str, *, greedy: bool = False) -> tuple[ViewScore, ...]:
    """Score one set of a run in every view, the gated one first; none where it was not heard."""

    def total(view: View) -> Counts | None:
        score = score_set(run, name, greedy=greedy, view=view)
        return score.total if score else None

    return gaps(total)


def gaps(total: Callable[[View], Counts | None]) -> tuple[ViewScore, ...]:
    """Compare the counts of every view with those of the gated view; none where it has none."""
    gated = total(GATED)
    if gated is None:
        return ()
    found = [ViewScore(view=GATED, counts=gated, gap=_gap(gated, gated))]
    for view in View:
        counts = total(view) if view is not GATED else None
        if counts is not None:
            found.append(ViewScore(view=view, counts=counts, gap=_gap(counts, gated)))
    return tuple(found)


def _gap(counts: Counts, gated: Counts) -> float | None:
    if counts.rate is None or gated.rate is None:
        return None
    return counts.rate - gated.rate
