"""The matched-pairs test on segments of sentences (MAPSSWE): do two systems err alike?

Errors of one sentence hang together, those on both sides of a stretch that both systems got right
do not. So both alignments are cut into segments: an error of either system opens one, two
reference words in a row that both have right, with nothing inserted between them, close it. The
differences of the two error counts, segment by segment, are taken as independent, and

    Z = mean / (deviation / sqrt(n)),  two-tailed against the normal distribution

Gillick & Cox, ICASSP 1989; Pallett et al., ICASSP 1990; segments as in NIST's sc_stats
(`mtchprs.c`), but what is inserted after the last word is seen for both systems.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from harness.accuracy import wer
from harness.accuracy.text import GATED, View
from harness.accuracy.wer import Pair
from harness.records import Transcript

BOUNDARY = 2  # reference words in a row that both have right close a segment
LEVEL = 0.05  # of significance, two-tailed
ENOUGH = 50  # segments: with fewer the normal distribution is a rough guide

Alignment = Sequence[Pair]


class Segment(NamedTuple):
    """Errors of both systems in one segment."""

    first: int
    second: int


@dataclass(frozen=True, kw_only=True)
class MatchedPairs:
    """What the segments say; the difference is the first system's errors minus the second's."""

    segments: int
    mean: float  # errors a segment that the first makes more than the second
    deviation: float  # of the difference, n - 1 in the divisor
    z: float | None  # None where nothing spreads: fewer than two segments, or all differ alike
    p: float | None  # two-tailed: how often a |Z| as large would come about by chance alone

    @property
    def differ(self) -> bool:
        """Whether chance alone would show so much in fewer than 1 of 20 comparisons."""
        return self.p is not None and self.p < LEVEL

    @property
    def doubt(self) -> str:
        """Why the test says little; "" where it speaks."""
        if self.z is None:
            return "The differences do not spread: the test says nothing. Compare more clips."
        if self.segments < ENOUGH:
            return (
                f"{self.segments} segments: below {ENOUGH} the normal distribution is a rough "
                "guide. Compare more clips."
            )
        return ""


def mapsswe(segments: Iterable[Segment]) -> MatchedPairs:
    """Test whether two systems make as many errors a segment; see `segments_of` for them."""
    differences = [segment.first - segment.second for segment in segments]
    n = len(differences)
    mean = sum(differences) / n if n else 0.0
    squares = sum((difference - mean) ** 2 for difference in differences)
    deviation = math.sqrt(squares / (n - 1)) if n > 1 else 0.0
    z = mean / (deviation / math.sqrt(n)) if deviation else None
    if z is None and not any(differences):
        z = 0.0  # not one segment differs
    p = None if z is None else math.erfc(abs(z) / math.sqrt(2))
    return MatchedPairs(segments=n, mean=mean, deviation=deviation, z=z, p=p)


def segments_of(
    first: Iterable[Alignment], second: Iterable[Alignment], *, boundary: int = BOUNDARY
) -> list[Segment]:
    """Cut the alignments of two systems, clip by clip, into segments with at least one error.

    Args:
        first: pairs of reference and hypothesis words, one alignment a clip.
        second: as many, of the same clips in the same order.
        boundary: words in a row that both have right to close a segment.

    Raises:
        ValueError: there are not as many clips of both.
    """
    found: list[Segment] = []
    for one, other in zip(first, second, strict=True):
        found += _cut(_places(one, other), boundary)
    return found


def of_transcripts(
    first: Iterable[Transcript], second: Iterable[Transcript], view: View = GATED
) -> MatchedPairs:
    """Test what two runs heard in the clips that both heard, with the same reference."""
    heard = {(t.set, t.clip, t.reference): t for t in first}
    both = [
        (heard[t.set, t.clip, t.reference], t)
        for t in second
        if (t.set, t.clip, t.reference) in heard
    ]
    alignments = [
        [wer.align(t.reference, t.hypothesis, view) for t in side]
        for side in (zip(*both, strict=True) if both else ((), ()))
    ]
    return mapsswe(segments_of(*alignments))


class _Slot(NamedTuple):
    """A word of the reference, and what stands before it, in one alignment."""

    word: str
    inserted: int
    wrong: int


class _Place(NamedTuple):
    """Where both stand at the same words: errors before them, and in them, of both."""

    inserted: Segment
    wrong: Segment


def _cut(places: Iterable[_Place], boundary: int) -> Iterator[Segment]:
    """Walk the places as a machine of two states: right so far, or inside a segment."""
    first = second = good = 0
    inside = False
    for place in places:
        if any(place.inserted):
            inside, good = True, 0
        first += place.inserted.first + place.wrong.first
        second += place.inserted.second + place.wrong.second
        if any(place.wrong):
            inside, good = True, 0
        elif inside:
            good += 1
        if inside and good == boundary:
            yield Segment(first, second)
            first = second = good = 0
            inside = False
    if inside:
        yield Segment(first, second)


def _places(one: Alignment, other: Alignment) -> list[_Place]:
    """Bring two alignments together at the words of the reference that they share.

    Where alternatives were resolved otherwise, the words between are one place.
    """
    first, second = _slots(one), _slots(other)
    words = [slot.word for slot in first], [slot.word for slot in second]
    if words[0] == words[1]:
        return [_place([a], [b]) for a, b in zip(first, second, strict=True)]
    places = []
    matcher = SequenceMatcher(None, *words, autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(first[i:i_end], second[j:j_end], strict=True)
            places += [_place([a], [b]) for a, b in pairs]
        else:
            places.append(_place(first[i:i_end], second[j:j_end]))
    return places


def _place(first: Sequence[_Slot], second: Sequence[_Slot]) -> _Place:
    return _Place(
        Segment(sum(s.inserted for s in first), sum(s.inserted for s in second)),
        Segment(sum(s.wrong for s in first), sum(s.wrong for s in second)),
    )


def _slots(alignment: Alignment) -> list[_Slot]:
    """Return the words of the reference, and at the end "" for what is inserted after them."""
    slots: list[_Slot] = []
    inserted = 0
    for pair in alignment:
        if pair.kind == "insert":
            inserted += 1
        else:
            slots.append(_Slot(pair.reference, inserted, int(pair.kind != "equal")))
            inserted = 0
    return [*slots, _Slot("", inserted, 0)]
