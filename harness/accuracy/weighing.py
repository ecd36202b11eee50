"""Aligns two texts as a person asked for it: by which view, at which weights.

With plain weights jiwer aligns, as everywhere; where a reference leaves a choice, or words count
otherwise than their text, the alternative is chosen first, by the same distance; so are the forms
of numbers (`spoken`) where the file leaves no choice of its own. With NIST's
weights sclite's walk (`harness.accuracy.nist`) aligns, and the plain alignment stands beside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import NamedTuple

import jiwer

from harness.accuracy import nist, text, trn, wer
from harness.accuracy.nist import Network, Reader, Word
from harness.accuracy.text import View
from harness.accuracy.trn import NOTHING, Items
from harness.accuracy.wer import Pair

WRITTEN = "written"  # the words as the file has them, case folded: what sclite compares


class Weighing(StrEnum):
    """What the edits cost."""

    PLAIN = "plain"  # 1, 1, 1
    NIST = "nist"  # substitution 4, deletion 3, insertion 3


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How texts are read and compared."""

    weights: Weighing = Weighing.PLAIN
    view: str = text.GATED.value  # a View, or WRITTEN
    turkish: bool = False  # WRITTEN folds I to ı, İ to i
    fragments: bool = False  # sclite -F: `inter-` is right beside any word that begins so
    optional: bool = False  # sclite -D: `(word)` may be left out

    @property
    def signature(self) -> str:
        """What stands beside a score made so."""
        view = WRITTEN if self.view == WRITTEN else text.signature(View(self.view))
        marks = [name for name in ("turkish", "fragments", "optional") if getattr(self, name)]
        return ", ".join([view, f"{self.weights.value} weights", *marks])


class Aligned(NamedTuple):
    """Two alignments of the same words."""

    pairs: tuple[Pair, ...]  # at the weights asked for
    plain: tuple[Pair, ...]  # at plain weights; the same where those were asked for


def aligned(said: Items, heard: Items, reading: Reading) -> Aligned:
    """Align what was heard (no choice in it) with what was said.

    Raises:
        ReferenceSetError: the texts are too long to weigh.
    """
    read = _reader(reading)
    said, heard = _as_spoken(said, heard, reading)
    reference = nist.network(said, read, optional=reading.optional)
    words = nist.network(heard, read, optional=reading.optional).words
    plain = tuple(_plain(reference, words, reading))
    if reading.weights is Weighing.PLAIN:
        return Aligned(plain, plain)
    return Aligned(tuple(nist.align(reference, words, fragments=reading.fragments)), plain)


def _as_spoken(said: Items, heard: Items, reading: Reading) -> tuple[Items, Items]:
    """Put numbers into the forms that differ least; a file that states its own choices has them."""
    own = reading.optional or reading.fragments or trn.has_choice(said)
    if own or reading.view == WRITTEN:
        return said, heard
    texts = [" ".join(map(str, items)) for items in (said, heard)]
    closer = wer.closest_forms(texts[0], texts[1], View(reading.view))
    return trn.plain(closer[0]), trn.plain(closer[1])


def written(said: str, *, turkish: bool = False) -> list[str]:
    """Return the words as sclite reads them: by white space, in lower case letter by letter.

    What follows a `;` inside a word is a tag, and a `*` at its end a mark: neither is compared.
    """
    folded = unicodedata.normalize("NFC", said)
    if turkish:
        folded = folded.replace("I", "ı").replace("İ", "i")
    folded = "".join(letter.lower() for letter in folded)
    return [word for word in map(_untagged, folded.split()) if word]


def _reader(reading: Reading) -> Reader:
    if reading.view == WRITTEN:
        return partial(written, turkish=reading.turkish)
    return partial(text.words, view=View(reading.view))


def _untagged(word: str) -> str:
    place = word.find(";", 1, -1)
    word = word[:place] if place > 0 else word
    return word[:-1] if len(word) > 1 and word.endswith("*") else word


def _plain(said: Network, heard: list[Word], reading: Reading) -> list[Pair]:
    """Align by jiwer; where there is a choice, against the words of the path that costs least."""
    special = (
        reading.fragments or said.branches or any(w.optional or w.text == NOTHING for w in heard)
    )
    if not special:
        return _jiwer([w.text for w in said.words], [w.text for w in heard])
    path = nist.align(said, heard, nist.PLAIN, fragments=reading.fragments)
    alike = [pair.reference or pair.hypothesis for pair in path if pair.kind == "equal"]
    words = iter(alike)
    left, right = [], []
    for pair in path:
        shared = next(words) if pair.kind == "equal" else ""
        left.append(shared or pair.reference)
        right.append(shared or pair.hypothesis)
    return _jiwer([w for w in left if w], [w for w in right if w])


def _jiwer(said: Iterable[str], heard: Iterable[str]) -> list[Pair]:
    output = jiwer.process_words(" ".join(said), " ".join(heard))
    left, right = output.references[0], output.hypotheses[0]
    pairs: list[Pair] = []
    for chunk in output.alignments[0]:
        one = left[chunk.ref_start_idx : chunk.ref_end_idx]
        two = right[chunk.hyp_start_idx : chunk.hyp_end_idx]
        blank = [""] * max(len(one), len(two))
        pairs += [
            Pair(chunk.type, *words) for words in zip(one or blank, two or blank, strict=True)
        ]
    return pairs
