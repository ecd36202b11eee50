"""An estimated trigram model as the arrays that `agents.language_model` reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.language_model import FORMAT, NATS_PER_LEVEL
from models.reference.ngrams import END, START, UNKNOWN, Estimate
from models.reference.text import SYMBOLS

_NEVER = 1e-9  # P(START): it is never predicted
_SYMBOL = str.maketrans({letter: chr(symbol) for symbol, letter in enumerate(SYMBOLS) if symbol})


def pack(estimated: Estimate) -> dict[str, Any]:
    """Return the file's arrays by name.

    Raises:
        ValueError: there are more classes than a byte can number.
    """
    spelt = {w.translate(_SYMBOL): w for w in estimated.unigram if w not in (END, UNKNOWN)}
    words, trie, best = _trie({code: estimated.unigram[word] for code, word in spelt.items()})
    numbers = {w: n for n, w in enumerate([*(spelt[code] for code in words), END, START, UNKNOWN])}
    lexicon = {"trie": trie, "ahead": _levels(best)}
    head = {"format": np.array(FORMAT), "alphabet": np.array("".join(SYMBOLS[1:]))}
    return head | lexicon | _packed_classes(estimated, numbers) | _packed_ngrams(estimated, numbers)


def _trie(words: Mapping[str, float]) -> tuple[list[str], NDArray[np.uint64], list[float]]:
    """Return the words in their nodes' order, the nodes' masks, and the best word below each."""
    prefixes = {word[:length] for word in words for length in range(len(word) + 1)} | {""}
    nodes = sorted(prefixes, key=lambda prefix: (len(prefix), prefix))
    at = {prefix: node for node, prefix in enumerate(nodes)}
    masks, best = [0] * len(nodes), [0.0] * len(nodes)
    for prefix, node in reversed(at.items()):
        if prefix in words:
            masks[node] |= 1
            best[node] = max(best[node], words[prefix])
        if prefix:
            parent = at[prefix[:-1]]
            masks[parent] |= 1 << ord(prefix[-1])
            best[parent] = max(best[parent], best[node])
    return [prefix for prefix in nodes if prefix in words], np.array(masks, np.uint64), best


def _packed_classes(estimated: Estimate, numbers: Mapping[str, int]) -> dict[str, Any]:
    names = sorted(set(estimated.class_of.values()))
    if len(names) > 256:
        raise ValueError(f"{len(names)} classes: at most 256. Raise ENDING_SEEN")
    order = {name: n for n, name in enumerate(names)}
    within = [_NEVER if word == START else estimated.in_class(word) for word in numbers]
    bigram = [estimated.class_bigram[before, name] for before in names for name in names]
    return {
        "word_class": np.array([order[estimated.class_of[word]] for word in numbers], np.uint8),
        "in_class": _levels(within),
        "class_bigram": _levels(bigram),
    }


def _packed_ngrams(estimated: Estimate, numbers: Mapping[str, int]) -> dict[str, Any]:
    ngrams, backoff = estimated.ngrams, estimated.backoff
    ones = [(word,) for word in numbers]
    pairs = [(a, b) for (a,) in ones for b in _ascending(ngrams.get((a,), {}), numbers)]
    triples = [(pair, c) for pair in pairs for c in _ascending(ngrams.get(pair, {}), numbers)]
    return {
        "backoff": _levels([backoff.get(one, 1.0) for one in ones]),
        "bigrams": np.array([len(ngrams.get(one, {})) for one in ones], np.int32),
        "bigram_word": np.array([numbers[b] for _, b in pairs], np.int32),
        "bigram": _levels([ngrams[(a,)][b] for a, b in pairs]),
        "bigram_backoff": _levels([backoff.get(pair, 1.0) for pair in pairs]),
        "trigrams": np.array([len(ngrams.get(pair, {})) for pair in pairs], np.int32),
        "trigram_word": np.array([numbers[c] for _, c in triples], np.int32),
        "trigram": _levels([ngrams[pair][c] for pair, c in triples]),
    }


def _ascending(words: Iterable[str], numbers: Mapping[str, int]) -> list[str]:
    return sorted(words, key=numbers.__getitem__)


def _levels(probabilities: Sequence[float]) -> NDArray[np.uint8]:
    nats = -np.log(np.maximum(np.asarray(probabilities, np.float64), 1e-300))
    return np.clip(np.rint(nats / NATS_PER_LEVEL), 0, 255).astype(np.uint8)
