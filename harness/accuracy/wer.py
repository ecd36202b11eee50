"""Word and character error counts of one utterance; a corpus is the sum of its counts.

Method: the edit distance with equal weights (jiwer 4, rapidfuzz's alignment) between the words
that a view of `harness.accuracy.text` gives. WER = (S + D + I) / (S + D + H). The rate of a
corpus is the rate of the summed counts, never the mean of the rates:

    >>> total = score("pon la radio", "pon radio") + score("", "eh")
    >>> total.deletions, total.insertions, total.length, round(total.rate, 3)
    (1, 1, 3, 0.667)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import jiwer

from harness.accuracy.text import GATED, View, normalise


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How a hypothesis differs from its reference, in words (or characters). Counts add."""

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def length(self) -> int:
        """Words of the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def errors(self) -> int:
        """Substitutions, deletions and insertions together."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """Errors per reference word, 0 or above; None without a reference word."""
        return self.errors / self.length if self.length else None

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            hits=self.hits + other.hits,
            substitutions=self.substitutions + other.substitutions,
            deletions=self.deletions + other.deletions,
            insertions=self.insertions + other.insertions,
        )


class Pair(NamedTuple):
    """One place of an alignment: a reference word beside what was heard in its place."""

    kind: str  # equal | substitute | delete | insert
    reference: str  # "" for an insertion
    hypothesis: str  # "" for a deletion


def score(reference: str, hypothesis: str, view: View = GATED) -> Counts:
    """Count the word errors of `hypothesis` against `reference`, both read in `view`.

    An empty reference counts every word heard as an insertion; its rate is None.
    """
    return _counts(jiwer.process_words(normalise(reference, view), normalise(hypothesis, view)))


def characters(reference: str, hypothesis: str, view: View = GATED) -> Counts:
    """Count the character errors; the space between two words is a character."""
    heard = normalise(hypothesis, view)
    return _counts(jiwer.process_characters(normalise(reference, view), heard))


def total(counts: Iterable[Counts]) -> Counts:
    """Add the counts of many utterances: their rate is the corpus rate."""
    return sum(counts, start=Counts())


def align(reference: str, hypothesis: str, view: View = GATED) -> list[Pair]:
    """Pair the words of both texts in order, by a shortest path of edits."""
    output = jiwer.process_words(normalise(reference, view), normalise(hypothesis, view))
    said, heard = output.references[0], output.hypotheses[0]
    pairs = []
    for chunk in output.alignments[0]:
        left = said[chunk.ref_start_idx : chunk.ref_end_idx]
        right = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
        length = max(len(left), len(right))
        padded = zip(left or [""] * length, right or [""] * length, strict=True)
        pairs += [Pair(chunk.type, *words) for words in padded]
    return pairs


def _counts(output: jiwer.WordOutput | jiwer.CharacterOutput) -> Counts:
    return Counts(
        hits=output.hits,
        substitutions=output.substitutions,
        deletions=output.deletions,
        insertions=output.insertions,
    )
