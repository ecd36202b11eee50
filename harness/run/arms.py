"""Several pipelines measured side by side: one process of each in turn, in a shuffled order.

What slows the machine for a while meets all arms alike, and what is left of it stands in the
spread of a control: an arm that is the same as another.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.measure import samples
from harness.measure.job import Job, schedule
from harness.measure.keeper import Emit, Keeper
from harness.measure.pages import Residency, drop, fill
from harness.measure.passes import starts_cold, transcribe_pass
from harness.measure.samples import Said
from harness.records import Clip, Finding, Measurement, Transcript

# What a process measured, by the mode of the probe that it ran in.
MODES: Mapping[str, Callable[[Said, Job], Iterator[Measurement]]] = {
    "latency": samples.latency,
    "bare": samples.bare,
}


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One of the pipelines that are compared."""

    name: str  # "a", "a again", "b": `arm` of what it yields
    job: Job  # how its processes are run; `repeats` and `warmup` count, `processes` does not
    mode: str = "latency"  # of the probe: "latency", or "bare" for a clock around whole requests


def interleave(
    arms: Sequence[Arm],
    *,
    rounds: int,
    seed: int,
    emit: Emit,
    cold: int = 0,
    step: Callable[[], None] = lambda: None,
) -> None:
    """Run one process of every arm in each round, in an order drawn anew, all files cached.

    In the first `cold` rounds each process finds the files of its bundle on disk only.

    Yields to `emit`, with the arm's name, what a process of the latency pass measures, and beside
    it `memory.peak`: the latency instrument leaves the kernel's peak alone. In every round all
    arms are sent the same clips in the same order.

    Args:
        arms: what is compared.
        rounds: processes of each arm.
        seed: of the order within the rounds.
        emit: takes each measurement and finding.
        cold: rounds whose loads and first results are cold.
        step: called after each process, to show how far it is.

    Raises:
        MeasurementError: the first process of an arm could not load the pipeline.
    """
    order = random.Random(seed)
    keepers = {arm.name: Keeper(arm.name, arm.job, _named(emit, arm.name)) for arm in arms}
    for number in range(rounds):
        for arm in order.sample(arms, len(arms)):
            keeper = keepers[arm.name]
            if keeper.given_up:
                continue
            seen = _drop(arm.job, keeper) if number < cold else None
            if number == cold > 0:
                fill(arm.job.bundle)
            said = keeper.run(arm.mode, schedule(arm.job, number), cold=seen)
            for measurement in (*MODES[arm.mode](said, arm.job), *samples.peak(said)):
                keeper.emit(measurement)
            step()
    for keeper in keepers.values():
        keeper.close()


def hear(
    arms: Iterable[Arm],
    name: str,
    clips: Sequence[Clip],
    *,
    emit: Emit,
    step: Callable[[], None] = lambda: None,
) -> None:
    """Let every arm hear the clips of the set `name` once, for their words."""
    for arm in arms:
        transcribe_pass(arm.job, {name: clips}, _named(emit, arm.name), step=step)


def _drop(job: Job, keeper: Keeper) -> Residency:
    """Put the files of a bundle out of the page cache; a finding tells where some stayed."""
    seen = drop(job.bundle)
    if not seen.cold:
        keeper.emit(starts_cold(seen))
    return seen


def _named(emit: Emit, arm: str) -> Emit:
    """Put the arm's name on what belongs to it."""

    def named(record: Measurement | Finding | Transcript) -> None:
        emit(record if isinstance(record, Finding) else replace(record, arm=arm))

    return named
