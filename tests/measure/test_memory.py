"""Memory: the kernel sees what was planted, also where it was freed before anyone could look."""

from __future__ import annotations

from typing import Any

import pytest

from harness.measure.inside import counters
from harness.measure.job import Job
from harness.measure.passes import memory_pass
from harness.records import Measurement
from harness.units import MB, Unit

MEGABYTES = 200  # enough to tell MB from MiB
PLANTED = MEGABYTES * MB
EXACT = PLANTED // 100 + MB  # 1 % + 1 MB


def weighed(job: Job) -> dict[str, Measurement]:
    """The measurement of each metric; the last one where processes repeat."""
    told: list[Any] = []
    memory_pass(job, told.append)
    return {one.metric: one for one in told if isinstance(one, Measurement)}


def test_what_a_stage_takes_and_frees_is_its_rise_and_that_of_the_stages_around_it(
    make_job: Any,
) -> None:
    measured = weighed(make_job({"a": {"megabytes": MEGABYTES, "stage": "tokenise"}}))
    for stage in ("tokenise", "audio_to_codes", "end_to_end"):
        rise = measured[f"memory.stage.{stage}.rise"]
        assert rise.unit is Unit.BYTES
        assert max(rise.samples) == pytest.approx(PLANTED, abs=EXACT)
    for stage in ("decode", "inference", "post_process"):
        assert max(measured[f"memory.stage.{stage}.rise"].samples) < EXACT
    peak, steady = measured["memory.stage.tokenise.peak"], measured["memory.steady"]
    assert max(peak.samples) == pytest.approx(max(steady.samples) + PLANTED, abs=2 * EXACT)


def test_the_peak_of_the_process_holds_what_the_load_freed(make_job: Any) -> None:
    measured = weighed(make_job({"a": {}}, load={"megabytes": MEGABYTES}))
    libraries = measured["memory.libraries"].samples[0]
    for name in ("load_peak", "first_run_peak", "peak"):
        peak = measured[f"memory.{name}"].samples[0]
        assert peak == pytest.approx(libraries + PLANTED, abs=EXACT + MB)
    assert measured["memory.steady"].samples[0] < libraries + 10 * MB


def test_the_peak_of_the_first_request_is_apart_from_that_of_the_load(make_job: Any) -> None:
    measured = weighed(make_job({"a": {"megabytes": MEGABYTES}}))
    rise = measured["memory.first_run_peak"].samples[0] - measured["memory.load_peak"].samples[0]
    assert rise == pytest.approx(PLANTED, abs=EXACT + MB)


def test_the_split_of_steady_memory_adds_up(make_job: Any) -> None:
    measured = weighed(make_job({"a": {}}, repeats=3))
    parts = [measured[f"memory.{name}"].samples for name in ("anon", "file", "shmem")]
    assert [sum(split) for split in zip(*parts, strict=True)] == list(
        measured["memory.steady"].samples
    )
    assert measured["memory.steady"].clips == ("a", "a", "a")


def test_whole_processes_and_stages_are_weighed_apart_in_a_drawn_order(make_job: Any) -> None:
    told: list[Any] = []
    memory_pass(make_job({"a": {}}, processes=3, seed=5), told.append)
    whole = {one.process for one in told if getattr(one, "metric", "") == "memory.peak"}
    stages = {one.process for one in told if getattr(one, "metric", "").startswith("memory.stage.")}
    assert len(whole) == len(stages) == 3
    assert whole | stages == set(range(6))
    assert whole != {0, 1, 2}


def test_a_process_without_an_answer_has_no_peak(make_job: Any) -> None:
    assert "memory.peak" not in weighed(make_job({"a": {"fault": "exception"}}))


def test_the_kernel_is_read_in_bytes() -> None:
    now = counters.memory()
    assert now["VmHWM"] >= now["VmRSS"] > MB
    assert all(value % counters.KIB == 0 for value in now.values())
