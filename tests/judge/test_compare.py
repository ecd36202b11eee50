"""What changed between two runs, and which runs may be compared at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.errors import UnlikeRunsError
from harness.judge.change import Change, Word
from harness.judge.compare import compare
from harness.judge.likeness import budget_facts
from harness.records import Run
from harness.units import Unit
from tests.sample_run import (
    budget,
    empty_run,
    environment,
    interrupted,
    measurement,
    sample_run,
    transcript,
)


def change_of(metric: str, old: Run, new: Run) -> Change:
    return next(change for change in compare(old, new).changes if change.metric == metric)


def timed(*medians: float) -> Run:
    """Return a run with one inference time per process."""
    return empty_run(
        measurements=tuple(
            measurement("latency.inference", [median] * 3, i) for i, median in enumerate(medians)
        )
    )


def heard(*texts: str) -> Run:
    said = "pon la radio"
    return empty_run(
        transcripts=tuple(transcript(said, text, f"c{i}") for i, text in enumerate(texts))
    )


def test_a_run_is_no_different_from_itself() -> None:
    comparison = compare(sample_run(), sample_run())
    assert {change.word for change in comparison.changes} == {Word.SAME}
    assert comparison.unlike == comparison.identity == comparison.budgets == ()


def test_a_run_with_a_quarter_more_time_is_slower_at_every_stage_and_no_heavier() -> None:
    changes = compare(sample_run(), sample_run(slower=1.25)).changes
    slow = {c.word for c in changes if c.metric.startswith("latency.")}
    heavy = {c.word for c in changes if c.metric.startswith("memory.")}
    assert (slow, heavy) == ({Word.SLOWER}, {Word.SAME})


def test_the_ratio_is_that_of_process_medians() -> None:
    # Medians 10, 11, 12 ms then twice as long: the ratio is 2 exactly, and its interval holds it.
    change = change_of("latency.inference", timed(0.010, 0.011, 0.012), timed(0.020, 0.022, 0.024))
    assert change.ratio == pytest.approx(2.0)
    assert change.interval is not None
    assert change.interval.low < 2.0 < change.interval.high
    assert (change.old, change.new) == (0.011, 0.022)


@pytest.mark.parametrize(
    ("old", "new", "word", "why"),
    [
        (timed(0.01, 0.01, 0.01), timed(0.0102, 0.0102, 0.0102), Word.SAME, "2 % is in the margin"),
        (timed(0.01, 0.01, 0.01), timed(0.0104, 0.0104, 0.0104), Word.SLOWER, "4 % is not"),
        (timed(0.01, 0.01, 0.01), timed(0.009, 0.009, 0.009), Word.FASTER, "10 % less"),
        (timed(0.01, 0.01), timed(0.02, 0.02, 0.02), Word.UNKNOWN, "two processes cannot tell"),
        (timed(0.01, 0.01, 0.01), timed(0.0, 0.01, 0.01), Word.UNKNOWN, "zero has no logarithm"),
        (timed(0.01, 0.02, 0.03), timed(0.02, 0.01, 0.04), Word.SAME, "lost in the spread"),
    ],
)
def test_a_change_is_named_only_when_its_whole_interval_is_beyond_the_margin(
    old: Run, new: Run, word: Word, why: str
) -> None:
    assert change_of("latency.inference", old, new).word is word, why


@pytest.mark.parametrize(
    ("good", "bad", "word"), [(80, 40, Word.WORSE), (40, 80, Word.BETTER), (60, 60, Word.SAME)]
)
def test_word_errors_are_compared_clip_by_clip(good: int, bad: int, word: Word) -> None:
    right, wrong = "pon la radio", "con la radio"
    old = heard(*[right] * good, *[wrong] * (120 - good))
    new = heard(*[right] * bad, *[wrong] * (120 - bad))
    change = change_of("accuracy.wer.es_synthetic", old, new)
    assert change.word is word
    assert change.interval is not None
    # A segment for each utterance that one side mishears; all of them differ the same way.
    told = {80: "80 segments", 40: "80 segments", 60: "60 segments, Z = +0.00, p = 1.000: no"}
    assert f"MAPSSWE: {told[good]}" in change.note
    half = (change.interval.high - change.interval.low) / 2
    # Student's t with 119 degrees of freedom: 1.980 at 0.975, 0.845 at 0.80. (Of 60 clips the
    # interval would be that of the rule of three, within the chance of the draws.)
    quantiles = (1.980 + 0.845) / 1.980
    unseen = 2 * 3.6889 / 360  # where no clip differs: what 360 words show at all
    expected = half * quantiles if good != bad else unseen
    assert change.detectable == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("old", "new", "word", "why"),
    [
        (0, 2, Word.UNKNOWN, "two errors more than none"),
        (0, 0, Word.UNKNOWN, "none and none"),
        (0, 40, Word.WORSE, "the intervals of both rates lie apart"),
        (40, 0, Word.BETTER, "from something to nothing there is a difference"),
    ],
)
def test_a_difference_from_no_error_at_all_has_no_interval(
    old: int, new: int, word: Word, why: str
) -> None:
    def wrong(count: int) -> Run:
        return heard(*["con la radio"] * count, *["pon la radio"] * (60 - count))

    change = change_of("accuracy.wer.es_synthetic", wrong(old), wrong(new))
    assert change.word is word, why
    assert (change.interval is None) is (old == 0)
    assert ("made no error" in change.note) is (old == 0)


@pytest.mark.parametrize(("clips", "told"), [(19, False), (20, True)])
def test_fewer_than_twenty_clips_tell_no_difference(clips: int, told: bool) -> None:
    old, new = heard(*["con la radio"] * clips), heard(*["pon la radio"] * clips)
    change = change_of("accuracy.wer.es_synthetic", old, new)
    assert (change.interval is not None, change.word is Word.BETTER) == (told, told)
    assert (change.detectable is not None) is told


def test_speakers_that_repeat_are_resampled_in_a_comparison_too() -> None:
    def said(wrong: int) -> Run:
        clips = [("con" if i < wrong else "pon", f"c{i}", f"s{i % 25}") for i in range(50)]
        return empty_run(
            transcripts=tuple(
                transcript("pon la radio", f"{word} la radio", clip, speaker=speaker)
                for word, clip, speaker in clips
            )
        )

    change = change_of("accuracy.wer.es_synthetic", said(20), said(10))
    assert change.interval is not None
    assert "over 25 speakers" in change.interval.method


def test_clips_of_one_run_only_are_left_out_and_counted() -> None:
    change = change_of("accuracy.wer.es_synthetic", heard("pon"), heard("pon la radio", "pon la"))
    assert (change.old, change.new) == (2 / 3, 0.0)
    assert "1 utterances stand on one side only" in change.note
    assert change.word is Word.UNKNOWN, "one clip decides nothing"
    assert "1 clips: a difference is told from 20 on" in change.note


def test_a_metric_of_one_run_only_is_listed() -> None:
    change = change_of("latency.inference", empty_run(), timed(0.01, 0.01, 0.01))
    assert (change.old, change.new, change.word) == (None, 0.01, Word.UNKNOWN)
    assert change.note == "Only in the new run."


def with_conditions(**conditions: str) -> Run:
    place = environment()
    return empty_run(environment=replace(place, comparable={**place.comparable, **conditions}))


@pytest.mark.parametrize(
    ("new", "names"),
    [
        (with_conditions(cpu="another"), r"cpu: 'Intel.*' then 'another'"),
        (with_conditions(turbo="off"), r"turbo: 'absent' then 'off'"),
        (empty_run(bundle="sarai"), r"bundle: 'reference' then 'sarai'"),
        (interrupted(empty_run()), r"environment: unknown"),
    ],
)
def test_unlike_runs_are_refused_with_the_condition_named(new: Run, names: str) -> None:
    with pytest.raises(UnlikeRunsError, match=names):
        compare(empty_run(), new)
    assert len(compare(empty_run(), new, anyway=True).unlike) == 1


def test_what_was_meant_to_differ_is_listed_and_not_refused() -> None:
    place = environment()
    new = empty_run(environment=replace(place, identity={**place.identity, "git commit": "beef"}))
    assert [line.split(":")[0] for line in compare(empty_run(), new).identity] == ["git commit"]


def test_a_budget_that_changed_between_the_runs_is_listed() -> None:
    def decided(limit: float, **other: Any) -> Run:
        row = budget("latency.inference", limit, Unit.SECONDS, **other)
        return empty_run(facts={"budgets": budget_facts([row])})

    assert compare(decided(0.1), decided(0.1)).budgets == ()
    assert compare(decided(0.1), decided(0.2, required=False)).budgets == (
        "latency.inference p95: '<= 0.1 s' then '<= 0.2 s, not required'.",
    )
