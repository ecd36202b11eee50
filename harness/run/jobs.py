"""From settings to the job of a pass: what its measured processes are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.config import Settings
from harness.integrity.bundle import bundle_files, weight_bytes
from harness.integrity.manifest import read_manifest
from harness.integrity.specification import PRODUCT_CONTRACT
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
        "contract": result_contract(settings),
    }
    return Job(**{**given, **how})


def result_contract(settings: Settings) -> dict[str, Any]:
    """Return what `process_audio` owes by the manifest, or else by the product's specification.

    A pipeline whose config asks for a part of the output owes at least what the text is read from.
    """
    manifest = read_manifest(settings.model)
    agreed = (manifest and manifest.contract) or PRODUCT_CONTRACT
    codes, features = agreed.input, agreed.output
    least = list(features.shape)
    if settings.cut and len(least) > 1:
        least[-1] //= agreed.frame_stride
        least[-2] = agreed.text_channels or least[-2]
    return {
        "codes": {
            "dtype": codes.dtype,
            "shape": list(codes.shape),
            "codebook": agreed.codebook_size,
        },
        "features": {"dtype": features.dtype, "shape": list(features.shape), "least": least},
    }
