"""Word errors of a run's transcripts, counted afresh from the raw texts whenever asked.

`accuracy.wer.<set>` is the rate of what the pipeline returned, `accuracy.wer_greedy.<set>` that
of its greedy text. The interval resamples speakers where they repeat, else utterances. Fewer than
20 clips have none, and of fewer than 20 speakers it says a warning: `harness selfbench coverage`.

Three more rates of what the pipeline returned are counts of the same kind, so that the same
interval decides on them: `accuracy.cer.<set>` counts characters, `accuracy.ser.<set>` clips with
an error in them, `accuracy.catastrophes.<set>` clips as in `harness.accuracy.catastrophes`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.accuracy import wer
from harness.accuracy.catastrophes import Catastrophe, catastrophes
from harness.accuracy.text import GATED, View
from harness.accuracy.wer import Counts, Pair
from harness.budgets import UNDER
from harness.judge.intervals import effective, rate_interval
from harness.judge.power import detectable_on
from harness.records import Interval, Run, Transcript

DECODED = "accuracy.wer."
GREEDY = "accuracy.wer_greedy."
CHARACTERS = "accuracy.cer."
SENTENCES = "accuracy.ser."
CATASTROPHES = "accuracy.catastrophes."
SPEAKERS = 20  # of fewer an interval holds the truth less often than it says
UTTERANCES = 20  # fewer clips have no interval and decide nothing


@dataclass(frozen=True, kw_only=True)
class Score:
    """Counts per clip of one reference set; rates are read off their sum."""

    transcripts: tuple[Transcript, ...]
    counts: tuple[Counts, ...]  # one per transcript, in the same order
    wrong: tuple[tuple[Pair, ...], ...] = ()  # likewise: the wrong words; () where none are told
    counted: str = "words"  # words | characters | clips

    @functools.cached_property
    def total(self) -> Counts:
        """Counts of the whole set."""
        return wer.total(self.counts)

    @property
    def unit(self) -> str:
        """What the interval resamples: "speakers", where named and repeating, else "utterances"."""
        return resampled([t.speaker for t in self.transcripts])

    @property
    def decides(self) -> bool:
        """Whether there are enough clips for an interval, which alone gates anything."""
        return len(self.transcripts) >= UTTERANCES

    @property
    def warning(self) -> str:
        """What keeps the interval from holding as often as it says; "" where nothing does."""
        speakers = {t.speaker for t in self.transcripts}
        if not self.decides or "" in speakers or len(speakers) == len(self.transcripts):
            return ""
        if len(speakers) == 1:
            return "All clips are of one speaker: the interval says nothing of others."
        worth = effective([counts.length for counts in self.by_unit(self.counts)])
        if len(speakers) >= SPEAKERS and worth >= SPEAKERS / 2:
            return ""
        few = f"fewer than {SPEAKERS}"
        if len(speakers) >= SPEAKERS:
            few = f"with words as unequal as those of {worth:.1f}"
        return f"{len(speakers)} speakers, {few}: the interval holds less often than it says."

    def interval(self) -> Interval | None:
        """Return the interval of the corpus rate; None of fewer than 20 clips, or of no word."""
        return self._interval

    @functools.cached_property
    def _interval(self) -> Interval | None:
        return rate_interval(*self._sums(), unit=self.unit) if self.decides else None

    def detectable(self) -> float | None:
        """Return the smallest difference that a paired comparison here would find; see `power`."""
        return detectable_on(*self._sums()) if self.decides else None

    def by_unit(self, counts: Sequence[Counts]) -> list[Counts]:
        """Add up counts of these transcripts, in their order, over what the interval resamples."""
        if self.unit == "utterances":
            return list(counts)
        sums: dict[str, Counts] = {}
        for transcript, one in zip(self.transcripts, counts, strict=True):
            sums[transcript.speaker] = sums.get(transcript.speaker, Counts()) + one
        return list(sums.values())

    def _sums(self) -> tuple[list[int], list[int]]:
        units = self.by_unit(self.counts)
        return [one.errors for one in units], [one.length for one in units]


def resampled(owners: Sequence[str]) -> str:
    """Say what an interval resamples, given the speaker of each clip ("": not known).

    "speakers" where all are named, there are two or more, and one at least has several clips; else
    "utterances".
    """
    speakers = set(owners)
    repeat = 1 < len(speakers) < len(owners) and "" not in speakers
    return "speakers" if repeat else "utterances"


def sets_of(run: Run) -> tuple[str, ...]:
    """Return the names of the sets that the one pipeline of a run heard, in the order first seen.

    What several arms heard belongs to none of them alone. What was heard under a treatment only
    is not counted.
    """
    return tuple(dict.fromkeys(t.set for t in run.transcripts if not (t.arm or t.treatment)))


def as_they_are(run: Run) -> tuple[Transcript, ...]:
    """Return what was heard of clips to which nothing was done before."""
    return tuple(t for t in run.transcripts if not t.treatment)


def score_set(
    run: Run,
    name: str,
    *,
    greedy: bool = False,
    view: View = GATED,
    arm: str = "",
    treatment: str = "",
) -> Score | None:
    """Score what one arm heard of a set; None when it heard none (or there is no greedy text).

    Clips as they are, unless the name of a treatment is given.
    """
    wanted = (name, arm, treatment)
    heard = tuple(t for t in run.transcripts if (t.set, t.arm, t.treatment) == wanted)
    return score_transcripts(heard, greedy=greedy, view=view)


def score_transcripts(
    transcripts: tuple[Transcript, ...], *, greedy: bool = False, view: View = GATED
) -> Score | None:
    """Score these transcripts together; None when there is nothing to score.

    In the order of set and clip, whichever was heard first: draws go by position.
    """
    if not transcripts or (greedy and not any(t.greedy for t in transcripts)):
        return None
    ordered = sorted(transcripts, key=lambda t: (t.set, t.clip))
    return _aligned(tuple(ordered), greedy, view)


def score_metric(run: Run, metric: str) -> Score | None:
    """Score the set that a derived metric names; None when it names none of this run.

    As it is, or under the treatment that stands after an @: `accuracy.wer.es_synthetic@white 10`.
    """
    prefix = next((one for one in _COUNTED if metric.startswith(one)), None)
    if prefix is None:
        return None
    name, _, treatment = metric.removeprefix(prefix).partition(UNDER)
    wanted = (name, "", treatment)
    heard = tuple(t for t in run.transcripts if (t.set, t.arm, t.treatment) == wanted)
    return score_rate(prefix, heard)


def score_rate(rate: str, transcripts: tuple[Transcript, ...]) -> Score | None:
    """Score these transcripts for a rate such as `CHARACTERS`; None when there is nothing to."""
    score = score_transcripts(transcripts, greedy=rate == GREEDY)
    return None if score is None else _COUNTED[rate](score)


def rate_name(metric: str) -> str | None:
    """Write what a derived metric is a rate of: `'WER'`; None for any other metric."""
    return next((name for prefix, name in _NAMES.items() if metric.startswith(prefix)), None)


def by_character(score: Score) -> Score:
    """Count the wrong characters of each clip in place of its words."""
    return _with(score, _characters(score.transcripts), "characters")


def by_sentence(score: Score) -> Score:
    """Count each clip as one: a hit when every word is right, else a substitution."""
    return _with(score, (_one(counts.errors > 0) for counts in score.counts), "clips")


def by_catastrophe(score: Score) -> Score:
    """Count each clip as one: a substitution when its output is catastrophic, else a hit."""
    return _with(score, (_one(bool(kinds)) for kinds in catastrophe_kinds(score)), "clips")


@functools.lru_cache(maxsize=64)
def catastrophe_kinds(score: Score) -> tuple[tuple[Catastrophe, ...], ...]:
    """Name what is catastrophic about each output of words scored in the gated view."""
    heard = zip(score.transcripts, score.counts, strict=True)
    return tuple(catastrophes(t.reference, t.hypothesis, counts) for t, counts in heard)


def _with(score: Score, counts: Iterable[Counts], counted: str) -> Score:
    return replace(score, counts=tuple(counts), wrong=(), counted=counted)


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
    GREEDY: lambda score: score,
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
