"""The picture of planted memory: what the kernel saw of it, and what a polling sampler."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from harness.judge.selfbench import plantings_of
from harness.records import Planting, Run
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    dots,
    legend,
    picture,
    unit_axis,
)
from harness.units import Unit, show

_LEGEND = (
    ("o", "sample", "kernel's peak of the stage"),
    ("o", "second", "RSS polled every 10 ms"),
    ("|", "muted", "what was planted"),
)


def planting_picture(run: Run) -> Picture | None:
    """Draw what was seen of each planted amount, as a share of it; None when none was planted."""
    found = plantings_of(run)
    if not found:
        return None
    return picture(lambda frame: _plantings(frame, found), planting_sentence(found))


def planting_sentence(found: Sequence[Planting]) -> str:
    """Say how often the kernel's figure was near enough, and how much polling missed at most."""
    within = sum(one.within for one in found)
    polled = min((one.polled or 0.0) / one.planted for one in found)
    return (
        f"In {within} of {len(found)} times the kernel's peak of the stage is within 1 % + 1 MB of "
        f"what was planted in it and freed again. Polling saw as little as "
        f"{show(polled, Unit.RATIO)} of it."
    )


def _plantings(frame: Frame, found: Sequence[Planting]) -> Figure:
    groups: dict[tuple[int, float], list[Planting]] = {}
    for one in sorted(found, key=lambda one: (one.planted, -one.held)):
        groups.setdefault((one.planted, one.held), []).append(one)
    figure, axes = canvas(frame, [_label(*g, ones) for g, ones in groups.items()], entries=3)
    shares = [s / one.planted for one in found for s in (one.kernel, one.polled or 0.0)]
    axes.set_xlim(0, 1.05 * max(1.0, *shares))
    for row, ones in enumerate(groups.values()):
        y = centre(frame, row)
        axes.plot([1, 1], [y - 0.3, y + 0.3], color=colour("muted"), linewidth=2, zorder=2)
        kernel = [one.kernel / one.planted for one in ones]
        polled = [(one.polled or 0.0) / one.planted for one in ones]
        dots(axes, kernel, [y - 0.13] * len(ones), size=6)
        dots(axes, polled, [y + 0.13] * len(ones), name="second", size=6)
    unit_axis(axes, Unit.RATIO, "seen, as a share of what was planted")
    legend(figure, frame, _LEGEND)
    return figure


def _label(planted: int, held: float, ones: Sequence[Planting]) -> Label:
    within = sum(one.within for one in ones)
    return Label(
        name=f"{show(planted, Unit.BYTES)}, {show(held, Unit.SECONDS)}",
        figure=f"{within} of {len(ones)} within",
    )
