"""Rates, parts and catastrophes of a set heard by hand, and budgets about them."""

from __future__ import annotations

import pytest

from harness.accuracy.catastrophes import Catastrophe
from harness.accuracy.wer import Counts
from harness.judge import understanding
from harness.judge.scores import Score, score_metric, score_set
from harness.judge.verdicts import judge_all
from harness.records import Outcome, Run, Statistic
from harness.units import Unit
from tests.sample_run import budget, empty_run, transcript

HEARD = (
    transcript("Pon la radio.", "Pon la radio.", "right", speaker="a", seconds=2, elapsed=0.5),
    transcript("Hola, Ana.", "hola Eva.", "wrong", speaker="b", seconds=4, elapsed=0.5),
    transcript("Apaga la luz", "", "lost", speaker="b", seconds=2, elapsed=0.5),
    transcript("", "eh ya", "silent", speaker="", seconds=12, elapsed=0.5),
)


def run_of(*heard: object) -> Run:
    return empty_run(transcripts=heard or HEARD)


def score_of(run: Run) -> Score:
    score = score_set(run, "es_synthetic")
    assert score is not None
    return score


def test_every_rate_is_of_a_sum() -> None:
    score = score_of(run_of())
    found = understanding.rates(score)
    assert score.total == Counts(hits=4, substitutions=1, deletions=3, insertions=2)
    # 12 + 6 characters right, "ana" as "eva" has two wrong; 12 lost; "eh ya" invented
    assert found.characters == Counts(hits=18, substitutions=2, deletions=12, insertions=5)
    assert found.sentences == Counts(hits=1, substitutions=3)
    assert found.punctuation == Counts(hits=2, deletions=1)
    assert found.capitals == Counts(hits=3, substitutions=1)
    assert (found.silent, found.in_silence) == (1, 2)
    assert found.rtf == pytest.approx(2 / 20)


def test_where_nothing_was_said_there_is_no_rate() -> None:
    silent = transcript("", "eh ya", seconds=0, elapsed=0)
    score = score_of(run_of(silent))
    found = understanding.rates(score)
    assert (score.total.rate, found.characters.rate, found.rtf) == (None, None, None)
    assert (score.total.insertions, found.in_silence) == (2, 2)
    assert found.sentences.rate == 1.0


def test_the_parts_of_a_set_add_up_to_it() -> None:
    score = score_of(run_of())
    speakers, lengths = understanding.by_speaker(score), understanding.by_length(score)
    assert list(speakers) == ["b", "a"], "the worst first; a clip of no speaker is in none"
    assert speakers["b"].total == Counts(hits=1, substitutions=1, deletions=3)
    assert list(lengths) == ["to 2 s", "2 to 5 s", "over 10.24 s"]
    whole = understanding.together(list(lengths.values()))
    assert whole.total == score.total
    assert sorted(whole.wrong) == sorted(score.wrong)


def test_catastrophes_are_listed_with_their_kinds() -> None:
    found = understanding.catastrophic(score_of(run_of()))
    assert [(transcript.clip, kinds) for transcript, kinds in found] == [
        ("lost", (Catastrophe.EMPTY,)),
        ("silent", (Catastrophe.SILENCE,)),
    ]


@pytest.mark.parametrize(
    ("rate", "value"),
    [
        ("wer", 6 / 8),
        ("wer_greedy", 6 / 8),
        ("cer", 19 / 32),
        ("ser", 3 / 4),
        ("catastrophes", 0.5),
    ],
)
def test_a_metric_names_its_rate(rate: str, value: float) -> None:
    score = score_metric(run_of(), f"accuracy.{rate}.es_synthetic")
    assert score is not None
    assert score.total.rate == pytest.approx(value)
    assert len(score.counts) == len(HEARD)
    assert score_metric(run_of(), f"accuracy.{rate}.another") is None


@pytest.mark.parametrize(
    ("lost", "outcome"), [(0, Outcome.PASS), (6, Outcome.NOT_PROVEN), (60, Outcome.FAIL)]
)
def test_a_budget_of_catastrophes_is_judged_by_its_interval(lost: int, outcome: Outcome) -> None:
    heard = tuple(
        transcript("pon la radio", "" if i < lost else "pon la radio", f"c{i}") for i in range(300)
    )
    limit = budget("accuracy.catastrophes.es_synthetic", 0.03, Unit.RATIO, statistic=Statistic.RATE)
    (verdict,) = judge_all((limit,), run_of(*heard))
    assert (verdict.outcome, verdict.value) == (outcome, lost / 300)
    assert verdict.sentence.startswith("The share of catastrophes is")
