"""What a run of `harness score` found of its set, and how two systems differ on the same clips."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import UnlikeRunsError
from harness.judge.intervals import rate_difference
from harness.judge.scores import Score, score_transcripts
from harness.records import Interval, Run


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One pipeline on one set."""

    run: Run
    name: str  # of the set
    asked: int  # clips of the set, with those that cannot be used
    score: Score | None  # None: no clip was heard
    clips: float  # that the sessions which came to their end heard; a killed one is not counted
    audio: float  # seconds of audio in them
    wall: float  # seconds that they took, loads included
    peaks: tuple[float, ...]  # bytes, of each worker

    @property
    def heard(self) -> int:
        """Clips that have a transcript."""
        return len(self.score.transcripts) if self.score else 0

    @property
    def lacking(self) -> int:
        """Clips of the set that have none."""
        return self.asked - self.heard

    @property
    def rate(self) -> float | None:
        """Clips per second; None: not known."""
        return self.clips / self.wall if self.wall and self.clips else None

    @property
    def speed(self) -> float | None:
        """Hours of audio per hour; None: not known."""
        return self.audio / self.wall if self.wall and self.clips else None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The second of two pipelines minus the first, in the gated view, on clips that both heard."""

    clips: int
    words: int  # of the reference
    value: float | None  # difference of the corpus rates; None: no reference word
    interval: Interval | None
    apart: int  # clips on which their counts of errors differ


def scored(run: Run, name: str) -> Scored:
    """Return what a run found of the set `name`."""
    heard = tuple(t for t in run.transcripts if t.set == name)
    of_set = run.facts["sets"][name]
    return Scored(
        run=run,
        name=name,
        asked=int(of_set["clips"]) + len(of_set.get("lacking", ())),
        score=score_transcripts(heard),
        clips=sum(_samples(run, "score.heard")),
        audio=sum(_samples(run, "score.audio")),
        wall=sum(_samples(run, "score.wall")),
        peaks=_samples(run, "score.worker_peak"),
    )


def difference(first: Scored, second: Scored) -> Difference | None:
    """Return the paired difference; None where there is no clip that both heard.

    Raises:
        UnlikeRunsError: they did not hear the same set.
    """
    digests = [one.run.facts["sets"][one.name]["digest"] for one in (first, second)]
    if digests[0] != digests[1]:
        raise UnlikeRunsError(
            f"{first.name}: sha256 {digests[0][:12]} in {first.run.id}, {digests[1][:12]} in "
            f"{second.run.id}. Score both on the same set."
        )
    if first.score is None or second.score is None:
        return None
    ours, theirs = (
        dict(zip((t.clip for t in score.transcripts), score.counts, strict=True))
        for score in (first.score, second.score)
    )
    both = [clip for clip in ours if clip in theirs]
    if not both:
        return None
    errors = [ours[clip].errors for clip in both], [theirs[clip].errors for clip in both]
    lengths = [ours[clip].length for clip in both]
    words = sum(lengths)
    return Difference(
        clips=len(both),
        words=words,
        value=(sum(errors[1]) - sum(errors[0])) / words if words else None,
        interval=rate_difference(errors, lengths),
        apart=sum(a != b for a, b in zip(*errors, strict=True)),
    )


def _samples(run: Run, metric: str) -> tuple[float, ...]:
    return tuple(value for m in run.measurements if m.metric == metric for value in m.samples)
