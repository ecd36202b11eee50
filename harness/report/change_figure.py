"""The picture of two runs: every time and memory as a ratio against 1 and the margin."""

from __future__ import annotations

from harness.judge.compare import MARGIN, Comparison
from harness.report.change_rows import GROUPS, change_title
from harness.report.drawing import Picture
from harness.report.names import WORD_STYLES
from harness.report.ratio_figure import Ratio, ratio_picture

ROWS = 40  # that a picture has room for
_LEGEND = (("D", "sample", "new / old, 95 % interval"),)


def change_picture(found: Comparison) -> Picture | None:
    """Draw the ratio of every time and memory that has one, those that moved first if too many."""
    have = [c for c in found.changes if c.metric.startswith(tuple(GROUPS)) and c.interval]
    with_ratio = [(c, c.ratio) for c in have if c.ratio is not None]
    kept = sorted(with_ratio, key=lambda pair: WORD_STYLES[pair[0].word] == "none")[:ROWS]
    shown = [pair for pair in with_ratio if pair in kept]
    left = len(with_ratio) - len(shown)
    sentence = (
        f"Right of the band the new run takes more, left of it less; within {MARGIN:.0%} of 1 "
        "nothing is called a difference, nor where the bar reaches into the band. An arrow points "
        "to what lies outside."
    )
    rows = [
        Ratio(title=change_title(c.metric), ratio=ratio, interval=c.interval, word=c.word)
        for c, ratio in shown
    ]
    return ratio_picture(
        rows,
        margin=MARGIN,
        axis="new against old",
        entries=_LEGEND,
        sentence=sentence + (f" {left} more stand in the table alone." if left else ""),
    )
