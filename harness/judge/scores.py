"""Word errors of a run's transcripts, counted afresh from the raw texts whenever asked.

`accuracy.wer.<set>` is the rate of what the pipeline returned, `accuracy.wer_greedy.<set>` that
of its greedy text. The interval resamples speakers where there are 20 or more, else utterances:
fewer speakers give intervals that are too narrow.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from harness.accuracy import wer
from harness.accuracy.text import GATED, View
from harness.accuracy.wer import Counts
from harness.judge.intervals import rate_interval
from harness.records import Interval, Run, Transcript

DECODED = "accuracy.wer."
GREEDY = "accuracy.wer_greedy."
SPEAKERS = 20  # from here on the speaker is the resampling unit
UTTERANCES = 30  # an interval from fewer utterances decides nothing


@dataclass(frozen=True, kw_only=True)
class Score:
    """Counts per clip of one reference set; rates are read off their sum."""

    transcripts: tuple[Transcript, ...]
    counts: tuple[Counts, ...]  # one per transcript, in the same order

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
    """Score these transcripts together; None when there is nothing to score."""
    if not transcripts or (greedy and not any(t.greedy for t in transcripts)):
        return None
    counts = tuple(
        _count(t.reference, t.greedy if greedy else t.hypothesis, view) for t in transcripts
    )
    return Score(transcripts=transcripts, counts=counts)


def score_metric(run: Run, metric: str) -> Score | None:
    """Score the set that a derived metric names; None when it names none of this run."""
    for prefix, greedy in ((DECODED, False), (GREEDY, True)):
        if metric.startswith(prefix):
            return score_set(run, metric.removeprefix(prefix), greedy=greedy)
    return None


@functools.lru_cache(maxsize=100_000)
def _count(reference: str, hypothesis: str, view: View) -> Counts:
    return wer.score(reference, hypothesis, view)
