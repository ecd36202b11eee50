"""A soak: round after round of the same clips in one process, what it holds read after each.

A round sends every clip once, in an order drawn anew, so that rounds differ in nothing but what
the process has kept. The first rounds are a warm-up: allocators grow until the longest clip fits,
wherever it stands. Bad input is strewn in, and is no part of a round.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.measure.job import Job
from harness.measure.keeper import HARNESS_KEEPS, KEEPS, REFUSES, SAME, Emit, Keeper
from harness.measure.process import Report
from harness.measure.samples import Said
from harness.records import Clip, Measurement
from harness.units import Unit

COUNTERS = {"resident": "VmRSS", "anon": "RssAnon", "file": "RssFile"}
HELD = {"files": "open files", "threads": "threads"}
BAD_SHARE = 0.01  # of all requests
SETTLE = 20  # looks, 50 ms apart, until what the harness holds open is back to what it was


@dataclass(frozen=True, kw_only=True)
class BadInput:
    """What is strewn in, and how it is to be refused."""

    clips: tuple[Clip, ...]
    refusal: str  # "package.module:Class" of the pipeline's errors; "": any exception


NO_BAD_INPUT = BadInput(clips=(), refusal="")


def soak_pass(
    job: Job,
    emit: Emit,
    *,
    warmup: int,
    rounds: int,
    bad: BadInput = NO_BAD_INPUT,
    step: Callable[[], None] = lambda: None,
) -> None:
    """Measure `soak.resident`, `soak.anon` and `soak.file` after every request, in bytes.

    Those of the warm-up are `soak.warmup`, resident alone. `soak.files` and `soak.threads` count
    what the process holds open; `soak.refused` is 1 for every bad request that ended as it must.

    Args:
        job: its clips are one round.
        emit: takes each measurement and finding.
        warmup: rounds before the counted ones.
        rounds: that are counted, in each of `job.processes`.
        bad: one request in a hundred is one of these; none where there are none.
        step: called after each answer.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    keeper, before = Keeper("soak", job, emit), _own()
    told = {"soak": {"bad": [clip.id for clip in bad.clips], "refusal": bad.refusal}}
    for number in range(job.processes):
        clips = strewn(shuffled_rounds(job, warmup + rounds, number), bad.clips, job.seed + number)
        said = keeper.run("soak", clips, hear=lambda report: _count(report, step), told=told)
        good = [report for report in said.called.values() if "refused" not in report]
        lead = warmup * len(job.clips)
        _emit(said, good[:lead], good[lead:], emit)
        _judge_bad(said, keeper)
        _judge_held(said, good[lead:], len(job.clips), keeper)
        _judge_texts(said, good, keeper)
        if keeper.given_up:
            break
    _judge_own(before, keeper)
    keeper.close(KEEPS, HARNESS_KEEPS, SAME, *([REFUSES] if bad.clips else []))


def shuffled_rounds(job: Job, rounds: int, process: int) -> tuple[Clip, ...]:
    """Return the clips of one process: all of the job's in each round, in an order of its own."""
    draw = random.Random(f"{job.seed} {process}")
    return tuple(clip for _ in range(rounds) for clip in draw.sample(job.clips, len(job.clips)))


def strewn(clips: Sequence[Clip], bad: Sequence[Clip], seed: int) -> tuple[Clip, ...]:
    """Return the clips with bad ones among them, each kind in turn, at places drawn by the seed."""
    if not bad:
        return tuple(clips)
    many = math.ceil(len(clips) * BAD_SHARE / (1 - BAD_SHARE))
    places = set(random.Random(seed).sample(range(len(clips) + many), many))
    good, spoiled = iter(clips), (bad[index % len(bad)] for index in range(many))
    return tuple(next(spoiled if at in places else good) for at in range(len(clips) + many))


def _count(report: Report, step: Callable[[], None]) -> None:
    if report["kind"] == "called":
        step()


def _own() -> tuple[int, int]:
    """Open files and threads of the harness itself."""
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))


def _judge_own(before: tuple[int, int], keeper: Keeper) -> None:
    """Compare what the harness holds with what it held; a thread that was joined may still go."""
    for _ in range(SETTLE):
        after = _own()
        if after[0] <= before[0] and after[1] <= before[1]:
            return
        time.sleep(0.05)
    keeper.broken(
        HARNESS_KEEPS,
        f"Open files: {before[0]} before the soak, {after[0]} after; threads: {before[1]}, then "
        f"{after[1]}.",
    )


def _judge_bad(said: Said, keeper: Keeper) -> None:
    """Hold what became of bad input against the rule, and emit it."""
    seen = [report for report in said.called.values() if "refused" in report]
    for report in seen:
        if not report["typed"]:
            how = f"ended with {report['refused']}" if report["refused"] else "was answered"
            keeper.broken(REFUSES, f"{report['clip'].capitalize()} {how}.")
    if seen:
        keeper.emit(
            Measurement(
                metric="soak.refused",
                unit=Unit.COUNT,
                samples=tuple(float(report["typed"]) for report in seen),
                process=said.process,
                clips=tuple(report["clip"] for report in seen),
                note="1: refused by an error of the pipeline's own",
            )
        )


def _judge_held(said: Said, counted: Sequence[Report], size: int, keeper: Keeper) -> None:
    """Compare what is held at the end of the last round with the end of the first."""
    if len(counted) < 2 * size:
        return
    for name, words in HELD.items():
        first = min(report[name] for report in counted[:size])
        last = min(report[name] for report in counted[-size:])
        if last > first:
            keeper.broken(
                KEEPS,
                f"Soak process {said.process}: {words}: {first} in the first counted round, "
                f"{last} in the last, {len(counted)} requests later. Close what a request opens.",
            )


def _judge_texts(said: Said, good: Sequence[Report], keeper: Keeper) -> None:
    texts: dict[str, set[str]] = {}
    for report in good:
        texts.setdefault(report["audio"], set()).add(report["text"])  # two sets may share an id
    for audio, heard in texts.items():
        if len(heard) > 1:
            one, other, *_ = sorted(heard)
            keeper.broken(SAME, f"{audio}: {one[:80]!r}, and at another time {other[:80]!r}.")


def _emit(said: Said, early: Sequence[Report], counted: Sequence[Report], emit: Emit) -> None:
    if early:
        emit(_bytes("soak.warmup", "VmRSS", said, early))
    if counted:
        for name, counter in COUNTERS.items():
            emit(_bytes(f"soak.{name}", counter, said, counted))
        for name in HELD:
            emit(
                Measurement(
                    metric=f"soak.{name}",
                    unit=Unit.COUNT,
                    samples=tuple(float(report[name]) for report in counted),
                    process=said.process,
                )
            )


def _bytes(metric: str, counter: str, said: Said, reports: Sequence[Report]) -> Measurement:
    return Measurement(
        metric=metric,
        unit=Unit.BYTES,
        samples=tuple(float(report["memory"][counter]) for report in reports),
        process=said.process,
        clips=tuple(report["clip"] for report in reports),
        note="after each request, when its result was dropped",
    )
