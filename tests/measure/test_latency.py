"""Stage times: they add up, and what differs in kind stays apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.measure.inside.yardstick import ROUNDS
from harness.measure.job import Job, cold_processes
from harness.measure.keeper import ADDS_UP, STARTS_COLD
from harness.measure.passes import latency_pass
from harness.measure.process import Fault
from harness.measure.samples import DISTURBANCES, Said, unattributed
from harness.records import Finding, Measurement
from harness.units import Unit


def timed(job: Job) -> tuple[dict[tuple[str, int], Measurement], list[Finding]]:
    """Measurements by metric and process, and the findings."""
    told: list[Any] = []
    latency_pass(job, told.append)
    measured = [one for one in told if isinstance(one, Measurement)]
    findings = [one for one in told if isinstance(one, Finding)]
    return {(one.metric, one.process): one for one in measured}, findings


def test_a_pass_measures_every_metric_of_every_process(make_job: Any) -> None:
    slow = {"seconds": 0.03, "stage": "decode"}
    job = make_job({"a": slow, "b": {}}, load={"seconds": 0.05}, processes=2, repeats=3, warmup=1)
    measured, findings = timed(job)
    assert {metric for metric, _ in measured} == {
        *(f"latency.{stage}" for stage in job.stages),
        *("latency.unattributed", "latency.imports", "latency.load_warm"),
        "latency.first_inference",
        *(f"disturbance.{name}" for name in DISTURBANCES),
        "host.yardstick",
    }
    assert len(measured["host.yardstick", 1].samples) == ROUNDS
    end_to_end = measured["latency.end_to_end", 1]
    assert end_to_end.unit is Unit.SECONDS
    assert len(end_to_end.samples) == len(end_to_end.clips) == len(end_to_end.tainted) == 3
    decode = measured["latency.decode", 1]
    assert all(
        (value >= 0.03) == (clip == "a")
        for value, clip in zip(decode.samples, decode.clips, strict=True)
    )
    assert measured["latency.load_warm", 0].samples[0] >= 0.05
    assert {one.rule: one.holds for one in findings}[ADDS_UP]


def test_leaves_and_the_unattributed_rest_add_up_to_end_to_end(make_job: Any) -> None:
    job = make_job({"a": {"seconds": 0.004, "windows": 3}, "b": {"stage": "decode"}}, repeats=4)
    measured, _ = timed(job)
    parts = [f"latency.{name}" for name in (*job.leaves, "unattributed")]
    for number, whole in enumerate(measured["latency.end_to_end", 0].samples):
        values = [measured[part, 0].samples[number] for part in parts]
        assert min(values) >= 0
        assert sum(values) == pytest.approx(whole, abs=1e-9)
    group = measured["latency.audio_to_codes", 0].samples
    inside = zip(
        measured["latency.decode", 0].samples, measured["latency.tokenise", 0].samples, strict=True
    )
    assert all(whole >= sum(pair) for whole, pair in zip(group, inside, strict=True))


def test_a_leaf_inside_a_leaf_is_not_counted_twice(make_job: Any) -> None:
    job = make_job({"a": {"seconds": 0.02, "stage": "decode"}}, leaves=("audio_to_codes", "decode"))
    measured, _ = timed(job)
    assert measured["latency.audio_to_codes", 0].samples[0] < 0.02
    assert measured["latency.decode", 0].samples[0] >= 0.02
    assert measured["latency.unattributed", 0].samples[0] >= 0


def test_leaves_that_run_at_the_same_time_show_as_a_negative_rest(make_job: Any) -> None:
    report = {
        "kind": "called",
        "clip": "a",
        "stages": {"end_to_end": 10, "decode": 6, "tokenise": 7},
    }
    assert unattributed(report, make_job({"a": {}})) == -3


def test_a_stage_that_never_runs_is_not_measured(make_job: Any) -> None:
    stages = {"end_to_end": "process_audio", "loading": "from_file"}
    measured, _ = timed(make_job({"a": {}}, stages=stages, leaves=("loading",)))
    assert ("latency.loading", 0) not in measured
    assert ("latency.end_to_end", 0) in measured


def test_the_cold_processes_are_drawn_by_the_seed_and_the_others_are_warm(make_job: Any) -> None:
    plain = make_job({"a": {}})
    job = make_job({"a": {}}, processes=3, bundle=(plain.config,), seed=1)
    (cold_one,) = cold_processes(job)
    assert {n for seed in range(20) for n in cold_processes(replace(job, seed=seed))} == {0, 1, 2}
    measured, findings = timed(job)
    loads = {n: [m for m, of in measured if of == n and "load_" in m] for n in range(3)}
    assert loads == {
        n: ["latency.load_cold" if n == cold_one else "latency.load_warm"] for n in range(3)
    }
    load = measured["latency.load_cold", cold_one]
    first = measured["latency.first_result", cold_one]
    assert first.samples[0] > load.samples[0]
    assert "of 1 pages of 1 files in the page cache" in load.note
    (cold,) = [one for one in findings if one.rule == STARTS_COLD]
    assert cold.checked == load.note.startswith("cold")


def test_without_a_bundle_no_process_is_cold(make_job: Any) -> None:
    assert cold_processes(make_job({"a": {}}, processes=3)) == frozenset()


def test_a_pass_adds_processes_until_it_is_told_to_stop(make_job: Any) -> None:
    asked: list[int] = []

    def more(done: int) -> int:
        asked.append(done)
        return 1 if done < 4 else 0

    told: list[Any] = []
    latency_pass(make_job({"a": {}, "b": {}}, processes=2), told.append, more)
    assert asked == [2, 3, 4]
    requests = [one for one in told if getattr(one, "metric", "") == "latency.end_to_end"]
    assert [one.process for one in requests] == [0, 1, 2, 3]
    first, second = requests[0].clips, requests[1].clips
    assert [one.clips for one in requests] == [first, second, first, second], "they go round"


def test_a_pass_that_gives_up_asks_for_no_more(make_job: Any) -> None:
    asked: list[int] = []
    job = make_job({"a": {"fault": "SIGKILL"}}, processes=2)

    def more(done: int) -> int:
        asked.append(done)
        return 1

    latency_pass(job, lambda record: None, more)
    assert asked == []


def test_a_process_that_dies_keeps_its_samples_and_the_others_go_on(make_job: Any) -> None:
    crash = {"fault": "SIGKILL"}
    job = make_job({"a": {}, "b": crash, "c": {}}, processes=2, repeats=3, seed=1)
    measured, findings = timed(job)
    assert any(one.rule == Fault.CRASHED and not one.holds for one in findings)
    assert ("latency.load_warm", 1) in measured


def test_a_failed_request_moves_no_other_into_its_place(make_job: Any) -> None:
    said = Said(process=0)
    for number, kind in enumerate(("failed", "called", "called")):
        for each in ("calling", kind):
            said.hear({"kind": each, "request": number, "clip": "a", "stages": {}})
    job = make_job({"a": {}}, warmup=1, repeats=1)
    assert said.first is None
    assert len(said.timed(job)) == 1
