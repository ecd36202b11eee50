"""Disturbances: causes outside the process only, by a stated rule."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

import pytest

from harness.measure.inside.counters import cpu_seconds, descendants, difference, outside
from harness.measure.noise import Noise, doubts, shares, tainted, wait_for_quiet
from harness.measure.passes import latency_pass

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds
QUIET = {"at": 1.0, "busy": 0.5, "own": 0.5, "steal": 0.0, "throttled": 0.0, "cores": 2.0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),  # nobody else
        ({"own": 0.0, "busy": 0.0}, False),  # it slept: its own business
        ({"own": 2.0, "busy": 2.0}, False),  # it was slow: never a reason
        ({"busy": 0.6}, False),  # another took 0.1 core: the limit itself
        ({"busy": 0.6 + 1.1 * TICK}, True),  # more, and more than a tick can pretend
        ({"own": 1.9, "busy": 2.0 + 1.5 * TICK}, False),  # two busy cores: two ticks are forgiven
        ({"steal": 0.01}, False),  # 0.5 % of two cores
        ({"steal": 0.02}, True),
        ({"throttled": 1e-6}, True),  # any quota stop
        ({"busy": 0.4}, False),  # counters in ticks may fall short of the process's own
        ({"at": 0.0}, False),  # no time, no disturbance
    ],
)
def test_a_sample_is_tainted_from_outside_only(change: dict[str, float], expected: bool) -> None:
    assert tainted({**QUIET, **change}) is expected


def test_a_sample_of_which_nothing_is_known_is_not_called_tainted() -> None:
    assert not tainted(None)


def test_shares_by_hand() -> None:
    seen = {**QUIET, "at": 4.0, "busy": 3.0, "own": 1.0, "steal": 0.08, "pressure": 0.4}
    assert shares(seen) == pytest.approx({"steal": 0.01, "foreign": 0.5, "pressure": 0.1})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steal": 0.1}, "The host gave 5.00 % of the CPU time to other guests"),
        ({"busy": 1.25}, "Other processes used 75.00 % of one core"),
        ({"pressure": 0.2}, "Tasks waited for a core 20.00 % of the time"),
        ({"throttled": 0.5}, "A CPU quota held this group of processes back for 500 ms"),
    ],
)
def test_each_disturbance_is_said_with_its_remedy(change: dict[str, float], said: str) -> None:
    (doubt,) = doubts({**QUIET, **change})
    assert doubt.startswith(said)
    assert doubt.endswith((".",))
    assert not list(doubts(QUIET))


def test_the_machine_is_watched_between_start_and_stop() -> None:
    noise = Noise()
    noise.start()
    calm = noise.stop()
    assert {"load average at start", "load average at end", "steal", "foreign CPU"} <= set(
        calm.noise
    )


@pytest.mark.parametrize(
    ("busy", "quiet", "said"),
    [
        ([0.5], True, []),  # nobody else
        ([0.9, 0.9, 0.5], True, ["Waiting up to 3 s for a quiet machine: others use 0.40 cores"]),
        ([0.9] * 3, False, ["Waiting up to 3 s", "It did not become quiet within 3 s"]),
        ([None], False, ["there is no /proc/stat"]),
    ],
)
def test_a_run_waits_until_others_are_quiet_or_its_time_is_over(
    busy: list[float | None], quiet: bool, said: list[str]
) -> None:
    seconds = iter([None if each is None else {**QUIET, "busy": each} for each in busy])
    told: list[str] = []
    assert wait_for_quiet(3, told.append, lambda: next(seconds)) is quiet
    assert len(told) == len(said)
    assert all(words in line for words, line in zip(said, told, strict=True))
    assert next(seconds, "no more") == "no more"


def test_the_counters_never_go_back() -> None:
    before, after = outside(), outside()
    seen = difference(before, after)
    assert seen is not None
    assert all(value >= 0 for value in seen.values())
    assert seen["cores"] == len(os.sched_getaffinity(0))
    assert cpu_seconds() > 0
    assert difference(None, after) is None


def test_what_children_and_orphans_of_the_process_use_is_its_own(make_job: Any) -> None:
    """A grandchild whose parent has ended burns a core: nobody else did."""
    told: list[Any] = []
    job = make_job({"a": {"orphan_s": 0.3}}, repeats=2)
    latency_pass(job, told.append)
    (foreign,) = [one for one in told if getattr(one, "metric", "") == "disturbance.foreign"]
    (cpu,) = [one for one in told if getattr(one, "metric", "") == "disturbance.cpu"]
    assert min(cpu.samples) >= 0.29
    assert cpu.clips == foreign.clips == ("a", "a")


def test_a_child_is_seen_with_its_time_until_it_is_reaped() -> None:
    before = cpu_seconds()
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        seen = outside()
        assert child.pid in descendants()
        apart = difference(seen, outside())
        while apart is not None and apart["own"] < 0.05:  # of a child that has not ended
            time.sleep(0.02)
            apart = difference(seen, outside())
    finally:
        child.kill()
        child.wait()
    assert apart is not None
    assert child.pid not in descendants()
    assert cpu_seconds() - before >= 0.05
