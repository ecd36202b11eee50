"""Runs over months: one series per figure and class of machine, its levels, and its newest run.

Only runs of one bundle, verb, machine class and setting share a series. A figure moves on a scale
on which equal steps matter equally: times and bytes by their logarithm, rates in points. Levels are
those of one branch, the trunk; runs of other branches are held against them and do not make them.

The figures of one run that have a budget are one family of tests (Holm), and so are the rest: of
runs in which nothing changed, ALPHA have a figure called worse or better, however many figures
there are. `harness selfbench history` prints what that costs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from harness.judge.change_points import MARGIN, Segment, segments
from harness.judge.expected import Expected, expected
from harness.judge.holm import adjusted
from harness.notes import Accepted
from harness.summaries import Figure, Summary
from harness.units import Unit

LOGARITHMIC = (Unit.SECONDS, Unit.BYTES, Unit.FACTOR, Unit.RATE)
POINTS = 0.005  # least step of a rate that counts: half a point
ALPHA = 0.005  # of runs without a change, so many have a figure that is called unexpected
TRUNKS = ("main", "master")
AS_BEFORE, WORSE, BETTER = "as before", "worse", "better"
ACCEPTED, TOO_FEW = "accepted", "too few runs"

Group = tuple[str, str, str, bool]  # bundle, verb, class of machine, quick


@dataclass(frozen=True, kw_only=True)
class Point:
    """One run in a series."""

    run: Summary
    figure: Figure
    value: float


@dataclass(frozen=True, kw_only=True)
class Level:
    """Neighbouring runs of the trunk between which nothing changed."""

    first: Summary
    last: Summary
    runs: int
    value: float  # median, in the figure's unit


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

    group: Group
    trunk: str  # branch whose runs make the levels; "": that of runs without one
    name: str  # "latency.end_to_end p95"
    points: tuple[Point, ...]  # at least one, of every branch
    levels: tuple[Level, ...]  # the oldest first; () where the trunk has no run
    shifts: tuple[Shift, ...]
    usual: float | None  # the level that the newest run is held against; None: there is none
    band: tuple[float, float] | None  # where the newest was expected; None: fewer than 10 before
    chance: float | None  # of a run so far from the usual; None without a band
    word: str  # of the newest run: "as before", "worse", "better", "accepted", "too few runs"

    @property
    def newest(self) -> Point:
        """The last run."""
        return self.points[-1]

    @property
    def budgeted(self) -> bool:
        """Whether the newest run has a budget for the figure."""
        return self.newest.figure.limit is not None


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """The scale on which steps of a figure count, and the least that does."""

    logarithmic: bool
    margin: float

    def on(self, value: float) -> float:
        return math.log(value) if self.logarithmic else value

    def off(self, value: float) -> float:
        return math.exp(value) if self.logarithmic else value


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """A series before its newest run has its word."""

    series: Series
    expected: Expected | None  # None: too few runs, or a change of that run is accepted
    scale: _Scale

    @property
    def newest(self) -> float:
        return self.scale.on(self.series.newest.value)

    def told(self, known: Expected, chance: float, alpha: float) -> Series:
        """Return the series with its word, by the corrected chance of its newest run."""
        low, high = map(self.scale.off, known.bounds(alpha))
        above = self.newest > known.middle
        word = WORSE if above is self.series.newest.figure.at_most else BETTER
        word = word if chance <= ALPHA else AS_BEFORE
        return replace(self.series, band=(low, high), chance=chance, word=word)


def history(runs: Iterable[Summary], accepted: Sequence[Accepted] = ()) -> tuple[Series, ...]:
    """Return every series of complete runs, in the order of their groups and names.

    Args:
        runs: in any order.
        accepted: changes that are meant: a new level begins at their run.
    """
    whole = sorted((run for run in runs if run.complete), key=lambda one: (one.started, one.id))
    found: dict[tuple[Group, str], list[Point]] = {}
    for run in whole:
        for figure in run.figures:
            if figure.value is not None:
                point = Point(run=run, figure=figure, value=figure.value)
                found.setdefault((group_of(run), figure.name), []).append(point)
    trunks = {
        g: trunk_of(one for one in whole if group_of(one) == g) for g in {g for g, _ in found}
    }
    made = [
        _series(group, trunks[group], points, accepted)
        for (group, _), points in sorted(found.items())
    ]
    families: dict[tuple[str, bool], list[_Judged]] = {}
    for one in made:
        families.setdefault((one.series.newest.run.id, one.series.budgeted), []).append(one)
    worded = {id(one): said for family in families.values() for one, said in _worded(family)}
    return tuple(worded[id(one)] for one in made)


def group_of(run: Summary) -> Group:
    """Return what runs of one series have in common."""
    return run.bundle, run.verb, run.machine, run.quick


def trunk_of(runs: Iterable[Summary]) -> str:
    """Return the branch that makes the levels: main or master, else that of the most runs."""
    counted = Counter(run.branch for run in runs)
    known = [name for name in TRUNKS if counted[name]]
    return known[0] if known else max(counted, key=lambda name: (counted[name], name), default="")


def last_level(parts: Sequence[Segment], runs: int, *, own: bool = True) -> slice:
    """Return the last level, without the newest run where that is one of it (`own`).

    Where that run alone makes the level, the one before.
    """
    if not parts or not own:
        return slice(parts[-1].start, runs) if parts else slice(0)
    last = parts[-1]
    if last.stop - last.start == 1 and len(parts) > 1:
        return slice(parts[-2].start, parts[-2].stop)
    return slice(last.start, runs - 1)


def _series(group: Group, trunk: str, points: list[Point], accepted: Sequence[Accepted]) -> _Judged:
    figure, newest = points[-1].figure, points[-1].run
    scale, kept = _scale_of(points), [point for point in points if point.run.branch == trunk]
    values = np.array([scale.on(point.value) for point in kept], np.float64)
    meant = {one.run: one.because for one in accepted if one.metric == figure.metric}
    starts = tuple(at for at, point in enumerate(kept) if point.run.id in meant)
    parts = segments(values, margin=scale.margin, starts=starts) if kept else []
    stable = values[last_level(parts, len(kept), own=bool(kept) and kept[-1].run is newest)]
    usual = scale.off(float(np.median(stable))) if len(stable) else None
    made = Series(
        group=group,
        trunk=trunk,
        name=figure.name,
        points=tuple(points),
        levels=tuple(_level(kept, part) for part in parts),
        shifts=tuple(_shift(kept, *pair, meant) for pair in pairwise(parts)),
        usual=usual,
        band=None,
        chance=None,
        word=ACCEPTED if newest.id in meant else TOO_FEW,
    )
    known = None if newest.id in meant else expected(stable, margin=scale.margin)
    return _Judged(series=made, expected=known, scale=scale)


def _worded(family: Sequence[_Judged]) -> list[tuple[_Judged, Series]]:
    """Say of the figures of one run which are not what was expected, by their number."""
    tested = [(one, one.expected) for one in family if one.expected is not None]
    chances = adjusted([known.chance(one.newest) for one, known in tested])
    said = [(one, one.series) for one in family if one.expected is None]
    for (one, known), chance in zip(tested, chances, strict=True):
        said.append((one, one.told(known, chance, ALPHA / len(tested))))
    return said


def _level(points: Sequence[Point], part: Segment) -> Level:
    inside = points[part.start : part.stop]
    return Level(
        first=inside[0].run,
        last=inside[-1].run,
        runs=len(inside),
        value=float(np.median([point.value for point in inside])),
    )


def _scale_of(points: Sequence[Point]) -> _Scale:
    values, unit = [point.value for point in points], points[-1].figure.unit
    if unit in LOGARITHMIC and min(values) > 0:
        return _Scale(logarithmic=True, margin=math.log1p(MARGIN))
    share = MARGIN * float(np.median(np.abs(values)))
    return _Scale(logarithmic=False, margin=POINTS if unit is Unit.RATIO else share)


def _shift(
    points: Sequence[Point], before: Segment, after: Segment, meant: dict[str, str]
) -> Shift:
    old, new = _level(points, before), _level(points, after)
    figure = points[after.start].figure
    return Shift(
        before=old.last,
        first=new.first,
        old=old.value,
        new=new.value,
        worse=(new.value > old.value) is figure.at_most,
        accepted=meant.get(new.first.id, ""),
    )
