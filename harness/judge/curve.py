"""The operating curve of the latency gate: how often it says what, where the truth is known.

A simulated bench takes 8 runs in each of 10 processes and looks; while neither bound of the p95
decides, it takes 5 processes more, up to 50: the rule of `percentiles` and of `extend` in
suite.yaml. The logarithms of the times are normal with a given share of their variance between the
processes, and the limit is where a given rate of all runs is over it.

`operating_curve(1000, seed=0)`: PASS / FAIL of 1000 gates (the rest is NOT PROVEN), and mean runs.

    runs over it      1 %          2 %          3 %          5 %          8 %
    variance
    between   0 %   988/0 138    734/0 250    278/0 351   10/10 395    0/229 347
             30 %   969/0 175    665/0 287    250/0 362   21/23 389    0/342 329
             50 %   919/0 211    547/0 310    245/1 364   31/31 388    5/313 346
             80 %   783/0 261    420/0 334    190/3 368   41/28 385    8/218 367

A false PASS is one at 5 % or 8 %: at most 4.1 % (2.9 to 5.5 %, Clopper & Pearson). A false FAIL is
one at 1, 2 or 3 %: at most 0.3 %, and 3.1 % where the rate is the allowed one itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.judge.intervals import proportion_interval
from harness.judge.percentiles import lower_bound, upper_bound
from harness.records import Interval, Outcome

P = 0.95  # the percentile that is gated
RATES = (0.01, 0.02, 0.03, 0.05, 0.08)  # of all runs, over the limit
SHARES = (0.0, 0.3, 0.5, 0.8)  # of the variance, between processes
FIRST, MORE, MOST, REPEATS = 10, 5, 50, 8  # processes of the looks, runs in each process


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What many gates said at one rate and one share."""

    rate: float  # of all runs, over the limit
    share: float  # of the variance, between processes
    gates: int
    passed: int
    failed: int
    runs: float  # taken by a gate on average

    @property
    def not_proven(self) -> int:
        """How many gates ended without an answer."""
        return self.gates - self.passed - self.failed

    @property
    def false_passes(self) -> int:
        """How many passed although the allowed rate, or more, is over the limit."""
        return self.passed if self.rate >= 1 - P - 1e-9 else 0

    @property
    def false_fails(self) -> int:
        """How many failed although no more than the allowed rate is over the limit."""
        return self.failed if self.rate <= 1 - P + 1e-9 else 0

    def interval(self, count: int) -> Interval:
        """Return the exact interval of the proportion that `count` of the gates is."""
        return proportion_interval(count, self.gates)


def operating_curve(
    gates: int = 300,
    seed: int = 0,
    step: Callable[[], None] = lambda: None,
    *,
    shares: Sequence[float] = SHARES,
    rates: Sequence[float] = RATES,
) -> tuple[Cell, ...]:
    """Return one cell per share and rate, shares outermost.

    Args:
        gates: simulated in each cell, 1 or more. 300 took 2 s a cell.
        seed: of all of them.
        step: called after each gate.
        shares: of the variance, between processes.
        rates: of all runs, over the limit.
    """
    cells = [(share, rate) for share in shares for rate in rates]
    return tuple(
        _cell(rate, share, gates, np.random.default_rng((seed, number)), step)
        for number, (share, rate) in enumerate(cells)
    )


def _cell(
    rate: float, share: float, gates: int, rng: np.random.Generator, step: Callable[[], None]
) -> Cell:
    ended: list[tuple[Outcome, int]] = []
    for _ in range(gates):
        ended.append(_gate(_times(rng, share), math.exp(-float(special.ndtri(rate)))))
        step()
    outcomes = [outcome for outcome, _ in ended]
    return Cell(
        rate=rate,
        share=share,
        gates=gates,
        passed=outcomes.count(Outcome.PASS),
        failed=outcomes.count(Outcome.FAIL),
        runs=float(np.mean([runs for _, runs in ended])),
    )


def _times(rng: np.random.Generator, share: float) -> NDArray[np.float64]:
    """Draw times of all processes that a gate may take: [MOST, REPEATS], of log variance 1."""
    among = rng.normal(0, math.sqrt(share), (MOST, 1))
    return np.exp(among + rng.normal(0, math.sqrt(1 - share), (MOST, REPEATS)))


def _gate(times: NDArray[np.float64], limit: float) -> tuple[Outcome, int]:
    """Look until the limit is decided; return the outcome, and the runs that it took."""
    for processes in range(FIRST, MOST + 1, MORE):
        groups, runs = list(times[:processes]), processes * REPEATS
        if upper_bound(groups, P) <= limit:
            return Outcome.PASS, runs
        if lower_bound(groups, P) > limit:
            return Outcome.FAIL, runs
    return Outcome.NOT_PROVEN, MOST * REPEATS
