"""How many more clips a second further workers hear: rounds of each number of workers in turn."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.measure.job import Job
from harness.records import Clip
from harness.run.score.handout import Handout
from harness.run.score.workers import TRIES, hear_all


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One pool that heard all clips."""

    round: int  # from 0
    workers: int
    rate: float  # clips per second while every worker had loaded
    peak: int  # bytes of the largest worker
    texts: dict[str, str]  # clip -> what was heard


def scaling(
    job: Job, clips: Sequence[Clip], *, workers: Sequence[int], rounds: int
) -> Iterator[Trial]:
    """Yield a trial of each number of workers in each round; every other round goes backwards.

    Raises:
        MeasurementError: no worker loads the pipeline.
    """
    for number in range(rounds):
        for many in workers if number % 2 == 0 else tuple(reversed(workers)):
            yield _trial(job, clips, number, many)


def _trial(job: Job, clips: Sequence[Clip], number: int, workers: int) -> Trial:
    texts: dict[str, str] = {}
    times: list[float] = []

    def keep(record: object) -> None:
        texts[str(getattr(record, "clip", ""))] = str(getattr(record, "hypothesis", ""))

    handout = Handout(
        "scaling", clips, keep, tries=TRIES, step=lambda: times.append(time.perf_counter())
    )
    pooled = hear_all(job, handout, workers=workers)
    start = max(pooled.ready)
    counted = sum(at > start for at in times)
    return Trial(
        round=number,
        workers=workers,
        rate=counted / (max(times) - start) if counted else 0.0,
        peak=max(pooled.peaks, default=0),
        texts=texts,
    )
