"""The picture of an inference: the time of each operator, the costliest on top."""

from __future__ import annotations

from matplotlib.figure import Figure

from harness.judge.operators import Node, Session, inference_of
from harness.records import Run
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    picture,
    unit_axis,
)
from harness.report.operator_rows import BETWEEN, OTHERS, operator_sentence, parts_of
from harness.units import Unit, show

BARS = 8  # operators that have a bar of their own
LONGEST = 18  # letters of an operator's name, mostly wide ones, that fit beside a bar


def operator_picture(run: Run) -> Picture | None:
    """Draw the operators of one inference; None without a profile."""
    session = inference_of(run)
    if session is None or not session.kernels > 0:
        return None
    return picture(lambda frame: _bars(frame, session), operator_sentence(run))


def _bars(frame: Frame, session: Session) -> Figure:
    parts = parts_of(session, BARS)
    figure, axes = canvas(frame, [_label(part, session) for part in parts])
    for row, part in enumerate(parts):
        shade = colour("rest" if part.op in (OTHERS, BETWEEN) else "sample")
        y = centre(frame, row)
        axes.barh(y, part.seconds, height=0.44, color=shade, alpha=0.85, zorder=3)
    axes.set_xlim(0, max(part.seconds for part in parts) * 1.02)
    axes.locator_params(axis="x", nbins=4 if frame.above else 8)
    unit_axis(axes, Unit.SECONDS, "time in one inference, with the profile on")
    return figure


def _label(part: Node, session: Session) -> Label:
    share = show(part.seconds / session.whole, Unit.RATIO)
    return Label(
        name=part.op if len(part.op) <= LONGEST else f"{part.op[: LONGEST - 1]}…",
        figure=f"{show(part.seconds, Unit.SECONDS)} · {share}",
        part=part.op in (OTHERS, BETWEEN),
    )
