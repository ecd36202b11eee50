"""What a pass is told to do, and which clips each of its processes is sent."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import MeasurementError
from harness.records import Clip
from harness.suite import END_TO_END as END_TO_END


@dataclass(frozen=True, kw_only=True)
class Job:
    """How a pipeline is measured.

    Raises:
        MeasurementError: there is no clip, no stage `end_to_end`, or a leaf that is no stage.
    """

    factory: str  # "package.module:Class.method", called with the path of `config`
    root: Path  # folder from which the factory is imported
    config: Path  # the pipeline's config file
    stages: Mapping[str, str]  # name of a stage -> method of what the factory returns
    leaves: tuple[str, ...]  # stages whose times are summed
    clips: tuple[Clip, ...]  # requests are drawn from these
    processes: int = 1  # fresh processes, one after the other
    repeats: int = 1  # timed requests per process
    warmup: int = 1  # requests per process between the first and the timed ones
    timeout_s: float = 120.0  # a process that takes longer is ended and reported
    seed: int = 0  # order of clips and processes
    bundle: tuple[Path, ...] = ()  # the model's files: cold processes find them on disk only
    cold: int = 1  # how many processes are cold, drawn by the seed; used where `bundle` is given
    weight_bytes: int = 0  # of all tensors in the bundle's graphs; 0: not known
    contract: Mapping[str, Any] | None = None  # of a result, see `inside.agreed`; None: not held to
    python: str = sys.executable  # interpreter of the measured processes

    def __post_init__(self) -> None:
        if not self.clips:
            raise MeasurementError("There is no clip to measure with. Name a set that holds some.")
        if END_TO_END not in self.stages:
            raise MeasurementError(
                f"stages: {END_TO_END!r} is missing, the method that takes a clip's bytes. "
                f"Found: {', '.join(self.stages) or 'none'}. Add it to suite.yaml."
            )
        strangers = [leaf for leaf in self.leaves if leaf not in self.stages]
        if strangers:
            raise MeasurementError(
                f"leaves: {strangers[0]!r} is no stage. Stages: {', '.join(self.stages)}."
            )


def cold_processes(job: Job) -> frozenset[int]:
    """Return which processes find the bundle's files on disk only; none without a bundle."""
    many = min(job.cold, job.processes) if job.bundle else 0
    return frozenset(random.Random(job.seed).sample(range(job.processes), many))


def schedule(job: Job, process: int) -> tuple[Clip, ...]:
    """Return the clips of one process: the first, the warm-up's, then the timed ones.

    The timed ones go round one seeded order of all clips, each process where the one before it
    stopped, so that every clip is timed equally often; what comes before them precedes in it.
    """
    order = random.Random(job.seed).sample(job.clips, len(job.clips))
    begin = process * job.repeats
    lead = 1 + job.warmup
    return tuple(order[index % len(order)] for index in range(begin - lead, begin + job.repeats))
