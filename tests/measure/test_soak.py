"""A soak of real processes: a real leak is found, and a clean process passes."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.audio import decode
from agents.errors import AudioOmniError
from harness.judge.growth import growth_of
from harness.measure.keeper import HARNESS_KEEPS, REFUSES, SAME
from harness.measure.soak import BadInput, shuffled_rounds, soak_pass, strewn
from harness.measure.spoiled import spoiled, spoiled_clips
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
    assert len(found) == 12
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


def bad_of(folder: Path, told: dict[str, Any], refusal: str) -> BadInput:
    """One kind of bad input, which makes the planted pipeline do what is told."""
    file = folder / "bad.json"
    file.write_text(json.dumps(told))
    clip = replace(spoiled_clips(folder)[0], audio=str(file))
    return BadInput(clips=(clip,), refusal=refusal)


@pytest.mark.parametrize(
    ("told", "refusal", "said"),
    [
        pytest.param({"fault": "exception"}, "planted:PlantedError", "", id="an error of its own"),
        pytest.param(
            {"fault": "exception"}, "builtins:OSError", "ended with PlantedError", id="untyped"
        ),
        pytest.param({}, "planted:PlantedError", "was answered", id="an answer"),
    ],
)
def test_bad_input_must_end_in_an_error_of_the_pipelines_own(
    make_job: Any, tmp_path: Path, told: dict[str, Any], refusal: str, said: str
) -> None:
    seen: list[Any] = []
    bad = bad_of(tmp_path, told, refusal)
    soak_pass(make_job({"a": {}}), seen.append, warmup=1, rounds=120, bad=bad)
    (broken,) = [f.detail for f in seen if isinstance(f, Finding) and f.rule == REFUSES]
    assert said in broken
    (finding,) = [f for f in seen if isinstance(f, Finding) and f.rule == REFUSES]
    assert finding.holds is not bool(said)
    (counted,) = [m for m in seen if isinstance(m, Measurement) and m.metric == "soak.refused"]
    assert counted.samples == (0.0 if said else 1.0,) * 2  # 1 % of 121 requests, rounded up
    (kept,) = [m for m in seen if isinstance(m, Measurement) and m.metric == "soak.resident"]
    assert set(kept.clips) == {"a"}


@pytest.mark.parametrize("leak", ["keep_file", "keep_thread"])
def test_what_a_request_leaves_open_is_found(make_job: Any, leak: str) -> None:
    told = soaked(make_job({"a": {leak: True}}), rounds=4)
    broken = "".join(f.detail for f in told if isinstance(f, Finding) and not f.holds)
    assert broken.count("Close what a request opens") == 1, broken
    words = {"keep_file": "open files", "keep_thread": "threads"}[leak]
    assert f"{words}: " in broken


def test_what_the_harness_leaves_open_is_found(make_job: Any) -> None:
    told: list[Any] = []
    with ExitStack() as opened:

        def leave_open() -> None:
            opened.enter_context(open(os.devnull))

        soak_pass(make_job({"a": {}}), told.append, warmup=1, rounds=4, step=leave_open)
    (broken,) = [f for f in told if isinstance(f, Finding) and not f.holds]
    assert broken.rule == HARNESS_KEEPS


def test_a_text_that_changes_is_found(make_job: Any) -> None:
    told = soaked(make_job({"a": {"number": True}}), rounds=4)
    broken = [f for f in told if isinstance(f, Finding) and not f.holds]
    assert [finding.rule for finding in broken] == [SAME]


def test_bad_input_is_strewn_among_good_by_one_in_a_hundred(make_job: Any, tmp_path: Path) -> None:
    job, kinds = make_job({f"c{n}": {} for n in range(10)}), spoiled_clips(tmp_path)
    good = shuffled_rounds(job, 198, 0)
    sent = strewn(good, kinds, seed=1)
    assert [clip for clip in sent if clip not in kinds] == list(good)
    assert len(sent) == 2_000
    assert {clip.id for clip in sent} >= {clip.id for clip in kinds}
    assert sent == strewn(good, kinds, seed=1) != strewn(good, kinds, seed=2)


@pytest.mark.parametrize(("name", "data"), spoiled().items())
def test_the_pipeline_refuses_each_kind_of_bad_input(name: str, data: bytes) -> None:
    with pytest.raises(AudioOmniError):
        decode(data)
