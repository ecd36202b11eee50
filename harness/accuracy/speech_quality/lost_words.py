"""Words that a voice skipped or said twice, as far as a recogniser tells.

What the recogniser loses or doubles in a recording of the same sentence too is its own error.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.accuracy.wer import Pair, align


@dataclass(frozen=True, kw_only=True)
class LostWords:
    """What one clip lacks, and what is in it twice."""

    skipped: tuple[str, ...] = ()  # words that were not heard
    repeated: tuple[str, ...] = ()  # words that were heard once more beside themselves

    def beyond(self, floor: LostWords) -> LostWords:
        """Return what is left when the same words of `floor` are taken off."""
        return LostWords(
            skipped=_less(self.skipped, floor.skipped),
            repeated=_less(self.repeated, floor.repeated),
        )


def lost_words(said: str, heard: str) -> LostWords:
    """Compare what was to be said with what was heard."""
    skipped, repeated, last = [], [], ""
    pairs = align(said, heard)
    for at, (kind, word, other) in enumerate(pairs):
        if kind == "delete":
            skipped.append(word)
        if kind == "insert" and other in (last, _next(pairs[at + 1 :])):
            repeated.append(other)
        last = other or last
    return LostWords(skipped=tuple(skipped), repeated=tuple(repeated))


def _next(pairs: list[Pair]) -> str:
    return next((pair.hypothesis for pair in pairs if pair.hypothesis), "")


def _less(words: tuple[str, ...], taken: tuple[str, ...]) -> tuple[str, ...]:
    return tuple((Counter(words) - Counter(taken)).elements())
