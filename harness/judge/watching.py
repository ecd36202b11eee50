"""How often the history is wrong, and how soon it is right, where the truth is known.

A simulated series has 40 runs around one level, log-normal with a coefficient of variation of 2 or
5 %, of which 8 % may be spikes of +30 %. It stays there, steps up by a tenth with its 29th run, or
grows by 0.5 % with every run. From the eleventh on each run is looked at as `history` does: is it
where it was expected, and did the level shift? Wrong is a shift where nothing changed, or a run
outside its band that is no spike. Found is a change once a run was called worse by its band (spikes
left out), or a shift to the worse is shown.

`watches(300, seed=20261123)`, as `harness selfbench history` runs it: per cent of the runs called
worse or better, per cent of the series with a shift, and per cent of the series in which the change
was found after so many runs of it.

    series             noise, spikes    called  shifted   found after
    clean                2 %    -         0.4     0.0
                         2 %    8 %       0.5     1.0
                         5 %    -         0.6     0.3
                         5 %    8 %       0.3     0.0
    step of +10 %                                         1    3    5    8 runs
                         2 %    -         8.5     100    93   99  100  100
                         2 %    8 %       8.0     100    87  100  100  100
                         5 %    -         1.9      83    13   28   43   63
                         5 %    8 %       0.9      44     7   12   21   29
    drift of +0.5 % a run                                10   20   30   40 runs
                         2 %    -         1.2     100     0   45  100  100
                         2 %    8 %       1.3     100     0   32   97  100
                         5 %    -         1.2      97     0   11   45   97
                         5 %    8 %       0.7      76     0    7   27   72

A band cannot tell a spike from a step: spikes are called by it, as the runs that they are.

Many figures of one run, half of their variance common, after 20 other runs (`families(3000)`): per
cent of clean runs with any figure called, each by itself and corrected (Holm); and per cent of runs
in which one figure that is 10 % up is called, likewise.

    figures   noise 2 %: called  corrected   found  corrected   5 %: found  corrected
       1              0.6        0.6          92      92              13      13
       5              2.1        0.5          92      76              13       5
      15              5.7        0.6          91      62              13       3

Uncorrected, a run of 15 figures is called wrongly ten times as often as one of a single figure;
corrected, as often. It costs a third of the power where one figure alone changes, at 2 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from harness.judge.change_points import MARGIN, Floats, Segment, segments
from harness.judge.expected import STABLE, expected
from harness.judge.history import ALPHA, last_level
from harness.judge.holm import adjusted

RUNS, CHANGED = 40, 28  # of a series; index of the first run of a step
CLEAN, STEP, DRIFT = "clean", "step of +10 %", "drift of +0.5 % a run"
SPIKES, SPIKE = 0.08, 1.3  # share of the runs, and what they take longer
NOISES = (0.02, 0.05)  # coefficients of variation
AFTER = {CLEAN: (), STEP: (1, 3, 5, 8), DRIFT: (10, 20, 30, 40)}  # runs of the change
KINDS = [(kind, noise, spikes) for kind in AFTER for noise in NOISES for spikes in (0.0, SPIKES)]
FIGURES, SHARED = (1, 5, 15), 0.5  # of one run, and what they have in common of their variance
BEFORE = 20  # runs before one whose figures are judged together


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What was said of many series of one kind."""

    kind: str
    noise: float  # coefficient of variation
    spikes: float  # share of the runs
    series: int
    looks: int  # runs that were held against a band and are no spikes
    outside: int  # of them, called worse or better; wrong where nothing changed
    shifted: int  # series in which a shift was shown at any look; wrong where nothing changed
    found: tuple[tuple[int, int], ...]  # runs of the change, and series in which it was found then

    @property
    def clean(self) -> bool:
        """Whether nothing changed, so that all that is said is wrong."""
        return self.kind == CLEAN

    @property
    def about(self) -> str:
        """Name the cell: `'clean, noise 2 %, spikes 8 %'`."""
        return f"{self.kind}, noise {100 * self.noise:g} %, spikes {100 * self.spikes:g} %"


@dataclass(frozen=True, kw_only=True)
class Family:
    """What was said of many runs of several figures, corrected for their number and not."""

    figures: int
    noise: float
    runs: int
    plain: int  # clean runs with a figure that is called unexpected, each by itself
    corrected: int  # the same after Holm's correction
    plain_found: int  # of a figure that is 10 % up, by itself
    corrected_found: int


def watches(
    series: int = 300, seed: int = 0, step: Callable[[], None] = lambda: None
) -> tuple[Watch, ...]:
    """Return one cell per kind, noise and share of spikes, kinds outermost.

    Args:
        series: simulated in each cell, 1 or more.
        seed: of all of them.
        step: called after each series.
    """
    return tuple(
        _watch(*kind, series, np.random.default_rng((seed, number)), step)
        for number, kind in enumerate(KINDS)
    )


def families(runs: int = 3000, seed: int = 0) -> tuple[Family, ...]:
    """Return one cell per noise and number of figures: runs after 20 others, judged together."""
    cells = [(noise, figures) for noise in NOISES for figures in FIGURES]
    return tuple(
        _family(noise, figures, runs, np.random.default_rng((seed, number)))
        for number, (noise, figures) in enumerate(cells)
    )


def simulate(
    rng: np.random.Generator, kind: str, noise: float, spikes: float
) -> tuple[Floats, Floats]:
    """Draw a series: the logarithms of its values, and which of them are spikes; both [RUNS]."""
    at = np.arange(RUNS)
    level = {
        CLEAN: np.zeros(RUNS),
        STEP: np.where(at >= CHANGED, math.log(1.1), 0.0),
        DRIFT: at * math.log(1.005),
    }[kind]
    spiked = (rng.random(RUNS) < spikes).astype(np.float64)
    return level + noise * rng.standard_normal(RUNS) + math.log(SPIKE) * spiked, spiked


def _watch(
    kind: str,
    noise: float,
    spikes: float,
    series: int,
    rng: np.random.Generator,
    step: Callable[[], None],
) -> Watch:
    looks = outside = shifted = 0
    found = dict.fromkeys(AFTER[kind], 0)
    first = CHANGED if kind == STEP else 0
    for _ in range(series):
        values, spiked = simulate(rng, kind, noise, spikes)
        seen = list(_looks(values))
        calm = [look for look in seen if not spiked[look.at]]
        looks += len(calm)
        outside += sum(look.side != 0 for look in calm)
        shifted += any(look.shifted for look in seen)
        for after in found:
            last = first + after - 1
            called = any(look.side > 0 and first <= look.at <= last for look in calm)
            found[after] += called or any(look.worse for look in seen if look.at == last)
        step()
    return Watch(
        kind=kind,
        noise=noise,
        spikes=spikes,
        series=series,
        looks=looks,
        outside=outside,
        shifted=shifted,
        found=tuple(found.items()),
    )


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What is said when run `at` is the newest."""

    at: int
    side: int  # 1: above its band, -1: below, 0: inside, or there is none
    shifted: bool
    worse: bool  # whether a shift goes up


def _looks(values: Floats) -> Iterator[_Look]:
    margin = math.log1p(MARGIN)
    for at in range(STABLE, len(values)):
        parts = segments(values[: at + 1], margin=margin)
        known = expected(values[last_level(parts, at + 1)], margin=margin)
        out = known is not None and known.chance(values[at]) <= ALPHA
        above = known is not None and values[at] > known.middle
        yield _Look(
            at=at,
            side=(1 if above else -1) if out else 0,
            shifted=len(parts) > 1,
            worse=_rises(parts),
        )


def _rises(parts: Sequence[Segment]) -> bool:
    return any(after.level > before.level for before, after in pairwise(parts))


def _family(noise: float, figures: int, runs: int, rng: np.random.Generator) -> Family:
    plain = corrected = plain_found = corrected_found = 0
    for _ in range(runs):
        shared = rng.standard_normal((BEFORE + 1, 1))
        own = rng.standard_normal((BEFORE + 1, figures))
        values = noise * (math.sqrt(SHARED) * shared + math.sqrt(1 - SHARED) * own)
        chances = _chances(values)
        plain += min(chances) <= ALPHA
        corrected += min(adjusted(chances)) <= ALPHA
        values[-1, 0] += math.log(1.1)
        chances = [*_chances(values[:, :1]), *chances[1:]]
        plain_found += chances[0] <= ALPHA
        corrected_found += adjusted(chances)[0] <= ALPHA
    return Family(
        figures=figures,
        noise=noise,
        runs=runs,
        plain=plain,
        corrected=corrected,
        plain_found=plain_found,
        corrected_found=corrected_found,
    )


def _chances(values: Floats) -> list[float]:
    """How likely the last row is after those before it, column by column."""
    margin = math.log1p(MARGIN)
    known = [expected(column[:-1], margin=margin) for column in values.T]
    return [one.chance(column[-1]) for one, column in zip(known, values.T, strict=True) if one]
