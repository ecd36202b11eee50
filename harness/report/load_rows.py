"""Finished rows of a load: each shape, and the server at each rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.judge.percentiles import runs_needed
from harness.judge.serving import limit_of, serving
from harness.judge.shapes import P99_FROM, Shape, shapes_of
from harness.records import Run
from harness.report.names import NONE, interval_text
from harness.units import Unit, show

_NAMES = {"single_stream": "Single-stream", "offline": "Offline", "server": "Server"}


@dataclass(frozen=True, kw_only=True)
class LoadRow:
    """One shape."""

    title: str  # "Server, 23.4 /s"
    requests: str  # answered: "240"; "151 of 240" where trials ended early
    throughput: str
    rtf: str
    p50: str
    p95: str
    bound: str
    p99: str
    utilisation: str
    kept: str  # of the server: KEPT | BROKEN | NOT PROVEN; "" elsewhere
    style: str


def load_rows(run: Run) -> tuple[LoadRow, ...]:
    """Return one row per shape and rate; () without a load."""
    return tuple(_row(shape, limit_of(run)) for shape in shapes_of(run))


def load_sentence(run: Run) -> str:
    """Say in one or two sentences what the load showed."""
    shapes = shapes_of(run)
    offline = [shape for shape in shapes if shape.name == "offline"]
    parts = []
    if offline:
        best = max(offline, key=lambda shape: shape.throughput)
        rate = show(best.throughput, Unit.RATE)
        parts.append(f"Offline it answers {rate}, with {best.workers} in flight.")
    found, limit = serving(run), limit_of(run)
    if found is not None and limit is not None:
        text = f"p95 within {show(limit, Unit.SECONDS)}, counted from the arrival"
        spread = interval_text(found.interval, Unit.RATE)
        rate = show(found.rate, Unit.RATE)
        kept = f"it keeps up with {rate}" if found.rate else "no rate tried is kept"
        parts.append(f"Of random arrivals {kept} ({text}; 95 % interval {spread}).")
    return " ".join(parts) or "Requests were sent one after the other alone."


def load_method(run: Run) -> str:
    """Say what the columns hold."""
    shapes, limit = shapes_of(run), limit_of(run)
    trials, disturbed = sum(s.trials for s in shapes), sum(s.disturbed for s in shapes)
    text = (
        "Latency runs from a request's arrival, so that waiting counts; offline, where all are "
        "there at once, it is the processing alone. RTF is processing time over the clip's length, "
        f"at the median. A p99 needs {P99_FROM} requests. Busy is the share of time in which the "
        f"workers process. {disturbed} of {trials} trials were disturbed from outside."
    )
    if limit is not None:
        text += (
            f" A rate is kept when p95 is bounded within {show(limit, Unit.SECONDS)}, broken when "
            "it is bounded beyond by undisturbed trials; a trial ends once half of its answers "
            "are late."
        )
    return text


def bound_text(shape: Shape) -> str:
    """Write the upper bound of p95, or what it lacks."""
    if math.isfinite(shape.bound):
        return f"≤ {show(shape.bound, Unit.SECONDS)}"
    needed = runs_needed(0, 0.95)
    return f"needs {needed} runs" if shape.requests < needed else "needs 2 trials"


def outcome_at(shape: Shape, limit: float | None) -> tuple[str, str]:
    """Return whether the rate of a server shape is kept, and its style; "" for other shapes."""
    if shape.offered is None or limit is None:
        return "", "none"
    if shape.bound <= limit:
        return "KEPT", "pass"
    return ("BROKEN", "fail") if shape.floor > limit else ("NOT PROVEN", "not-proven")


def title_of(shape: Shape) -> str:
    """Name a shape: `'Offline, 2 at once'`, `'Server, 23.4 /s'`."""
    name = _NAMES[shape.name]
    if shape.offered is not None:
        return f"{name}, {show(shape.offered, Unit.RATE)}"
    return f"{name}, {shape.workers} at once" if shape.name == "offline" else name


def _row(shape: Shape, limit: float | None) -> LoadRow:
    outcome, style = outcome_at(shape, limit)
    sent, answered = shape.requests + shape.unanswered, show(shape.requests, Unit.COUNT)
    return LoadRow(
        title=title_of(shape),
        requests=f"{answered} of {show(sent, Unit.COUNT)}" if shape.unanswered else answered,
        throughput=show(shape.throughput, Unit.RATE),
        rtf=NONE if shape.rtf is None else show(shape.rtf, Unit.FACTOR),
        p50=show(shape.p50, Unit.SECONDS),
        p95=show(shape.p95, Unit.SECONDS),
        bound=bound_text(shape),
        p99=NONE if shape.p99 is None else show(shape.p99, Unit.SECONDS),
        utilisation=show(shape.utilisation, Unit.RATIO),
        kept=outcome,
        style=style,
    )
