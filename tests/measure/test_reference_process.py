"""What the process that measures the reference pipeline holds, and what its parent does."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.accuracy.sets import read_set
from harness.config import read_settings
from harness.measure.passes import latency_pass
from harness.measure.process import INSIDE
from harness.records import Measurement
from harness.run.jobs import job_of

ROOT = Path(__file__).parents[2]
HEAVY = {"pandas", "matplotlib", "pytest", "_pytest", "pydantic", "librosa", "scipy", "jiwer"}


def test_the_reference_pipeline_is_measured_in_a_process_without_anything_heavy(
    tmp_path: Path,
) -> None:
    settings = read_settings(ROOT / "config/reference.yaml")
    settings = replace(settings, model=ROOT / "models/onnx/reference/core.onnx")
    clips = read_set(ROOT / settings.suite.sets / "es_synthetic")[:1]
    job = job_of(settings, clips, processes=1, repeats=1, warmup=0, cold=0, root=ROOT)
    out, config = tmp_path / "modules.json", tmp_path / "witness.json"
    told = {"factory": job.factory, "root": str(ROOT), "config": str(settings.config)}
    config.write_text(json.dumps({**told, "out": str(out)}))
    measured: list[Any] = []
    here = Path(__file__).parent
    latency_pass(
        replace(job, factory="witness:from_file", root=here, config=config), measured.append
    )
    assert "latency.inference" in {m.metric for m in measured if isinstance(m, Measurement)}
    modules = json.loads(out.read_text())
    names = {name.partition(".")[0] for name in modules}
    assert {"agents", "numpy", "onnxruntime"} <= names
    assert not names & {*HEAVY, "numba", "harness", "rich", "click", "jinja2"}
    ours = [Path(file) for file in modules.values() if file and Path(file).is_relative_to(ROOT)]
    elsewhere = {file for file in ours if file.is_relative_to(ROOT / "harness")}
    assert {file.parent for file in elsewhere} == {INSIDE}


def test_the_parent_sleeps_while_the_measured_process_works(make_job: Any) -> None:
    job = make_job({"a": {"seconds": 1.0}}, processes=1, repeats=1)
    before = time.process_time()
    latency_pass(job, lambda record: None)
    assert time.process_time() - before < 0.3  # of the two seconds that two requests take
