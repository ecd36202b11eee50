"""Outputs that are wrong in a way that no word error rate tells, clip by clip, without a baseline.

    empty     words were said and none was heard
    loop      the recogniser repeats itself
    length    far more or far fewer words were heard than said
    silence   nothing was said and words were heard

Loop. The test for oscillating output of Raunak et al. (The Curious Case of Hallucinations in
Neural Machine Translation, NAACL 2021): the most frequent run of four words is heard at least
twice more often than the most frequent one was said. It needs no threshold of its own for each
length of phrase: a word counts as looped from six times in a row, a phrase of two or three words
from four, one of four words or more from three. What was said as often is no loop, so a speaker
who says no three times, or six, raises no alarm. Whisper's ratio of compression (above 2.4) was
left out: zlib's own overhead hides every loop in a text as short as a command.

Length. More than twice or less than half the words said, and at least five words apart: in a
command of two words, one more or less is no catastrophe.

Words are those of the gated view, so that `7:30` and `siete y media` are as long as each other.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from harness.accuracy.text import words
from harness.accuracy.wer import Counts, score

GRAM = 4  # words in a run
MORE = 2  # times that a run is heard more often than one was said, from which on it is a loop
RATIO = 2.0  # times as many words, or as few
APART = 5  # words


class Catastrophe(StrEnum):
    """A way in which an output is useless."""

    EMPTY = "empty"
    LOOP = "loop"
    LENGTH = "length"
    SILENCE = "silence"


def catastrophes(
    reference: str, hypothesis: str, counts: Counts | None = None
) -> tuple[Catastrophe, ...]:
    """Name what is catastrophic about one output; nothing for one that is merely wrong.

    Args:
        reference: raw.
        hypothesis: raw.
        counts: what `harness.accuracy.wer.score` says of the two, where it is known.
    """
    found = score(reference, hypothesis) if counts is None else counts
    said, heard = found.length, found.hits + found.substitutions + found.insertions
    if not heard:
        return (Catastrophe.EMPTY,) if said else ()
    looped = (Catastrophe.LOOP,) if found.errors and _loops(reference, hypothesis) else ()
    if not said:
        return (Catastrophe.SILENCE, *looped)
    return (*looped, *((Catastrophe.LENGTH,) if _out_of_length(said, heard) else ()))


def _loops(reference: str, hypothesis: str) -> bool:
    often = _most_often(words(hypothesis))
    return often > MORE and often - max(_most_often(words(reference)), 1) >= MORE


def _most_often(text: list[str]) -> int:
    """Return how often the most frequent run of `GRAM` words stands in a text."""
    runs = zip(*(text[start:] for start in range(GRAM)), strict=False)
    return max(Counter(runs).values(), default=0)


def _out_of_length(said: int, heard: int) -> bool:
    few, many = sorted((said, heard))
    return many > RATIO * few and many - few >= APART
