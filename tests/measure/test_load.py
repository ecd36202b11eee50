"""Load shapes: a request's latency runs from its arrival, whoever was served before it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from harness.measure.inside.traffic import Traffic
from harness.measure.keeper import ALIKE, ANSWERS, ENDS_WELL, OWN_MODEL
from harness.measure.load import SERVER, Trials, clip_seconds, poisson
from harness.measure.process import Fault
from harness.records import Finding, Measurement
from harness.units import Unit


def measured(told: list[Any]) -> dict[str, Measurement]:
    return {one.metric: one for one in told if isinstance(one, Measurement)}


def broken(told: list[Any]) -> dict[str, str]:
    return {one.rule: one.detail for one in told if isinstance(one, Finding) and not one.holds}


def test_arrivals_are_drawn_by_the_seed_and_come_at_the_rate() -> None:
    times = poisson(20.0, 4_000, seed=1)
    gaps = [later - earlier for earlier, later in zip([0.0, *times], times, strict=False)]
    mean = sum(gaps) / len(gaps)
    assert times == poisson(20.0, 4_000, seed=1) != poisson(20.0, 4_000, seed=2)
    assert min(gaps) > 0
    assert mean == pytest.approx(1 / 20, rel=0.05)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert spread == pytest.approx(mean, rel=0.1)  # exponential: as wide as it is long


def test_waiting_for_the_requests_before_counts_as_latency(make_job: Any) -> None:
    told: list[Any] = []
    trials = Trials(make_job({"a": {"seconds": 0.05}}, repeats=4), told.append)
    trial = trials.server(1000.0, workers=1, limit=9.0, over=4, name=SERVER)
    last = poisson(1000.0, 4, seed=0)[-1]
    service = measured(told)["load.server.service"].samples
    assert trial.whole
    assert trial.latencies[-1] >= 4 * 0.05 - last
    assert trial.latencies[-1] - service[-1] >= 3 * 0.05 - last - 0.001  # it waited for three
    assert measured(told)["load.server.latency"].samples == trial.latencies
    assert measured(told)["load.server.offered"].samples == (1000.0,)


def test_a_trial_whose_queue_runs_away_is_ended(make_job: Any) -> None:
    told: list[Any] = []
    trials = Trials(make_job({"a": {"seconds": 0.02}}, repeats=50), told.append)
    trial = trials.server(1000.0, workers=1, limit=0.01, over=2, name=SERVER)
    assert len(trial.latencies) == 3
    assert not trial.whole
    trials.close()
    assert not broken(told)


def test_each_shape_is_kept_raw_with_its_clips_and_a_trial_for_a_process(make_job: Any) -> None:
    told: list[Any] = []
    job = make_job({"a": {}, "b": {}}, repeats=4, warmup=1)
    trials = Trials(job, told.append)
    assert trials.single_stream().whole
    assert trials.offline(2).throughput > 0
    trials.close()
    found = measured(told)
    assert set(found) == {
        *("load.single_stream", "load.single_stream.throughput"),
        *("load.offline.2", "load.offline.2.service"),
    }
    assert found["load.single_stream"].process == 0
    assert found["load.offline.2"].process == 1
    assert found["load.offline.2"].unit is Unit.RATE
    service = found["load.offline.2.service"]
    assert sorted(service.clips) == ["a", "a", "b", "b"]
    assert len(service.samples) == len(service.tainted) == 4
    rules = {one.rule for one in told if isinstance(one, Finding)}
    assert rules == {ENDS_WELL, ANSWERS, OWN_MODEL, ALIKE}
    assert clip_seconds(job) == {"a": 1.0, "b": 1.0}


def test_so_many_requests_are_in_flight_as_there_are_workers() -> None:
    meeting = threading.Barrier(3)
    traffic = {"workers": 3, "lead": 0, "arrivals": [0] * 6, "limit": 10**12, "over": 0}
    instrument = Traffic({"traffic": traffic, "throttling": None})

    def process(data: bytes) -> dict[str, str]:
        meeting.wait(timeout=20)  # only three at once get past it
        return {"text": "hola"}

    seen: list[Any] = []
    clips = [{"id": str(number), "audio": ""} for number in range(6)]
    instrument.drive(clips, lambda clip: seen.append(instrument.call(process, b"")))
    assert [one["text"] for one in seen] == ["hola"] * 6
    assert all(0 == one["arrival"] <= one["start"] <= one["end"] for one in seen)
    assert not instrument.finish()["ended_early"]


def test_a_clip_that_gets_another_text_later_is_told(make_job: Any) -> None:
    told: list[Any] = []
    trials = Trials(make_job({"a": {"number": True}}, repeats=2), told.append)
    trials.offline(2)
    trials.close()
    assert broken(told)[ALIKE].startswith("Clip a: '0' at first, '")
    assert "with 2 requests in flight" in broken(told)[ALIKE]


@pytest.mark.parametrize(
    ("fault", "rule", "said"),
    [
        ("sys.exit 0", Fault.LEFT_EARLY, "ended before its work was done, with status 0"),
        ("SIGKILL", Fault.CRASHED, "was killed by SIGKILL"),
        ("exception", ANSWERS, "the clip is not to my taste"),
    ],
)
def test_what_goes_wrong_in_a_worker_is_a_finding(
    make_job: Any, fault: str, rule: str, said: str
) -> None:
    told: list[Any] = []
    trials = Trials(make_job({"a": {"fault": fault}}, repeats=2), told.append)
    assert not trials.offline(2).whole
    trials.close()
    assert said in broken(told)[rule]
