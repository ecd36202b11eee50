"""The picture of an A/B run: ratios with their intervals, the margin, and the A/A control."""

from __future__ import annotations

from harness.judge.arms import Sides
from harness.report.drawing import Picture
from harness.report.names import title
from harness.report.ratio_figure import Ratio, ratio_picture

_LEGEND = (("D", "sample", "b / a, 95 % interval"), ("|", "rest", "a again / a"))


def ab_picture(sides: Sides) -> Picture | None:
    """Draw the ratio of every metric that has one; None without any."""
    shown = [d for d in sides.differences if d.ratio is not None]
    sentence = (
        "Right of the band b takes more, left of it less; within it nothing is called a "
        "difference. The grey bars are a against itself, in the same rounds. An arrow points to "
        "what lies outside."
    )
    rows = [
        Ratio(
            title=title(d.metric),
            ratio=d.ratio,
            interval=d.interval,
            control=d.control,
            word=d.word,
        )
        for d in shown
        if d.ratio is not None
    ]
    margin = shown[0].margin if shown else 0.0
    return ratio_picture(
        rows, margin=margin, axis="b against a", entries=_LEGEND, sentence=sentence
    )
