"""The ledger: lines that add up to the peak, and planted bytes that stand in the right one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.measure.job import Job
from harness.measure.ledger import SUMS
from harness.measure.passes import memory_pass
from harness.records import Measurement
from harness.units import MB

SIZE = 200 * MB
EXACT = 3 * MB  # 1 % + 1 MB


def ledger_of(job: Job) -> dict[str, float]:
    """The lines of the one process of mode `memory_stages`."""
    told: list[Any] = []
    memory_pass(job, told.append)
    measured = [one for one in told if isinstance(one, Measurement)]
    lines = [one for one in measured if one.metric.startswith("memory.ledger.")]
    return {one.metric.removeprefix("memory.ledger."): one.samples[0] for one in lines}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file that stands for the weights of a bundle."""
    file = tmp_path / "weights"
    file.write_bytes(bytes(SIZE))
    return file


def test_the_lines_add_up_to_the_peak(make_job: Any, model: Path) -> None:
    load = {"keep_megabytes": 20, "map": str(model)}
    lines = ledger_of(make_job({"a": {"megabytes": 60}}, load=load, bundle=(model,)))
    for name, parts in SUMS.items():
        assert lines[name] == sum(lines[part] for part in parts)
    told = [lines[name] for name in ("model", "runtime", "output", "audio", "left_over")]
    assert sum(told) == lines["total"]
    assert lines["left_over"] == pytest.approx(60 * MB, abs=EXACT)  # freed: above what malloc keeps


def test_mapped_weights_count_as_far_as_they_were_read(make_job: Any, model: Path) -> None:
    lines = ledger_of(
        make_job({"a": {}}, load={"map": str(model)}, bundle=(model,), weight_bytes=SIZE)
    )
    assert lines["weights_mapped"] == pytest.approx(SIZE, abs=8192)
    assert lines["weights_resident"] == pytest.approx(SIZE / 2, abs=EXACT)
    assert lines["weights_copied"] < EXACT


def test_private_memory_of_the_load_is_copied_weights_up_to_their_size(make_job: Any) -> None:
    lines = ledger_of(make_job({"a": {}}, load={"keep_megabytes": 200}, weight_bytes=150 * MB))
    assert lines["weights_copied"] == 150 * MB
    assert lines["working"] == pytest.approx(50 * MB, abs=EXACT)


def test_what_the_audio_stage_takes_is_its_line_and_not_the_runtime(make_job: Any) -> None:
    lines = ledger_of(make_job({"a": {"megabytes": 200, "stage": "decode"}}))
    assert lines["audio"] == pytest.approx(SIZE, abs=EXACT)
    assert lines["working"] < 10 * MB
    assert abs(lines["left_over"]) < EXACT
