"""A bare arm beside a full one: whole requests only, and nothing that was not measured."""

from __future__ import annotations

from typing import Any

from harness.measure.samples import DISTURBANCES
from harness.records import Measurement
from harness.run.arms import Arm, interleave


def test_a_bare_process_is_timed_around_its_requests_and_nothing_else(make_job: Any) -> None:
    slow = {"seconds": 0.03, "stage": "decode"}
    job = make_job({"a": slow}, load={"seconds": 0.05}, repeats=2)
    told: list[Any] = []
    arms = (Arm(name="bare", job=job, mode="bare"), Arm(name="full", job=job))
    interleave(arms, rounds=2, seed=0, emit=told.append)
    measured = [one for one in told if isinstance(one, Measurement)]
    by_arm = {arm.name: {m.metric for m in measured if m.arm == arm.name} for arm in arms}
    assert by_arm["bare"] == {
        *("latency.imports", "latency.load_warm", "latency.end_to_end", "memory.peak"),
    }
    assert by_arm["full"] > by_arm["bare"] | {f"disturbance.{name}" for name in DISTURBANCES}
    assert "latency.unattributed" in by_arm["full"]
    requests = [m for m in measured if m.metric == "latency.end_to_end"]
    assert [m.process for m in requests if m.arm == "bare"] == [0, 1]
    assert all(len(m.samples) == 2 and min(m.samples) >= 0.03 for m in requests)
    assert all(one.holds for one in told if not isinstance(one, Measurement))
