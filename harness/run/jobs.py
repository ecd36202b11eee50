"""From settings to the job of a pass: what its measured processes are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.integrity.bundle import bundle_files, weight_bytes
from harness.measure.job import Job
from harness.records import Clip


def job_of(settings: Settings, clips: tuple[Clip, ...], **how: Any) -> Job:
    """Return the job that sends `clips` to the pipeline of `settings`.

    Args:
        settings: of the suite that names factory and stages.
        clips: requests are drawn from these.
        how: further fields of `Job`: processes, repeats, warmup, timeout_s, ...

    Raises:
        MeasurementError: there is no clip, or the stages do not fit together.
    """
    suite = settings.suite
    given: dict[str, Any] = {
        "factory": suite.factory,
        "root": Path.cwd(),
        "config": settings.config,
        "stages": suite.stages,
        "leaves": suite.leaves,
        "clips": clips,
        "seed": suite.seed,
        "bundle": bundle_files(settings.model),
        "weight_bytes": weight_bytes(settings.model),
    }
    return Job(**{**given, **how})
