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
from harness.report.operator_rows import BETWEEN, operator_sentence
from harness.units import Unit, show

BARS = 8  # operators that have a bar of their own
OTHERS = "other operators"


def operator_picture(run: Run) -> Picture | None:
    """Draw the operators of one inference; None without a profile."""
    session = inference_of(run)
    if session is None or not session.kernels > 0:
        return None
    return picture(lambda frame: _bars(frame, session), operator_sentence(run))


def _bars(frame: Frame, session: Session) -> Figure:
    parts = _parts(session)
    labels = [_label(name, seconds, session) for name, seconds in parts.items()]
    figure, axes = canvas(frame, labels)
    for row, (name, seconds) in enumerate(parts.items()):
        shade = colour("rest" if name in (OTHERS, BETWEEN) else "sample")
        y = centre(frame, row)
        axes.barh(y, seconds, height=0.44, color=shade, alpha=0.85, zorder=3)
    axes.set_xlim(0, max(parts.values()) * 1.02)
    axes.locator_params(axis="x", nbins=4 if frame.above else 8)
    unit_axis(axes, Unit.SECONDS, "mean time in one inference, with the profile on")
    return figure


def _parts(session: Session) -> dict[str, float]:
    """The seconds of each bar; together they are the whole inference."""
    own, others = session.operators[:BARS], session.operators[BARS:]
    rest = {OTHERS: _seconds(others)} if others else {}
    between = session.whole - session.kernels
    return {**{node.op: node.seconds for node in own}, **rest, BETWEEN: between}


def _seconds(nodes: tuple[Node, ...]) -> float:
    return sum(node.seconds for node in nodes)


def _label(name: str, seconds: float, session: Session) -> Label:
    share = show(seconds / session.whole, Unit.RATIO)
    return Label(
        name=name,
        figure=f"{show(seconds, Unit.SECONDS)}  {share}",
        part=name in (OTHERS, BETWEEN),
    )
