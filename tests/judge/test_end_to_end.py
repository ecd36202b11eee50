"""The share of clips that were answered rightly and in time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.budgets import time_limit
from harness.judge.end_to_end import EndToEnd, end_to_end, wilson
from harness.judge.verdicts import judge
from harness.records import Expect, Outcome, Run, Statistic, Transcript
from harness.units import Unit
from tests.sample_run import budget, empty_run, measurement, transcript

GRAMMAR = "slot room: la cocina | el salón\nintent off\n  [oye] apaga {room}\n"
OFF = Expect(intent="off", slots=(("room", "la cocina"),))
ROW = budget("accuracy.end_to_end", 0.9, Unit.RATIO, statistic=Statistic.RATE, at_most=False)


def heard(reference: str = "hola", hypothesis: str = "hola", **other: Any) -> Transcript:
    """Return a clip that kept its contract in 30 ms, unless `other` says otherwise."""
    return transcript(reference, hypothesis, **{"broke": "", "elapsed": 0.030, **other})


def run_of(*clips: Transcript, planned: int | None = None, **facts: Any) -> Run:
    """Return a run that heard these clips, whose windows may take 50 ms."""
    many = len(clips) if planned is None else planned
    known = {
        "suite": {"accuracy": {"gated": ["es_synthetic"]}},
        "sets": {"es_synthetic": {"clips": many, "of": many, "grammar": GRAMMAR}},
        "time_limit": {"seconds": 0.050, "yardstick": None},
    }
    return empty_run(transcripts=clips, facts={**known, **facts})


def found(run: Run) -> EndToEnd:
    seen = end_to_end(run)
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("clip", "missed", "why"),
    [
        (heard("¡Hola, Íñigo!", "hola inigo"), ("words",), "ñ is not n"),
        (heard("¡Está, Íñigo!", "esta iñigo"), (), "accents and punctuation are no matter"),
        (heard("hola", "hola hola"), ("words",), "a word more"),
        (heard("veintiuno", "21"), ("words",), "digits stay digits in the lenient view"),
        (heard(elapsed=0.050), (), "as long as it may take"),
        (heard(elapsed=0.0501), ("time",), "longer"),
        (heard(elapsed=0.099, seconds=20.48), (), "two windows long, twice the time"),
        (heard(elapsed=0.101, seconds=20.48), ("time",), "longer than that"),
        (heard(elapsed=0.051, seconds=1.0), ("time",), "a short clip has the time of a window"),
        (heard(broke="missing: metadata"), ("contract",), "a broken contract"),
        (heard("apaga la cocina", "oye apaga la cocina", expect=OFF), (), "the intent is right"),
        (heard("apaga la cocina", "apaga el salón", expect=OFF), ("intent",), "another slot"),
        (heard("apaga la cocina", "la cocina", expect=OFF), ("intent",), "nothing understood"),
        (heard("a", "b", elapsed=1.0, broke="?"), ("contract", "time", "words"), "all of it"),
    ],
)
def test_a_clip_counts_where_contract_time_and_answer_hold(
    clip: Transcript, missed: tuple[str, ...], why: str
) -> None:
    seen = found(run_of(clip))
    assert seen.judged[0].missed == missed, why
    assert seen.right == (not missed)


def test_a_worked_example() -> None:
    """17 right, 1 late, 1 misheard and 1 without an answer: 17 of 20."""
    clips = [heard()] * 17 + [heard(elapsed=0.2), heard("sí", "no")]
    seen = found(run_of(*clips, planned=20))
    assert (seen.clips, seen.right, seen.unanswered, seen.rate) == (20, 17, 1, 0.85)
    interval = seen.interval()
    assert interval is not None
    # By hand: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.959964
    assert (interval.low, interval.high) == pytest.approx((0.63958, 0.94763), abs=1e-5)


def test_wilson_s_interval_is_the_published_one() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20."""
    for right, clips, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
    ):
        interval = wilson(right, clips)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("right", "of", "outcome", "said"),
    [
        (300, 306, Outcome.PASS, "98.04 %"),
        (277, 306, Outcome.NOT_PROVEN, "more clips at this rate would decide it"),
        (200, 306, Outcome.FAIL, "missed by"),
        (19, 19, Outcome.NOT_PROVEN, "19 clips decide nothing, 20 are needed: 1 more"),
        (0, 19, Outcome.NOT_PROVEN, "decide nothing"),
        (90, 100, Outcome.NOT_PROVEN, "The rate is the limit itself"),
    ],
)
def test_the_whole_interval_decides(right: int, of: int, outcome: Outcome, said: str) -> None:
    clips = [heard()] * right + [heard("sí", "no")] * (of - right)
    verdict = judge(ROW, run_of(*clips))
    assert verdict.outcome is outcome
    assert said in verdict.sentence
    assert verdict.samples == of


def test_the_clips_that_are_said_to_decide_it_do() -> None:
    clips = [heard()] * 47 + [heard("sí", "no")] * 3
    seen = found(run_of(*clips))
    more = int(seen.remedy(0.9).split()[1])
    assert wilson(47, 50).low < 0.9
    whole = 50 + more
    assert wilson(round(0.94 * whole), whole).low == pytest.approx(0.9, abs=0.003)


@pytest.mark.parametrize(
    ("metrics", "limit"),
    [
        ((), 0.050),
        (("host.yardstick",), 0.100),
        (("host.yardstick", "host.yardstick_hearing"), 0.100),
    ],
)
def test_the_limit_is_stretched_as_that_of_the_budget_is(
    metrics: tuple[str, ...], limit: float
) -> None:
    """The yardstick of the processes that heard the clips counts before that of others."""
    took = {name: 0.010 if name == metrics[-1] else 0.5 for name in metrics}
    taken = tuple(measurement(name, [seconds] * 3) for name, seconds in took.items())
    known = {"seconds": 0.050, "yardstick": 0.005}
    run = replace(run_of(heard(), time_limit=known), measurements=taken)
    assert found(run).limit == pytest.approx(limit)


def test_only_gated_sets_count_as_they_are_and_of_one_pipeline() -> None:
    human = heard("sí", "no", set="es_human")
    arm = heard("sí", "no", arm="b")
    noisy = heard("sí", "no", treatment="white 10")
    assert found(run_of(heard(), human, arm, noisy, planned=1)).clips == 1


def test_what_cannot_be_told_is_not_measured() -> None:
    for run in (
        run_of(),
        run_of(heard(), time_limit=None),
        run_of(heard(), heard(broke=None)),
        empty_run(transcripts=(heard(),)),
    ):
        assert end_to_end(run) is None
        assert judge(ROW, run).outcome is Outcome.NOT_MEASURED


def test_the_time_is_that_of_the_budget_end_to_end() -> None:
    rows = (
        budget("latency.inference", 0.1, Unit.SECONDS),
        budget("latency.end_to_end", 9.0, Unit.SECONDS, statistic=Statistic.MAX),
        budget("latency.end_to_end", 0.35, Unit.SECONDS, yardstick=0.0056),
    )
    assert time_limit(rows) == {"seconds": 0.35, "yardstick": 0.0056}
    assert time_limit(rows[:2]) is None
