"""The round trip of a voice: its floor, the paired difference, and which part is to blame."""

from __future__ import annotations

import pytest

from harness.budgets import OVER_FLOOR, ROUND_TRIP
from harness.judge.round_trip import blame, lost, over_floor, round_trip
from harness.judge.verdicts import judge
from harness.records import Outcome, Run, Statistic, Transcript
from harness.units import Unit
from tests.sample_run import budget, empty_run, transcript

SAID = "pon la luz de la cocina por favor ahora mismo"  # 10 words


def heard(arm: str, errors: list[int], said: str = SAID) -> list[Transcript]:
    """As many sentences as `errors`; of each that many words are not heard."""
    return [
        transcript(said, " ".join(said.split()[wrong:]), clip=f"s{at}", set="speech", arm=arm)
        for at, wrong in enumerate(errors)
    ]


def run_of(**arms: list[int]) -> Run:
    every = [one for arm, errors in arms.items() for one in heard(arm, errors)]
    return empty_run(transcripts=tuple(every), complete=True)


def limited(metric: str, limit: float) -> Outcome:
    run = run_of(voice=[1, 0, 0, 0, 0] * 20, source=[0, 0, 1, 0, 0] * 20)
    row = budget(metric, limit, Unit.RATIO, statistic=Statistic.RATE)
    return judge(row, run).outcome


def test_the_difference_is_paired_by_sentence_and_counts_only_those_that_both_have() -> None:
    """By hand: 10 sentences of 10 words lack one word, 10 of them in the source too."""
    run = run_of(voice=[1] * 20 + [0] * 10 + [9], source=[1] * 10 + [0] * 20)
    found = over_floor(run)
    assert found is not None
    assert found.sentences == 30, "the sentence that the source lacks is in no pair"
    assert found.value == pytest.approx(10 / 300)
    assert found.interval is not None
    assert found.interval.low < found.value < found.interval.high


def test_what_is_common_to_voice_and_source_widens_nothing() -> None:
    same = over_floor(run_of(voice=[2, 0] * 30, source=[2, 0] * 30))
    apart = over_floor(run_of(voice=[2, 0] * 30, source=[0, 2] * 30))
    assert same is not None
    assert apart is not None
    assert same.interval is not None
    assert apart.interval is not None
    assert same.value == apart.value == 0
    assert same.interval.high < apart.interval.high


@pytest.mark.parametrize(
    ("metric", "limit", "outcome"),
    [
        (ROUND_TRIP, 0.05, Outcome.PASS),  # 2 %
        (ROUND_TRIP, 0.005, Outcome.FAIL),
        (ROUND_TRIP, 0.021, Outcome.NOT_PROVEN),
        (OVER_FLOOR, 0.05, Outcome.PASS),  # 0, about +-1 point
        (OVER_FLOOR, 0.002, Outcome.NOT_PROVEN),
        (OVER_FLOOR, -0.05, Outcome.FAIL),
    ],
)
def test_budgets_judge_the_whole_interval(metric: str, limit: float, outcome: Outcome) -> None:
    assert limited(metric, limit) is outcome


def test_without_a_floor_or_a_voice_nothing_is_measured() -> None:
    row = budget(OVER_FLOOR, 0.05, Unit.RATIO, statistic=Statistic.RATE)
    assert judge(row, run_of(voice=[0] * 30)).outcome is Outcome.NOT_MEASURED
    row = budget(ROUND_TRIP, 0.05, Unit.RATIO, statistic=Statistic.RATE)
    assert judge(row, run_of(source=[0] * 30)).outcome is Outcome.NOT_MEASURED


def test_few_sentences_decide_nothing() -> None:
    run = run_of(voice=[0] * 19, source=[0] * 19)
    for metric in (ROUND_TRIP, OVER_FLOOR):
        row = budget(metric, 0.9, Unit.RATIO, statistic=Statistic.RATE)
        assert judge(row, run).outcome is Outcome.NOT_PROVEN


def test_the_parts_add_up_to_the_errors_of_the_voice() -> None:
    """By hand, per sentence of 10 words: 1 by the recogniser, 2 by the front end, 3 by the vocoder,
    so that 2 of the 8 are the acoustic model's."""
    run = run_of(voice=[8] * 20, source=[1] * 20, front_end=[2] * 20, copy=[4] * 20)
    parts = {part.name: part.value for part in blame(run)}
    assert parts == pytest.approx(
        {"recogniser": 0.1, "front end": 0.2, "vocoder": 0.3, "acoustic model": 0.2}
    )
    whole = round_trip(run)
    assert whole is not None
    assert sum(parts.values()) == pytest.approx(whole.total.rate)


def test_parts_that_were_not_taken_apart_stand_together() -> None:
    names = [part.name for part in blame(run_of(voice=[3] * 20, source=[1] * 20))]
    assert names == ["recogniser", "acoustic model and vocoder and front end"]
    assert blame(run_of(voice=[3] * 20)) == ()


def test_words_that_the_source_lost_too_are_not_the_voices() -> None:
    found = lost(run_of(voice=[2], source=[1]))
    assert found["s0"].skipped == ("la",)
