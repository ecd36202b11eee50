"""Which clips each process is sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from harness.errors import MeasurementError
from harness.measure.job import schedule


def test_the_timed_requests_go_on_round_the_clips_where_the_process_before_stopped(
    make_job: Any,
) -> None:
    job = make_job({"a": {}, "b": {}, "c": {}}, processes=2, repeats=2, warmup=1, seed=3)
    first, second = (tuple(clip.id for clip in schedule(job, number)) for number in (0, 1))
    x, y, z = (
        clip.id
        for clip in schedule(make_job({"a": {}, "b": {}, "c": {}}, repeats=3, seed=3), 0)[1:]
    )
    assert first == (y, z, x, y)  # first request, warm-up, then two timed ones
    assert second == (x, y, z, x)


@pytest.mark.parametrize("clips", [1, 2, 3, 5, 8])
@pytest.mark.parametrize(("processes", "repeats"), [(10, 8), (3, 4), (1, 1)])
def test_every_clip_is_timed_equally_often(
    make_job: Any, clips: int, processes: int, repeats: int
) -> None:
    told: dict[str, dict[str, Any]] = {f"clip{number}": {} for number in range(clips)}
    job = make_job(told, processes=processes, repeats=repeats, warmup=2, seed=clips)
    timed = [clip.id for number in range(processes) for clip in schedule(job, number)[3:]]
    counts = Counter(dict.fromkeys(told, 0)) + Counter(timed)
    assert len(timed) == processes * repeats
    assert max(counts.values()) - min(counts.values() if len(counts) == clips else [0]) <= 1


def test_another_seed_gives_another_order(make_job: Any) -> None:
    told: dict[str, dict[str, Any]] = {f"clip{number}": {} for number in range(8)}
    orders = {schedule(make_job(told, repeats=8, seed=seed), 0) for seed in range(5)}
    assert len(orders) > 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"clips": ()}, "no clip"),
        ({"stages": {"inference": "run_inference"}}, "'end_to_end' is missing"),
        ({"leaves": ("decode", "infrence")}, "'infrence' is no stage"),
    ],
)
def test_a_job_that_cannot_be_done_is_refused(
    make_job: Any, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(MeasurementError, match=message):
        replace(make_job({"a": {}}), **wrong)
