"""Word errors of a run's transcripts, counted afresh from the raw texts whenever asked.

`accuracy.wer.<set>` is the rate of what the pipeline returned, `accuracy.wer_greedy.<set>` that
of its greedy text. The interval resamples speakers where there are 20 or more, else utterances:
fewer speakers give intervals that are too narrow.

Three more rates of what the pipeline returned are counts of the same kind, so that the same
interval decides on them: `accuracy.cer.<set>` counts characters, `accuracy.ser.<set>` clips with
an error in them, `accuracy.catastrophes.<set>` clips as in `harness.accuracy.catastrophes`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from harness.accuracy import wer
from harness.accuracy.catastrophes import Catastrophe, catastrophes
from harness.accuracy.text import GATED, View
from harness.accuracy.wer import Counts, Pair
from harness.judge.intervals import rate_interval
from harness.records import Interval, Run, Transcript

DECODED = "accuracy.wer."
GREEDY = "accuracy.wer_greedy."
CHARACTERS = "accuracy.cer."
SENTENCES = "accuracy.ser."
CATASTROPHES = "accuracy.catastrophes."
SPEAKERS = 20  # from here on the speaker is the resampling unit
UTTERANCES = 30  # an interval from fewer utterances decides nothing


@dataclass(frozen=True, kw_only=True)
class Score:
    """Counts per clip of one reference set; rates are read off their sum."""

    transcripts: tuple[Transcript, ...]
    counts: tuple[Counts, ...]  # one per transcript, in the same order
    wrong: tuple[tuple[Pair, ...], ...] = ()  # likewise: the wrong words; () where none are told

    @property
    def total(self) -> Counts:
        """Counts of the whole set."""
        return wer.total(self.counts)

    @property
    def unit(self) -> str:
        """What the interval resamples: "speakers" or "utterances"."""
        speakers = {t.speaker for t in self.transcripts if t.speaker}
        return "speakers" if len(speakers) >= SPEAKERS else "utterances"

    @property
    def decides(self) -> bool:
        """Whether there are enough independent units for the interval to gate anything."""
        return self.unit == "speakers" or len(self.transcripts) >= UTTERANCES

    def interval(self) -> Interval | None:
        """Return the bootstrap interval of the corpus rate; None without a reference word."""
        units = self._by_speaker() if self.unit == "speakers" else list(self.counts)
        errors = [counts.errors for counts in units]
        return rate_interval(errors, [counts.length for counts in units], unit=self.unit)

    def _by_speaker(self) -> list[Counts]:
        sums: dict[str, Counts] = {}
        for transcript, counts in zip(self.transcripts, self.counts, strict=True):
            sums[transcript.speaker] = sums.get(transcript.speaker, Counts()) + counts
        return list(sums.values())


def sets_of(run: Run) -> tuple[str, ...]:
    """Return the names of the sets that the one pipeline of a run heard, in the order first seen.

    What several arms heard belongs to none of them alone.
    """
    return tuple(dict.fromkeys(t.set for t in run.transcripts if not t.arm))


def score_set(
    run: Run, name: str, *, greedy: bool = False, view: View = GATED, arm: str = ""
) -> Score | None:
    """Score what one arm heard of a set; None when it heard none (or there is no greedy text)."""
    heard = tuple(t for t in run.transcripts if t.set == name and t.arm == arm)
    return score_transcripts(heard, greedy=greedy, view=view)


def score_transcripts(
    transcripts: tuple[Transcript, ...], *, greedy: bool = False, view: View = GATED
) -> Score | None:
    """Score these transcripts together; None when there is nothing to score."""
    if not transcripts or (greedy and not any(t.greedy for t in transcripts)):
        return None
    return _aligned(transcripts, greedy, view)


def score_metric(run: Run, metric: str) -> Score | None:
    """Score the set that a derived metric names; None when it names none of this run."""
    if metric.startswith(GREEDY):
        return score_set(run, metric.removeprefix(GREEDY), greedy=True)
    for prefix, counted in _COUNTED.items():
        if metric.startswith(prefix):
            score = score_set(run, metric.removeprefix(prefix))
            return None if score is None else counted(score)
    return None


def rate_name(metric: str) -> str | None:
    """Write what a derived metric is a rate of: `'WER'`; None for any other metric."""
    return next((name for prefix, name in _NAMES.items() if metric.startswith(prefix)), None)


def by_character(score: Score) -> Score:
    """Count the wrong characters of each clip in place of its words."""
    return _with(score, _characters(score.transcripts))


def by_sentence(score: Score) -> Score:
    """Count each clip as one: a hit when every word is right, else a substitution."""
    return _with(score, (_one(counts.errors > 0) for counts in score.counts))


def by_catastrophe(score: Score) -> Score:
    """Count each clip as one: a substitution when its output is catastrophic, else a hit."""
    return _with(score, (_one(bool(kinds)) for kinds in catastrophe_kinds(score)))


@functools.lru_cache(maxsize=64)
def catastrophe_kinds(score: Score) -> tuple[tuple[Catastrophe, ...], ...]:
    """Name what is catastrophic about each output of words scored in the gated view."""
    heard = zip(score.transcripts, score.counts, strict=True)
    return tuple(catastrophes(t.reference, t.hypothesis, counts) for t, counts in heard)


def _with(score: Score, counts: Iterable[Counts]) -> Score:
    return replace(score, counts=tuple(counts), wrong=())


def _one(wrong: bool) -> Counts:
    return Counts(substitutions=1) if wrong else Counts(hits=1)


@functools.lru_cache(maxsize=64)
def _aligned(transcripts: tuple[Transcript, ...], greedy: bool, view: View) -> Score:
    heard = [t.greedy if greedy else t.hypothesis for t in transcripts]
    found = wer.align_all([t.reference for t in transcripts], heard, view)
    return Score(
        transcripts=transcripts,
        counts=tuple(aligned.counts for aligned in found),
        wrong=tuple(aligned.wrong for aligned in found),
    )


@functools.lru_cache(maxsize=64)
def _characters(transcripts: tuple[Transcript, ...]) -> tuple[Counts, ...]:
    references, heard = zip(*((t.reference, t.hypothesis) for t in transcripts), strict=True)
    return tuple(wer.characters_all(references, heard))


_COUNTED: Mapping[str, Callable[[Score], Score]] = {
    DECODED: lambda score: score,
    CHARACTERS: by_character,
    SENTENCES: by_sentence,
    CATASTROPHES: by_catastrophe,
}
_NAMES: Mapping[str, str] = {
    "accuracy.wer": "WER",
    CHARACTERS: "CER",
    SENTENCES: "SER",
    CATASTROPHES: "share of catastrophes",
}
