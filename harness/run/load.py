"""A load, shape by shape, and the search for the highest rate that the pipeline keeps up with.

A rate is kept when p95 of the latency, counted from the arrival, is within the limit. The search
goes by the p95 of one trial each, and ends a trial as soon as that is decided. A rate that was
searched for was lucky or not, so new trials tell: at the rate found and lower ones until p95 is
bounded within the limit, and at higher ones until it is bounded beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.measure.load import SEARCH, SERVER, Trial, Trials
from harness.suite import Load

NEAR = 1.05  # the search ends when kept and broken rates are this near
HALVINGS = 3  # from the offline throughput down, before the search finds none: hardly one waits
BELOW = (1.0, 0.9, 0.75)  # of the rate found, until one is shown to be kept
ABOVE = (1.1, 1.3)  # of the same, until one is shown to be broken
PERCENT = 0.95

Groups = Sequence[Sequence[float]]  # seconds, a group for each trial
Step = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """What it means to keep up: p95 of the latency is at most `limit`."""

    limit: float  # seconds
    p95: Callable[[Sequence[float]], float]
    bounds: Callable[[Groups], tuple[float, float]]  # of p95: from below, from above


def load_pass(
    trials: Trials, part: Load, criterion: Criterion | None, *, step: Step = lambda: None
) -> None:
    """Take every shape; the server only where a criterion says what it has to keep.

    Args:
        trials: taken and kept there.
        part: shapes and how often.
        criterion: None leaves the server out.
        step: called after each trial.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """

    def taken(trial: Trial) -> Trial:
        step()
        return trial

    for _ in range(part.processes):
        taken(trials.single_stream())
    highest = 0.0
    for workers in part.concurrency:
        offline = [taken(trials.offline(workers)) for _ in range(part.processes)]
        highest = max(highest, *(trial.throughput for trial in offline))
    if criterion is not None and highest:
        server = _Server(trials=trials, part=part, criterion=criterion, taken=taken)
        server.find(highest)
    trials.close()


def most_trials(part: Load) -> int:
    """Return how many trials a load takes at most."""
    between = math.ceil(math.log2(math.log(2) / math.log(NEAR)))
    levels = 1 + len(part.concurrency) + len(BELOW) + len(ABOVE)
    return part.processes * levels + HALVINGS + 1 + between


def highest_rate(keeps: Callable[[float], bool], most: float) -> float | None:
    """Return the highest rate found that `keeps`, within 5 %; None if even `most` / 8 does not.

    Args:
        keeps: whether a rate is kept; asked from `most` down, then between kept and broken ones.
        most: rates above it are not tried.
    """
    kept, broken = most, math.inf
    for _ in range(HALVINGS + 1):
        if keeps(kept):
            break
        kept, broken = kept / 2, kept
    else:
        return None
    while kept * NEAR < broken < math.inf:
        middle = math.sqrt(kept * broken)
        kept, broken = (middle, broken) if keeps(middle) else (kept, middle)
    return kept


@dataclass(frozen=True, kw_only=True)
class _Server:
    """Trials at rates."""

    trials: Trials
    part: Load
    criterion: Criterion
    taken: Callable[[Trial], Trial]

    def find(self, most: float) -> None:
        """Search for the highest rate, then show it."""
        found = highest_rate(self._keeps, most)
        for rate in [found * factor for factor in BELOW] if found else []:
            if self._at(rate)[1] <= self.criterion.limit:
                break
        for rate in [found * factor for factor in ABOVE] if found else [most / 2**HALVINGS]:
            if self._at(rate)[0] > self.criterion.limit:
                break

    def _keeps(self, rate: float) -> bool:
        most = self.part.requests - math.ceil(PERCENT * self.part.requests - 1e-9)
        trial = self._one(rate, over=most, name=SEARCH)
        return trial.whole and self.criterion.p95(trial.latencies) <= self.criterion.limit

    def _at(self, rate: float) -> tuple[float, float]:
        """Return the bounds of p95 over some trials at one rate."""
        half = self.part.requests // 2  # late answers: the queue runs away, more tell nothing
        every = range(self.part.processes)
        trials = [self._one(rate, over=half, name=SERVER) for _ in every]
        answered = [trial.latencies for trial in trials if trial.latencies]
        return self.criterion.bounds(answered) if answered else (-math.inf, math.inf)

    def _one(self, rate: float, *, over: int, name: str) -> Trial:
        if self.trials.given_up:
            return Trial(latencies=(), throughput=0.0, whole=False)
        limit, workers = self.criterion.limit, self.part.workers
        trial = self.trials.server(rate, workers=workers, limit=limit, over=over, name=name)
        return self.taken(trial)
