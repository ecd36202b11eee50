"""Punctuation and capitals, counted apart from the words.

Punctuation: both texts are aligned with each mark of `harness.accuracy.text.MARKS` as a word, and
only marks are counted: one heard as another mark is a substitution, one with no mark in its place
a deletion, one where none was written an insertion. The counts are those of the punctuation error
rate of Meister et al. (LibriSpeech-PC, ASRU 2023); the rate is read per mark of the reference, as
WER is read per word, where theirs adds the insertions to the divisor.

Capitals: of the words that were heard right but for their capitals, how many have other capitals.
Misheard words say nothing of capitals and are left out.
"""

from __future__ import annotations

import jiwer

from harness.accuracy.text import MARKS, View, words
from harness.accuracy.wer import Counts, align


def punctuation(reference: str, hypothesis: str) -> Counts:
    """Count the errors of the punctuation marks; `length` is the marks of the reference."""
    hits = substitutions = deletions = insertions = 0
    for pair in align(reference, hypothesis, View.PUNCTUATED):
        said, heard = pair.reference in _MARKS, pair.hypothesis in _MARKS
        hits += said and pair.kind == "equal"
        substitutions += said and heard and pair.kind != "equal"
        deletions += said and not heard
        insertions += heard and not said
    return Counts(
        hits=hits, substitutions=substitutions, deletions=deletions, insertions=insertions
    )


def capitals(reference: str, hypothesis: str) -> Counts:
    """Count the words heard right: as hits with the capitals written, else as substitutions."""
    said, heard = words(reference, View.CASED), words(hypothesis, View.CASED)
    output = jiwer.process_words(_folded(said), _folded(heard))
    same = right = 0
    for chunk in output.alignments[0]:
        if chunk.type == "equal":
            left = said[chunk.ref_start_idx : chunk.ref_end_idx]
            beside = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
            right += len(left)
            same += sum(one == other for one, other in zip(left, beside, strict=True))
    return Counts(hits=same, substitutions=right - same)


_MARKS = frozenset(MARKS)


def _folded(cased: list[str]) -> str:
    return " ".join(word.casefold() for word in cased)
