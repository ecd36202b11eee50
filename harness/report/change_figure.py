"""The picture of two runs: every time and memory as a ratio against 1 and the margin."""

from __future__ import annotations

from harness.judge.change import Change
from harness.judge.compare import MARGIN, Comparison
from harness.report.change_rows import GROUPS, INNER, change_title
from harness.report.drawing import Picture
from harness.report.names import WORD_STYLES
from harness.report.ratio_figure import Ratio, ratio_picture

ROWS = 30  # that a picture has room for
_LEGEND = (("D", "sample", "new / old, 95 % interval"),)


def change_picture(found: Comparison) -> Picture | None:
    """Draw the ratio of every time and memory that has one, those that moved first if too many."""
    have = [(c, c.ratio) for c in found.changes if c.ratio is not None]
    have = [pair for pair in have if pair[0].metric.startswith(tuple(GROUPS))]
    shown = sorted(
        (p for p in have if _moved(p[0]) or not p[0].metric.startswith(INNER)),
        key=lambda pair: not _moved(pair[0]),
    )[:ROWS]
    left = len(have) - len(shown)
    sentence = (
        "Right of the band the new run takes more, left of it less; nothing is called a "
        f"difference within {100 * MARGIN:g} % of 1, nor where the bar reaches into the band. An "
        "arrow points to what lies outside."
    )
    rows = [
        Ratio(title=change_title(c.metric), ratio=ratio, interval=c.interval, word=c.word)
        for c, ratio in shown
        if ratio is not None
    ]
    return ratio_picture(
        rows,
        margin=MARGIN,
        axis="new against old",
        entries=_LEGEND,
        sentence=sentence + (f" {left} more stand in the tables alone." if left else ""),
    )


def _moved(change: Change) -> bool:
    return WORD_STYLES[change.word] != "none"
