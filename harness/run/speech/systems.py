"""The jobs of the systems that speak: the pipeline of the run, and espeak-ng beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.measure.beside import espeak
from harness.measure.job import END_TO_END, Job
from harness.records import Clip
from harness.run.jobs import job_of
from harness.speaking import Speech

BESIDE = "espeak-ng"  # arm of its measurements
_FACTORY = "harness.measure.beside.espeak:Espeak.from_file"


def pipeline_job(
    settings: Settings, part: Speech, clips: tuple[Clip, ...], *, method: str = "", **how: Any
) -> Job:
    """Return the job that lets the run's pipeline say `clips`.

    Args:
        method: that is called; "": the one that says a whole text, with its stages.
        how: further fields of the job.
    """
    stages = {END_TO_END: method} if method else {**part.stages, END_TO_END: part.method}
    leaves = () if method else tuple(part.stages)
    given = {"timeout_s": part.timeout_s, "contract": None, "stages": stages, "leaves": leaves}
    return job_of(settings, clips, **{**given, **how})


def espeak_job(
    settings: Settings,
    part: Speech,
    clips: tuple[Clip, ...],
    folder: Path,
    *,
    method: str = "generate_audio",
    **how: Any,
) -> Job:
    """Return the job that lets espeak-ng say `clips`; its config is written to `folder`."""
    config = folder / "espeak.json"
    config.write_text(json.dumps({"voice": part.espeak}), "utf-8")
    return Job(
        factory=_FACTORY,
        root=Path.cwd(),
        config=config,
        stages={END_TO_END: method},
        leaves=(),
        clips=clips,
        seed=settings.suite.seed,
        timeout_s=part.timeout_s,
        **how,
    )


def no_espeak(part: Speech) -> str:
    """Say why espeak-ng does not stand beside the pipeline; "" where it does."""
    if part.espeak is None:
        return f"The suite names no voice of {BESIDE} (speech.espeak)."
    return "" if espeak.library() else f"{BESIDE} is not installed. {espeak.INSTALL}"
