"""Word and character error counts of one utterance; a corpus is the sum of its counts.

Method: the edit distance with equal weights (jiwer 4, rapidfuzz's alignment) between the words
that a view of `harness.accuracy.text` gives. WER = (S + D + I) / (S + D + H). The rate of a
corpus is the rate of the summed counts, never the mean of the rates. Of the forms in which a
number may be spoken (`spoken`) the one with fewest errors counts, in views that spell numbers:

    >>> total = score("pon la radio", "pon radio") + score("", "eh")
    >>> total.deletions, total.insertions, total.length, round(total.rate, 3)
    (1, 1, 3, 0.667)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jiwer

from harness.accuracy.spoken import Texts, closest
from harness.accuracy.text import GATED, View, normalise, words

SPELLED = (View.NUMBERS, View.CASED, View.PUNCTUATED)  # views that write numbers in words
_BLOCK = 1_000  # utterances aligned at a time: their alignments are dropped before the next

Chunked = tuple[list[str], list[str], list[jiwer.AlignmentChunk]]  # said, heard, alignment
Align = Callable[[Sequence[str], Sequence[str], View], list[Chunked]]


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


class Aligned(NamedTuple):
    """One utterance: how much of it is wrong, and where."""

    counts: Counts
    wrong: tuple[Pair, ...]  # every place but the hits, in the order said


def score(reference: str, hypothesis: str, view: View = GATED) -> Counts:
    """Count the word errors of `hypothesis` against `reference`, both read in `view`.

    An empty reference counts every word heard as an insertion; its rate is None.
    """
    return score_all([reference], [hypothesis], view)[0]


def score_all(
    references: Sequence[str], hypotheses: Sequence[str], view: View = GATED
) -> list[Counts]:
    """Count the word errors of many utterances: what `score` says of each, in half its time.

    Raises ValueError when there are not as many hypotheses as references.
    """
    return [_of_chunks(chunks) for _, _, chunks in _chunks(references, hypotheses, view, _words)]


def align_all(
    references: Sequence[str], hypotheses: Sequence[str], view: View = GATED
) -> list[Aligned]:
    """Count the word errors of many utterances and tell which words they are, by one alignment.

    Raises ValueError when there are not as many hypotheses as references.
    """
    return [
        Aligned(_of_chunks(chunks), tuple(_wrong(said, heard, chunks)))
        for said, heard, chunks in _chunks(references, hypotheses, view, _words)
    ]


def characters_all(
    references: Sequence[str], hypotheses: Sequence[str], view: View = GATED
) -> list[Counts]:
    """Count the character errors of many utterances: what `characters` says of each.

    Raises ValueError when there are not as many hypotheses as references.
    """

    return [_of_chunks(chunks) for _, _, chunks in _chunks(references, hypotheses, view, _letters)]


def characters(reference: str, hypothesis: str, view: View = GATED) -> Counts:
    """Count the character errors; the space between two words is a character."""
    return characters_all([reference], [hypothesis], view)[0]


def total(counts: Iterable[Counts]) -> Counts:
    """Add the counts of many utterances: their rate is the corpus rate."""
    all_of_them = tuple(counts)
    return Counts(
        hits=sum(c.hits for c in all_of_them),
        substitutions=sum(c.substitutions for c in all_of_them),
        deletions=sum(c.deletions for c in all_of_them),
        insertions=sum(c.insertions for c in all_of_them),
    )


def totals(names: Iterable[str], counts: Iterable[Counts]) -> dict[str, Counts]:
    """Add the counts of the utterances under each name (a speaker, a condition), as first seen.

    Raises ValueError when there are not as many counts as names.
    """
    groups: dict[str, list[Counts]] = {}
    for name, count in zip(names, counts, strict=True):
        groups.setdefault(name, []).append(count)
    return {name: total(group) for name, group in groups.items()}


def align(reference: str, hypothesis: str, view: View = GATED) -> list[Pair]:
    """Pair the words of both texts in order, by a shortest path of edits."""
    ((said, heard, chunks),) = _chunks([reference], [hypothesis], view, _words)
    return [pair for chunk in chunks for pair in _pairs(said, heard, chunk)]


def closest_forms(reference: str, hypothesis: str, view: View = GATED) -> Texts:
    """Return both texts with their numbers in the forms that make fewest word errors in a view."""
    texts = reference, hypothesis
    return _forms(texts, view, _words) if view in SPELLED else texts


def _blocks(
    references: Sequence[str], hypotheses: Sequence[str]
) -> Iterator[tuple[list[str], list[str]]]:
    if len(references) != len(hypotheses):
        raise ValueError(f"{len(references)} references beside {len(hypotheses)} hypotheses")
    for start in range(0, len(references), _BLOCK):
        block = slice(start, start + _BLOCK)
        yield list(references[block]), list(hypotheses[block])


def _words(said: Sequence[str], heard: Sequence[str], view: View) -> list[Chunked]:
    """Align texts by their words: words said, words heard, alignment of each."""

    def read(texts: list[str]) -> list[list[str]]:
        return [words(text, view) for text in texts]

    found = jiwer.process_words(list(said), list(heard), read, read)  # type: ignore[arg-type]
    return list(zip(found.references, found.hypotheses, found.alignments, strict=True))


def _letters(said: Sequence[str], heard: Sequence[str], view: View) -> list[Chunked]:
    """Align texts by their characters."""

    def read(texts: list[str]) -> list[list[str]]:
        return [list(normalise(text, view)) for text in texts]

    found = jiwer.process_characters(list(said), list(heard), read, read)  # type: ignore[arg-type]
    return list(zip(found.references, found.hypotheses, found.alignments, strict=True))


def _chunks(
    references: Sequence[str], hypotheses: Sequence[str], view: View, align: Align
) -> Iterator[Chunked]:
    """Yield what was said, what was heard and their alignment, utterance by utterance."""
    for said, heard in _blocks(references, hypotheses):
        for *texts, found in zip(said, heard, align(said, heard, view), strict=True):
            if view in SPELLED and any(chunk.type != "equal" for chunk in found[2]):
                yield _closest((texts[0], texts[1]), found, view, align)
            else:
                yield found


def _closest(texts: Texts, found: Chunked, view: View, align: Align) -> Chunked:
    """Align two texts in the forms of their numbers that differ least."""
    closer = _forms(texts, view, align)
    return found if closer == texts else align([closer[0]], [closer[1]], view)[0]


def _forms(texts: Texts, view: View, align: Align) -> Texts:
    def edits(pairs: Sequence[Texts]) -> list[int]:
        said, heard = zip(*pairs, strict=True)
        return [_of_chunks(chunks).errors for _, _, chunks in align(said, heard, view)]

    return closest(*texts, edits)


def _wrong(
    said: list[str], heard: list[str], chunks: Iterable[jiwer.AlignmentChunk]
) -> Iterator[Pair]:
    for chunk in chunks:
        if chunk.type != "equal":
            yield from _pairs(said, heard, chunk)


def _pairs(said: list[str], heard: list[str], chunk: jiwer.AlignmentChunk) -> Iterator[Pair]:
    left = said[chunk.ref_start_idx : chunk.ref_end_idx]
    right = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
    for pair in itertools.zip_longest(left, right, fillvalue=""):
        yield Pair(chunk.type, *pair)


def _of_chunks(chunks: Iterable[jiwer.AlignmentChunk]) -> Counts:
    hits = substitutions = deletions = insertions = 0
    for chunk in chunks:
        match chunk.type:
            case "equal":
                hits += chunk.ref_end_idx - chunk.ref_start_idx
            case "substitute":
                substitutions += chunk.ref_end_idx - chunk.ref_start_idx
            case "delete":
                deletions += chunk.ref_end_idx - chunk.ref_start_idx
            case _:
                insertions += chunk.hyp_end_idx - chunk.hyp_start_idx
    return Counts(
        hits=hits, substitutions=substitutions, deletions=deletions, insertions=insertions
    )
