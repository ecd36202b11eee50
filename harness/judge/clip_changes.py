"""Clip by clip, what two runs heard otherwise: more or fewer wrong words, or other ones.

The clips are those of one id and one reference that both runs heard as they are, read in the gated
view. A word is gained when the new run has right what the old one had wrong, lost when it is the
other way round; words are counted, wherever in the clip they stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harness.accuracy.wer import Counts, Pair
from harness.judge.heard_change import common
from harness.judge.scores import as_they_are, score_transcripts, sets_of
from harness.records import Run, Transcript


@dataclass(frozen=True, kw_only=True)
class ClipChange:
    """One clip whose wrong words are not those of before."""

    old: Transcript
    new: Transcript
    before: Counts  # words
    after: Counts
    gained: tuple[str, ...]  # words of the reference that only the new run has right
    lost: tuple[str, ...]  # that only the old run had right

    @property
    def more(self) -> int:
        """Errors that were added; below 0 where the clip got better."""
        return self.after.errors - self.before.errors


def clip_changes(old: Run, new: Run) -> tuple[ClipChange, ...]:
    """Return the clips that changed, the largest change first, of equal ones the worse first."""
    found = [
        change
        for name in sets_of(new)
        if name in sets_of(old)
        for change in _of_set(name, old, new)
    ]
    return tuple(sorted(found, key=lambda c: (-abs(c.more), -c.more, c.new.set, c.new.clip)))


def _of_set(name: str, old: Run, new: Run) -> Iterable[ClipChange]:
    heard = ([t for t in as_they_are(run) if not t.arm] for run in (old, new))
    first, second = (score_transcripts(transcripts) for transcripts in common(name, *heard))
    if first is None or second is None:
        return
    places = {_key(one): place for place, one in enumerate(second.transcripts)}
    for one, before, was in zip(first.transcripts, first.counts, first.wrong, strict=True):
        place = places[_key(one)]
        now = second.wrong[place]
        if was != now:
            yield ClipChange(
                old=one,
                new=second.transcripts[place],
                before=before,
                after=second.counts[place],
                gained=_without(was, now),
                lost=_without(now, was),
            )


def _key(transcript: Transcript) -> tuple[str, str]:
    return transcript.clip, transcript.reference


def _without(wrong: Iterable[Pair], other: Iterable[Pair]) -> tuple[str, ...]:
    """Words of the reference in `wrong` and not in `other`, as often as they are more."""
    left = Counter(p.reference for p in wrong if p.reference)
    left -= Counter(p.reference for p in other if p.reference)
    return tuple(left.elements())
