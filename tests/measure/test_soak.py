"""A soak of real processes: a real leak is found, and a clean process passes."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge.growth import growth_of
from harness.measure.soak import shuffled_rounds, soak_pass
from harness.records import Finding, Measurement
from harness.units import KB, Unit
from tests.sample_run import empty_run

CLIPS = 8


def soaked(job: Any, rounds: int = 12) -> list[Any]:
    told: list[Any] = []
    soak_pass(job, told.append, warmup=4, rounds=rounds)
    return told


def test_every_round_sends_every_clip_in_an_order_of_its_own(make_job: Any) -> None:
    job = make_job({f"c{number}": {} for number in range(CLIPS)}, seed=3)
    sent = [clip.id for clip in shuffled_rounds(job, 3, 0)]
    each = [sent[start : start + CLIPS] for start in range(0, len(sent), CLIPS)]
    assert all(sorted(one) == [f"c{number}" for number in range(CLIPS)] for one in each)
    assert each[0] != each[1] != each[2]
    assert sent == [clip.id for clip in shuffled_rounds(job, 3, 0)]
    assert sent != [clip.id for clip in shuffled_rounds(job, 3, 1)]


def test_memory_is_kept_raw_after_every_request_and_the_warm_up_apart(make_job: Any) -> None:
    told = soaked(make_job({"a": {}, "b": {}}, processes=2), rounds=4)
    found = {(m.metric, m.process): m for m in told if isinstance(m, Measurement)}
    assert len(found) == 8
    for process in (0, 1):
        resident = found["soak.resident", process]
        assert resident.unit is Unit.BYTES
        assert len(resident.samples) == len(resident.clips) == 8
        assert len(found["soak.warmup", process].samples) == 8
        split = zip(
            found["soak.anon", process].samples, found["soak.file", process].samples, strict=True
        )
        assert [sum(pair) for pair in split] == list(resident.samples)
    assert all(one.holds for one in told if isinstance(one, Finding))


@pytest.mark.parametrize("kilobytes", [0, 10, 40])
def test_a_planted_leak_is_found_in_a_real_process(make_job: Any, kilobytes: int) -> None:
    clips = {f"c{number}": {"keep_kilobytes": kilobytes} for number in range(CLIPS)}
    told = soaked(make_job(clips, processes=2), rounds=24)
    measured = tuple(one for one in told if isinstance(one, Measurement))
    grown = growth_of(empty_run(measurements=measured, facts={"soak": {"round": CLIPS}}))
    assert grown is not None
    if kilobytes:
        assert grown.interval.low > 2 * KB
        assert grown.slope == pytest.approx(kilobytes * KB, rel=0.25)
    else:
        assert grown.interval.high < 2 * KB


def test_each_answer_is_a_step(make_job: Any) -> None:
    steps: list[int] = []
    soak_pass(
        make_job({"a": {}}), lambda record: None, warmup=1, rounds=4, step=lambda: steps.append(1)
    )
    assert len(steps) == 5
