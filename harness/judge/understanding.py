"""What one scored set says beyond its word error rate: other rates, parts of it, and catastrophes.

Everything is read from one `Score`, whose alignment is made once. Every rate is that of a sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.accuracy import marks, wer
from harness.accuracy.catastrophes import Catastrophe
from harness.accuracy.slices import band_order, length_band
from harness.accuracy.wer import Counts
from harness.judge.scores import Score, by_character, by_sentence, catastrophe_kinds
from harness.records import Transcript


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What was counted over one set, beside its words."""

    characters: Counts
    sentences: Counts  # of clips: a hit is a clip without an error
    punctuation: Counts  # of the marks written in the reference
    capitals: Counts  # of the words that are right but for their capitals
    elapsed: float  # seconds of `process_audio` over all clips
    seconds: float  # of audio
    silent: int  # clips in which nothing was said
    in_silence: int  # words heard in them

    @property
    def rtf(self) -> float | None:
        """Seconds of work per second of audio; None without both."""
        return self.elapsed / self.seconds if self.elapsed and self.seconds else None


def rates(score: Score) -> Rates:
    """Count everything that a set is rated by."""
    texts = [(t.reference, t.hypothesis) for t in score.transcripts]
    silent = [counts.insertions for counts in score.counts if not counts.length]
    return Rates(
        characters=by_character(score).total,
        sentences=by_sentence(score).total,
        punctuation=wer.total(marks.punctuation(*pair) for pair in texts),
        capitals=wer.total(marks.capitals(*pair) for pair in texts),
        elapsed=sum(t.elapsed for t in score.transcripts),
        seconds=sum(t.seconds for t in score.transcripts),
        silent=len(silent),
        in_silence=sum(silent),
    )


def by_speaker(score: Score) -> dict[str, Score]:
    """Return the part of each named speaker, the worst understood first."""
    parts = _parts(score, lambda transcript: transcript.speaker)
    parts.pop("", None)
    return dict(sorted(parts.items(), key=lambda part: (-(part[1].total.rate or 0.0), part[0])))


def by_length(score: Score) -> dict[str, Score]:
    """Return the part of each band of length that has a clip, the shortest first."""
    parts = _parts(score, lambda transcript: length_band(transcript.seconds))
    return dict(sorted(parts.items(), key=lambda part: band_order(part[0])))


def together(parts: list[Score]) -> Score:
    """Return one score of several parts."""
    return Score(
        transcripts=tuple(t for part in parts for t in part.transcripts),
        counts=tuple(counts for part in parts for counts in part.counts),
        wrong=tuple(pairs for part in parts for pairs in part.wrong),
    )


def catastrophic(score: Score) -> list[tuple[Transcript, tuple[Catastrophe, ...]]]:
    """Return the clips whose output is a catastrophe, each with its kinds, in the order heard."""
    found = zip(score.transcripts, catastrophe_kinds(score), strict=True)
    return [(transcript, kinds) for transcript, kinds in found if kinds]


def _parts(score: Score, name_of: Callable[[Transcript], str]) -> dict[str, Score]:
    rows: dict[str, list[int]] = {}
    for row, transcript in enumerate(score.transcripts):
        rows.setdefault(name_of(transcript), []).append(row)
    return {
        name: Score(
            transcripts=tuple(score.transcripts[row] for row in taken),
            counts=tuple(score.counts[row] for row in taken),
            wrong=tuple(score.wrong[row] for row in taken) if score.wrong else (),
        )
        for name, taken in rows.items()
    }
