"""Runs over months: one series per figure and class of machine, its levels, and its newest run.

Only runs of one bundle, verb, machine class and setting share a series. A figure moves on a scale
on which equal steps matter equally: times and bytes by their logarithm, rates in points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from harness.judge.change_points import MARGIN, Floats, Segment, predicted, segments
from harness.notes import Accepted
from harness.summaries import Figure, Summary
from harness.units import Unit

LOGARITHMIC = (Unit.SECONDS, Unit.BYTES, Unit.FACTOR, Unit.RATE)
POINTS = 0.005  # least step of a rate that counts: half a point


@dataclass(frozen=True, kw_only=True)
class Point:
    """One run in a series."""

    run: Summary
    figure: Figure
    value: float


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A change of level."""

    before: Summary  # last run of the old level
    first: Summary  # first run of the new one
    old: float  # medians, in the figure's unit
    new: float
    worse: bool  # whether it moved against the figure's budget, or up where it has none
    accepted: str  # why it is meant; "": nobody said so

    @property
    def change(self) -> float:
        """By how much of the old level: 0.1 is a tenth more."""
        return self.new / self.old - 1 if self.old else math.inf


@dataclass(frozen=True, kw_only=True)
class Series:
    """A figure over the runs of one class of machine, the oldest first."""

    bundle: str
    verb: str
    machine: str
    quick: bool
    name: str  # "latency.end_to_end p95"
    points: tuple[Point, ...]  # at least one
    shifts: tuple[Shift, ...]
    band: tuple[float, float] | None  # where the newest was expected; None: fewer than 10 before
    stable: int  # runs of the last level, the newest left out

    @property
    def newest(self) -> Point:
        """The last run."""
        return self.points[-1]

    @property
    def word(self) -> str:
        """What the newest run says: "as before", "worse", "better", or "too few runs"."""
        if self.band is None:
            return "too few runs"
        low, high = self.band
        if low <= self.newest.value <= high:
            return "as before"
        at_most = self.newest.figure.at_most
        return "worse" if (self.newest.value > high) is at_most else "better"


def history(runs: Iterable[Summary], accepted: Sequence[Accepted] = ()) -> tuple[Series, ...]:
    """Return every series of complete runs, in the order of their names.

    Args:
        runs: in any order.
        accepted: changes that are meant: a new level begins at their run.
    """
    found: dict[tuple[str, str, str, bool, str], list[Point]] = {}
    for run in sorted(runs, key=lambda one: (one.started, one.id)):
        for figure in run.figures if run.complete else ():
            if figure.value is not None:
                key = (run.bundle, run.verb, run.machine, run.quick, figure.name)
                point = Point(run=run, figure=figure, value=figure.value)
                found.setdefault(key, []).append(point)
    return tuple(_series(key, points, accepted) for key, points in sorted(found.items()))


def _series(
    key: tuple[str, str, str, bool, str], points: list[Point], accepted: Sequence[Accepted]
) -> Series:
    bundle, verb, machine, quick, name = key
    figure = points[-1].figure
    values, margin = _scaled(points, figure.unit)
    meant = {one.run: one.because for one in accepted if one.metric == figure.metric}
    starts = tuple(at for at, point in enumerate(points) if point.run.id in meant)
    parts = segments(values, margin=margin, starts=starts)
    stable = _before(parts, len(points))
    band = predicted(values[stable], margin=margin) if len(points) - 1 not in starts else None
    return Series(
        bundle=bundle,
        verb=verb,
        machine=machine,
        quick=quick,
        name=name,
        points=tuple(points),
        shifts=tuple(_shift(points, *pair, meant) for pair in pairwise(parts)),
        band=band and (_unscaled(band[0], figure.unit), _unscaled(band[1], figure.unit)),
        stable=stable.stop - stable.start,
    )


def _before(parts: Sequence[Segment], runs: int) -> slice:
    """The last level without the newest run; where that run alone makes it, the level before."""
    last = parts[-1]
    if last.stop - last.start == 1 and len(parts) > 1:
        return slice(parts[-2].start, parts[-2].stop)
    return slice(last.start, runs - 1)


def _scaled(points: Sequence[Point], unit: Unit) -> tuple[Floats, float]:
    """The values on the scale on which steps count, and the least step that does."""
    values = np.array([point.value for point in points], np.float64)
    if unit in LOGARITHMIC and (values > 0).all():
        return np.log(values), math.log1p(MARGIN)
    return values, POINTS if unit is Unit.RATIO else MARGIN * float(np.median(np.abs(values)))


def _unscaled(value: float, unit: Unit) -> float:
    return math.exp(value) if unit in LOGARITHMIC else value


def _shift(
    points: Sequence[Point], before: Segment, after: Segment, meant: dict[str, str]
) -> Shift:
    old, new = (
        float(np.median([point.value for point in points[part.start : part.stop]]))
        for part in (before, after)
    )
    first = points[after.start]
    return Shift(
        before=points[after.start - 1].run,
        first=first.run,
        old=old,
        new=new,
        worse=(new > old) is first.figure.at_most,
        accepted=meant.get(first.run.id, ""),
    )
