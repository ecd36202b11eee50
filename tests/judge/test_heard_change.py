"""What changed in what was understood: clips, characters and answers, pair by pair."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import binomtest

from harness.judge.change import Change, Word
from harness.judge.compare import compare
from harness.judge.heard_change import answers_change
from harness.records import Run
from tests.sample_run import empty_run, transcript

SAID = "pon la radio"
FACTS = {
    "time_limit": {"seconds": 0.1, "yardstick": None},
    "suite": {"accuracy": {"gated": ["es_synthetic"]}},
    "sets": {"es_synthetic": {"clips": 60, "of": 60, "digest": "d", "grammar": ""}},
}


def answered(wrong: set[int], clips: int = 60, *, slow: int = -1, absent: int = -1) -> Run:
    """Return a run that mishears the clips of these numbers, and is slow in one."""
    return empty_run(
        transcripts=tuple(
            transcript(
                SAID,
                "con la radio" if n in wrong else SAID,
                f"c{n}",
                broke="",
                elapsed=0.2 if n == slow else 0.05,
            )
            for n in range(clips)
            if n != absent
        ),
        facts=FACTS,
    )


def answers(old: Run, new: Run) -> Change:
    found = answers_change(old, new)
    assert found is not None
    return found


def test_mcnemar_of_an_example_by_hand() -> None:
    # 2 clips are won (0, 1), 9 are lost (10 to 18), 3 are wrong in both: p = 2 sum C(11, k) / 2^11
    # for k = 0, 1, 2: 2 (1 + 11 + 55) / 2048 = 0.0654.
    both = {50, 51, 52}
    change = answers(answered({0, 1} | both), answered(set(range(10, 19)) | both))
    assert change.old == pytest.approx(55 / 60)
    assert change.new == pytest.approx(48 / 60)
    assert "60 clips: 2 won, 9 lost. McNemar, exact: p = 0.065." in change.note
    assert change.word is Word.SAME
    assert change.interval is not None
    assert change.interval.low < 0 < change.interval.high


@pytest.mark.parametrize("won", range(9))
@pytest.mark.parametrize("lost", range(9))
def test_the_interval_says_what_the_test_says(won: int, lost: int) -> None:
    change = answers(answered(set(range(won))), answered(set(range(20, 20 + lost))))
    shown = won + lost > 0 and binomtest(won, won + lost).pvalue < 0.05
    word = (Word.BETTER if won > lost else Word.WORSE) if shown else Word.SAME
    assert change.word is word
    assert change.interval is not None
    assert change.interval.low <= (won - lost) / 60 <= change.interval.high


def test_a_clip_that_came_too_late_is_lost() -> None:
    assert "1 lost" in answers(answered(set()), answered(set(), slow=3)).note


def test_a_clip_without_an_answer_is_lost_where_both_heard_one_set() -> None:
    old, new = answered(set()), answered(set(), absent=3)
    assert "60 clips: 0 won, 1 lost" in answers(old, new).note
    other = {"es_synthetic": {**FACTS["sets"]["es_synthetic"], "digest": "e"}}  # type: ignore[index]
    apart = replace(new, facts={**FACTS, "sets": other})
    told = answers(old, apart).note
    assert "59 clips: 0 won, 0 lost. 1 clips stand on one side only. McNemar: no clip" in told


def test_few_clips_cannot_tell() -> None:
    assert answers(answered(set(), 19), answered(set(range(19)), 19)).word is Word.UNKNOWN


def test_characters_and_clips_are_compared_beside_words() -> None:
    old, new = answered({1}), answered(set(range(30)))
    found = {change.metric: change for change in compare(old, new).changes}
    # Each wrong clip: 1 word of 3, 1 letter of 12 with its spaces, the clip itself.
    for metric, weight in (("wer", 1 / 3), ("cer", 1 / 12), ("ser", 1)):
        change = found[f"accuracy.{metric}.es_synthetic"]
        assert change.old == pytest.approx(weight / 60)
        assert change.new == pytest.approx(30 * weight / 60)
        assert change.word is Word.WORSE
        assert change.interval is not None
        assert change.interval.low < 29 * weight / 60 < change.interval.high
    assert found["accuracy.end_to_end"].word is Word.WORSE
