"""Which words there are, and how likely one is after the two before it.

The lexicon is a trie in level order: node 0 is the root, the children of a node follow each other,
and a node is one 64-bit mask (bit s: a child by symbol s; bit 0: a word ends here), after Jacobson
1989, "Space-efficient static trees and graphs". The n-grams are a second trie, of word numbers,
with back-off (Katz 1987), at last to the classes of the two words (Brown et al. 1992). How the
figures are estimated: `models/reference/ngrams.py`.

A context is one integer: the number of the last word, or, where the last two words are a bigram
of the model, VOCABULARY + the number of that bigram. So equal integers mean equal futures.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.errors import BundleError, ModelFileNotFoundError, explain

FORMAT = 1  # version of the file; 1: first
SPECIAL = 3  # numbers after the last word: end of sentence, start of sentence, unknown word
NATS_PER_LEVEL = 0.08  # a stored byte q means the natural logarithm -0.08 q
REMEMBERED = 16_384  # scores kept; about 4 MB
MOST_BYTES = 1_000_000_000  # of the arrays; a small file can be packed from any amount of zeros

# What numpy and zipfile raise of a damaged or hostile file.
_UNREADABLE = (
    *(KeyError, ValueError, OSError, EOFError, MemoryError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
)

_NATS = tuple(-NATS_PER_LEVEL * level for level in range(256))
_DTYPES = {
    "trie": np.uint64,  # [nodes] the masks
    "ahead": np.uint8,  # [nodes] the likeliest word at or below the node, as a level
    "word_class": np.uint8,  # [vocabulary]
    "in_class": np.uint8,  # [vocabulary] level of each word's probability in its class
    "class_bigram": np.uint8,  # [classes * classes] level of the second class after the first
    "backoff": np.uint8,  # [vocabulary] level of what a word, as a context, leaves to classes
    "bigrams": np.int32,  # [vocabulary] bigrams that begin with each word
    "bigram_word": np.int32,  # [bigrams] their second words, ascending for each first word
    "bigram": np.uint8,  # [bigrams]
    "bigram_backoff": np.uint8,  # [bigrams]
    "trigrams": np.int32,  # [bigrams] trigrams that begin with each bigram
    "trigram_word": np.int32,  # [trigrams] their third words, ascending for each bigram
    "trigram": np.uint8,  # [trigrams]
}


class LanguageModel:
    """A lexicon and a trigram model over it. Read-only once loaded; threads may share it.

    Attributes:
        alphabet: the symbols 1, 2, ... as one string, the space first.
        words: how many words there are; they are numbered from 0 in the order of their nodes.
        end, start, unknown: the numbers of the three special words.
    """

    def __init__(self, alphabet: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Take the arrays of a file (`_DTYPES` names them); `load` is the usual way."""
        self.alphabet = alphabet
        self.vocabulary = len(arrays["in_class"])
        self.words = self.vocabulary - SPECIAL
        self.end, self.start, self.unknown = range(self.words, self.vocabulary)
        self._set_lexicon(arrays["trie"], arrays["ahead"])
        # Views give Python integers several times faster than arrays do.
        self._classes = math.isqrt(len(arrays["class_bigram"]))
        self._word_class, self._in_class = _views(arrays["word_class"], arrays["in_class"])
        self._class_bigram, self._backoff = _views(arrays["class_bigram"], arrays["backoff"])
        self._bigram_word, self._bigram = _views(arrays["bigram_word"], arrays["bigram"])
        (self._bigram_backoff,) = _views(arrays["bigram_backoff"])
        self._trigram_word, self._trigram = _views(arrays["trigram_word"], arrays["trigram"])
        self._bigram_at, self._trigram_at = _views(
            _starts(arrays["bigrams"]), _starts(arrays["trigrams"])
        )
        self.score = lru_cache(REMEMBERED)(self._score)

    @classmethod
    def load(cls, path: Path) -> LanguageModel:
        """Read a language model.

        Raises:
            ModelFileNotFoundError: there is no such file.
            BundleError: the file is of another version, damaged, or no language model.
        """
        if not path.is_file():
            do = "The manifest beside the model names it: download it again."
            raise ModelFileNotFoundError(f"Model file not found: {path}. {do}")
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                if (size := sum(part.file_size for part in file.zip.infolist())) > MOST_BYTES:
                    raise ValueError(f"arrays of {size} bytes, more than {MOST_BYTES}")
                version = int(file["format"])
                if version == FORMAT:
                    arrays = {name: file[name] for name in _DTYPES}
                    alphabet = str(file["alphabet"])
        except _UNREADABLE as error:
            raise _unusable(path, "the arrays of a language model", str(error)) from error
        if version != FORMAT:
            raise _unusable(path, f"format {FORMAT}", str(version))
        if fault := _fault(arrays):
            raise _unusable(path, "arrays that fit each other", fault)
        return cls(alphabet, arrays)

    def step(self, node: int, symbol: int) -> int:
        """Return the child of `node` by `symbol`, or 0 where no word goes on like that."""
        mask: int = self._children[node]
        bit = 1 << symbol
        if not mask & bit:
            return 0
        child: int = self._first_child[node]
        return child + (mask & (bit - 1)).bit_count()

    def word_at(self, node: int) -> int:
        """Return the number of the word that ends at `node`, or -1."""
        number: int = self._word[node]
        return number

    def ahead(self, node: int) -> float:
        """Return the natural log of the likeliest word (as a unigram) at or below `node`."""
        return _NATS[self._ahead[node]]

    def find(self, word: str) -> int:
        """Return the number of a word, or `unknown`."""
        node = 0
        for letter in word:
            symbol = self.alphabet.find(letter) + 1
            node = self.step(node, symbol) if symbol else 0
            if not node:
                return self.unknown
        number = self.word_at(node)
        return self.unknown if number < 0 else number

    def log_probability(self, words: Sequence[str]) -> float:
        """Return the natural log of a whole sentence, its end included."""
        total, context = 0.0, self.start
        for number in (*map(self.find, words), self.end):
            gain, context = self.score(context, number)
            total += gain
        return total

    def _score(self, context: int, word: int) -> tuple[float, int]:
        """Return (natural log of the probability of `word` after `context`, the new context)."""
        last, left = context, 0.0
        if context >= self.vocabulary:
            pair = context - self.vocabulary
            last = self._bigram_word[pair]
            at = _index(self._trigram_word, word, self._trigram_at, pair)
            if at >= 0:
                return _NATS[self._trigram[at]], self._context(last, word)
            left = _NATS[self._bigram_backoff[pair]]
        at = _index(self._bigram_word, word, self._bigram_at, last)
        if at >= 0:
            return left + _NATS[self._bigram[at]], self.vocabulary + at
        return left + _NATS[self._backoff[last]] + self._by_class(last, word), word

    def _by_class(self, last: int, word: int) -> float:
        pair = self._word_class[last] * self._classes + self._word_class[word]
        return _NATS[self._class_bigram[pair]] + _NATS[self._in_class[word]]

    def _context(self, last: int, word: int) -> int:
        at = _index(self._bigram_word, word, self._bigram_at, last)
        return word if at < 0 else self.vocabulary + at

    def _set_lexicon(self, trie: NDArray[np.uint64], ahead: NDArray[np.uint8]) -> None:
        ends = (trie & np.uint64(1)).astype(bool)
        children = trie & ~np.uint64(1)
        first_child = 1 + _starts(np.bitwise_count(children))[:-1]
        word = np.where(ends, np.cumsum(ends) - 1, -1).astype(np.int32)
        self._children, self._first_child = _views(children, first_child)
        self._word, self._ahead = _views(word, ahead)


def _index(words: memoryview, word: int, starts: memoryview, group: int) -> int:
    """Return where `word` stands in its group's ascending part of `words`, or -1."""
    stop = starts[group + 1]
    at = bisect_left(words, word, starts[group], stop)
    return at if at < stop and words[at] == word else -1


def _starts(counts: NDArray[Any]) -> NDArray[np.int32]:
    """Return where each group begins, and at the end the total: int32 [groups + 1]."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int32)


def _views(*arrays: NDArray[Any]) -> tuple[memoryview, ...]:
    return tuple(np.ascontiguousarray(array).data for array in arrays)


def _fault(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return what does not fit, or ""."""
    for name, dtype in _DTYPES.items():
        if arrays[name].dtype != dtype or arrays[name].ndim != 1:
            return f"{name} {arrays[name].dtype} {list(arrays[name].shape)}"
    vocabulary, classes = len(arrays["in_class"]), 1 + int(arrays["word_class"].max(initial=0))
    for name in ("bigram_word", "trigram_word"):
        words = arrays[name]
        if int(words.min(initial=0)) < 0 or int(words.max(initial=0)) >= vocabulary:
            return f"{name} with a word outside the vocabulary"
    masks = arrays["trie"]
    expected = {
        "trie": 1 + int(np.bitwise_count(masks & ~np.uint64(1)).sum()),
        "ahead": len(masks),
        "in_class": int((masks & np.uint64(1)).sum()) + SPECIAL,
        "word_class": vocabulary,
        "class_bigram": classes * classes,
        "backoff": vocabulary,
        "bigrams": vocabulary,
        "bigram_word": int(arrays["bigrams"].sum()),
        "bigram": len(arrays["bigram_word"]),
        "bigram_backoff": len(arrays["bigram_word"]),
        "trigrams": len(arrays["bigram_word"]),
        "trigram_word": int(arrays["trigrams"].sum()),
        "trigram": len(arrays["trigram_word"]),
    }
    wrong = [
        f"{n} {len(arrays[n])} for {size}" for n, size in expected.items() if len(arrays[n]) != size
    ]
    return ", ".join(wrong)


def _unusable(path: Path, expected: str, got: str) -> BundleError:
    do = "Download it again, or use the version of the pipeline that it was made for."
    return BundleError(explain(f"Language model: {path}", expected=expected, got=got, do=do))
