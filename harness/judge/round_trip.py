"""What a voice loses of its words: heard again by the pipeline's own recogniser, less the floor.

The floor is what the same recogniser gets wrong in a source recording of the same sentences; the
difference is paired by sentence. Blame, in errors per reference word, so that the parts add up:

    recogniser       the errors in the source
    front end        of the words that it passes on, those that are not the words of the text
    vocoder          the errors in the source copied by it, over those in the source
    acoustic model   what is left of the voice's errors
                     (with the vocoder, where no copy was made)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.accuracy.speech_quality.lost_words import LostWords, lost_words
from harness.accuracy.wer import Counts
from harness.budgets import OVER_FLOOR, ROUND_TRIP
from harness.judge.intervals import rate_difference
from harness.judge.power import detectable_on
from harness.judge.scores import UTTERANCES, Score, score_set
from harness.records import Interval, Run, Transcript

SET = "speech"
VOICE, SOURCE, COPY, FRONT_END = "voice", "source", "copy", "front_end"


@dataclass(frozen=True, kw_only=True)
class OverFloor:
    """How much more is wrong in one arm than in another, over the sentences that both have."""

    value: float  # errors per reference word
    interval: Interval | None  # paired; None of fewer than 20 sentences
    sentences: int
    detectable: float | None  # the smallest difference that so many find; None likewise


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one part adds to the errors of the voice."""

    name: str  # recogniser | front end | vocoder | acoustic model | acoustic model and vocoder
    value: float  # errors per reference word; of a difference, below 0 where it helps
    interval: Interval | None
    how: str  # how it was found


def round_trip(run: Run) -> Score | None:
    """Score what was heard of the voice; None where nothing was."""
    return score_set(run, SET, arm=VOICE)


def floor(run: Run) -> Score | None:
    """Score what was heard of the source; None where there is none."""
    return score_set(run, SET, arm=SOURCE)


def over_floor(run: Run) -> OverFloor | None:
    """Return by how much the voice's WER is over the floor; None without either."""
    return _difference(run, SOURCE, VOICE)


def is_derived(metric: str) -> bool:
    """Whether a metric is one that this module counts from transcripts."""
    return metric in (ROUND_TRIP, OVER_FLOOR)


def blame(run: Run) -> tuple[Part, ...]:
    """Part the errors of the voice; () without voice and source."""
    whole, least = over_floor(run), floor(run)
    if whole is None or least is None or least.total.rate is None:
        return ()
    found = [_part("recogniser", least, "heard in the source")]
    front, vocoder = score_set(run, SET, arm=FRONT_END), _difference(run, SOURCE, COPY)
    left, name = whole.value, "acoustic model and vocoder"
    if front is not None and front.total.rate is not None:
        found.append(_part("front end", front, "its words against the text's"))
        left -= front.total.rate
    if vocoder is not None:
        how = "the source copied by it, over the source"
        found.append(Part(name="vocoder", value=vocoder.value, interval=vocoder.interval, how=how))
        left, name = left - vocoder.value, "acoustic model"
    without = " and front end" if front is None else ""
    how = "what is left of the errors over the floor"
    return (*found, Part(name=f"{name}{without}", value=left, interval=None, how=how))


def lost(run: Run) -> dict[str, LostWords]:
    """Return what was skipped or said twice, by sentence, beyond what the source lost too."""
    heard = {arm: _by_clip(run, arm) for arm in (VOICE, SOURCE)}
    return {
        clip: lost_words(one.reference, one.hypothesis).beyond(
            lost_words(one.reference, heard[SOURCE][clip].hypothesis)
            if clip in heard[SOURCE]
            else LostWords()
        )
        for clip, one in heard[VOICE].items()
    }


def transcript_of(run: Run, arm: str, clip: str) -> Transcript | None:
    """Return what was heard of one sentence in an arm; None where nothing was."""
    return _by_clip(run, arm).get(clip)


def _part(name: str, score: Score, how: str) -> Part:
    return Part(name=name, value=score.total.rate or 0.0, interval=score.interval(), how=how)


def _difference(run: Run, less: str, more: str) -> OverFloor | None:
    """The errors of the arm `more` over those of `less`, sentence by sentence."""
    first, second = score_set(run, SET, arm=less), score_set(run, SET, arm=more)
    if first is None or second is None:
        return None
    known, pairs = _counts(first), list[tuple[Counts, Counts]]()
    pairs = [(known[clip], own) for clip, own in _counts(second).items() if clip in known]
    words = sum(own.length for _, own in pairs)
    if not words:
        return None
    lengths = [own.length for _, own in pairs]
    errors = ([one.errors for one, _ in pairs], [own.errors for _, own in pairs])
    enough = len(pairs) >= UTTERANCES
    return OverFloor(
        value=(sum(errors[1]) - sum(errors[0])) / words,
        interval=rate_difference(errors, lengths, unit="sentences") if enough else None,
        sentences=len(pairs),
        detectable=detectable_on(errors[1], lengths) if enough else None,
    )


def _counts(score: Score) -> dict[str, Counts]:
    return {t.clip: own for t, own in zip(score.transcripts, score.counts, strict=True)}


def _by_clip(run: Run, arm: str) -> dict[str, Transcript]:
    heard: Sequence[Transcript] = [
        t for t in run.transcripts if (t.set, t.arm, t.treatment) == (SET, arm, "")
    ]
    return {t.clip: t for t in heard}
