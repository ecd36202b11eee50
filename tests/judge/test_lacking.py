"""A score that lacks clips of its set is never a PASS."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.lacking import lacking_clips
from harness.judge.verdicts import judge
from harness.records import Budget, Outcome, Run, Statistic, Transcript
from harness.units import Unit
from tests.sample_run import empty_run

LOOSE = Budget(
    metric="accuracy.wer.words",
    statistic=Statistic.RATE,
    limit=0.2,
    unit=Unit.RATIO,
    at_most=True,
    title="WER",
)


def heard(number: int, *, said: str = "pon la radio") -> Transcript:
    return Transcript(
        set="words",
        clip=f"w{number}",
        condition="clean",
        speaker="",
        seconds=1.0,
        reference="pon la radio",
        hypothesis=said,
        greedy=said,
        elapsed=0.1,
    )


def run(*, clips: int, answered: int, lacking: tuple[str, ...] = (), said: str = "") -> Run:
    """Return a run that was to hear `clips` clips of a set, and of which it answered some."""
    transcripts = tuple(heard(n, said=said or "pon la radio") for n in range(answered))
    fact = {"clips": clips, "of": clips, "digest": "", "lacking": list(lacking)}
    return replace(empty_run(), transcripts=transcripts, facts={"sets": {"words": fact}})


def test_a_whole_set_passes() -> None:
    verdict = judge(LOOSE, run(clips=100, answered=100))
    assert verdict.outcome is Outcome.PASS
    assert "lacking" not in verdict.sentence


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (run(clips=100, answered=99), "1 of 100 clips is lacking."),
        (run(clips=100, answered=100, lacking=("a line",)), "1 of 101 clips is lacking."),
        (run(clips=99, answered=98, lacking=("a", "b")), "3 of 101 clips are lacking."),
    ],
    ids=["one without an answer", "one line of the manifest is no clip", "both"],
)
@pytest.mark.parametrize("metric", ["accuracy.wer.words", "accuracy.wer_greedy.words"])
def test_a_set_that_lacks_a_clip_proves_nothing(seen: Run, told: str, metric: str) -> None:
    verdict = judge(replace(LOOSE, metric=metric), seen)
    assert verdict.outcome is Outcome.NOT_PROVEN
    assert verdict.sentence.startswith(told)
    assert verdict.value == 0.0, "the rest is scored"


def test_a_rate_that_is_too_high_without_them_stays_a_miss() -> None:
    verdict = judge(LOOSE, run(clips=100, answered=99, said="nada"))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.sentence.startswith("1 of 100 clips is lacking. Of the others: ")


def test_an_older_run_did_not_say_what_it_lacks_and_reads_as_before() -> None:
    seen = run(clips=100, answered=100)
    older = replace(seen, facts={"sets": {"words": {"clips": 100, "of": 300, "digest": ""}}})
    assert lacking_clips(older, "words") == (0, 100)
    assert judge(LOOSE, replace(seen, facts={})).outcome is Outcome.PASS
