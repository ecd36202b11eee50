"""A clock that goes backwards is a finding, never a fast sample."""

from __future__ import annotations

from typing import Any

import pytest

from harness.measure.clock import impossible
from harness.measure.job import Job
from harness.measure.keeper import AS_HEARD, FORWARD
from harness.measure.passes import latency_pass, transcribe_pass
from harness.records import Finding, Measurement, Transcript


def told(job: Job) -> tuple[list[Measurement], dict[str, Finding]]:
    seen: list[Any] = []
    latency_pass(job, seen.append)
    measured = [one for one in seen if isinstance(one, Measurement)]
    return measured, {one.rule: one for one in seen if isinstance(one, Finding)}


@pytest.mark.parametrize(
    ("report", "wrong"),
    [
        ({"kind": "called", "stages": {"inference": -5, "end_to_end": 9}}, ["inference -5 ns"]),
        ({"kind": "called", "stages": {"inference": 0, "end_to_end": 9}}, ["inference 0 ns"]),
        ({"kind": "called", "stages": {"inference": 7, "end_to_end": 9}}, []),
        ({"kind": "called", "stages": {"inference": {"peak": 0, "rise": 0}}}, []),
        ({"kind": "loaded", "imports": 1, "load": -1}, ["load -1 ns"]),
        ({"kind": "called", "elapsed": 0}, ["elapsed 0 ns"]),
        ({"kind": "called", "arrival": 1, "start": 5, "end": 4}, ["the request -1 ns"]),
        ({"kind": "done", "yardstick": [5, -5]}, ["the yardstick -5 ns"]),
        ({"kind": "end", "memory": {}}, []),
    ],
)
def test_a_time_of_zero_or_less_is_no_time(report: dict[str, Any], wrong: list[str]) -> None:
    assert impossible(report) == wrong


def test_a_clock_that_is_set_back_in_a_stage_is_said_and_that_request_is_no_sample(
    make_job: Any,
) -> None:
    job = make_job({"a": {}, "b": {"fault": "clock"}, "c": {}}, repeats=3)
    seen: list[Any] = []
    latency_pass(job, seen.append)
    said = [one for one in seen if isinstance(one, Finding) and one.rule == FORWARD]
    assert not any(one.holds for one in said)
    assert "latency: inference -" in said[0].detail
    assert "time.perf_counter_ns" in said[0].detail
    measured = [one for one in seen if isinstance(one, Measurement)]
    whole = next(one for one in measured if one.metric == "latency.end_to_end")
    assert set(whole.clips) == {"a", "c"}
    assert min(whole.samples) > 0


def test_a_clip_that_was_heard_by_such_a_clock_has_no_time(make_job: Any) -> None:
    seen: list[Any] = []
    job = make_job({"a": {}, "b": {"fault": "clock"}})
    transcribe_pass(job, {"words": job.clips}, seen.append)
    assert [one.clip for one in seen if isinstance(one, Transcript)] == ["a"]
    assert any(isinstance(one, Finding) and one.rule == FORWARD for one in seen)


def test_timed_answers_are_those_that_are_heard(make_job: Any) -> None:
    clips = {name: {"text": name} for name in "abcd"}
    _, rules = told(make_job(clips, repeats=4))
    assert rules[AS_HEARD].holds
    assert rules[FORWARD].holds


def test_an_answer_kept_from_another_request_is_found(make_job: Any) -> None:
    clips = {name: {"text": name, "cached": True} for name in "abcd"}
    measured, rules = told(make_job(clips, repeats=4))
    assert measured
    assert not rules[AS_HEARD].holds
    assert "when it was timed" in rules[AS_HEARD].detail
