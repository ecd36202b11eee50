"""Word errors of a run's transcripts, counted afresh from the raw texts whenever asked.

`accuracy.wer.<set>` is the rate of what the pipeline returned, `accuracy.wer_greedy.<set>` that
of its greedy text. The interval resamples speakers where they repeat, else utterances. Fewer than
20 clips have none, and of fewer than 20 speakers it says a warning: `harness selfbench coverage`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from harness.accuracy import wer
from harness.accuracy.text import GATED, View
from harness.accuracy.wer import Counts
from harness.judge.intervals import effective, rate_interval
from harness.judge.power import detectable_on
from harness.records import Interval, Run, Transcript

DECODED = "accuracy.wer."
GREEDY = "accuracy.wer_greedy."
SPEAKERS = 20  # of fewer an interval holds the truth less often than it says
UTTERANCES = 20  # fewer clips have no interval and decide nothing


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
        """What the interval resamples: "speakers", where named and repeating, else "utterances"."""
        speakers = {t.speaker for t in self.transcripts}
        repeat = 1 < len(speakers) < len(self.transcripts) and "" not in speakers
        return "speakers" if repeat else "utterances"

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
        if not self.decides:
            return None
        return rate_interval(*self._sums(), unit=self.unit)

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
