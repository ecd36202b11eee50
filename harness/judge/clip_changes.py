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
    scores = [score_transcripts(transcripts) for transcripts in common(name, *heard)]
    if scores[0] is None or scores[1] is None:
        return
    first, second = (
        {(t.clip, t.reference): i for i, t in enumerate(s.transcripts)} for s in scores
    )
    for key, i in first.items():
        j = second[key]
        was, now = scores[0].wrong[i], scores[1].wrong[j]
        if was == now:
            continue
        yield ClipChange(
            old=scores[0].transcripts[i],
            new=scores[1].transcripts[j],
            before=scores[0].counts[i],
            after=scores[1].counts[j],
            gained=_without(was, now),
            lost=_without(now, was),
        )


def _without(wrong: Iterable[Pair], other: Iterable[Pair]) -> tuple[str, ...]:
    """Words of the reference in `wrong` and not in `other`, as often as they are more."""
    left = Counter(p.reference for p in wrong if p.reference)
    left -= Counter(p.reference for p in other if p.reference)
    return tuple(left.elements())
