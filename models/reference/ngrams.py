"""Trigram models: counting, smoothing, and the arrays of the file.

Interpolated Kneser-Ney smoothing (Kneser & Ney 1995) with a strength beside the discount, which is
the hierarchical Pitman-Yor model with one table a type (Teh 2006, "A hierarchical Bayesian language
model based on Pitman-Yor processes"):

    P(w | h) = (c(hw) - D) / (c(h) + S) + (S + D types(h)) / (c(h) + S) * P(w | shorter h)

Below trigrams c counts the different words seen before, not the occurrences; below unigrams stands
the share of the language at large.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.language_model import FORMAT, NATS_PER_LEVEL
from models.reference.text import SYMBOLS

DISCOUNT = (0.91, 0.80, 0.86)  # D of unigrams, bigrams, trigrams; fitted on the dev texts
STRENGTH = (4335.0, 3.4, 8.5)  # S of unigrams, bigrams, trigrams; fitted on the dev texts
UNKNOWN_SHARE = 0.003  # of the words of the language at large, those outside the vocabulary
END_SHARE = 0.1  # ends of sentence among words and ends
NEVER = 1e-9  # probability of the start of a sentence, which is never predicted

START, END, UNKNOWN = "<s>", "</s>", "<unk>"

History = tuple[str, ...]
Counts = tuple[dict[History, Counter[str]], ...]  # by length of the history: 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Text:
    """What the n-grams are counted in: sentences, and fragments that neither begin nor end one."""

    sentences: Sequence[Sequence[str]]
    fragments: Sequence[Sequence[str]]


def count(text: Text) -> Counts:
    """Return Kneser-Ney counts: trigrams as they occur, shorter n-grams by the words before them.

    Nothing stands before the first word of a sentence, so bigrams with START count occurrences.
    """
    bigrams: dict[History, Counter[str]] = defaultdict(Counter)
    trigrams: dict[History, Counter[str]] = defaultdict(Counter)
    for words in [*([START, *s, END] for s in text.sentences), *text.fragments]:
        for at in range(1, len(words)):
            bigrams[(words[at - 1],)][words[at]] += 1
            if at > 1:
                trigrams[(words[at - 2], words[at - 1])][words[at]] += 1
    continued = _continuations(trigrams)
    continued[(START,)] = bigrams[(START,)]
    return _continuations(bigrams), continued, trigrams


def _continuations(longer: Mapping[History, Counter[str]]) -> dict[History, Counter[str]]:
    """Return after how many different words each n-gram one word shorter was seen."""
    shorter: dict[History, Counter[str]] = defaultdict(Counter)
    for history, following in longer.items():
        for word in following:
            shorter[history[1:]][word] += 1
    return shorter


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Natural probabilities in back-off form."""

    unigram: Mapping[str, float]
    ngrams: Mapping[History, Mapping[str, float]]  # histories of one or two words
    backoff: Mapping[History, float]  # what a history leaves to the shorter one


def estimate(counts: Counts, shares: Mapping[str, float]) -> Estimate:
    """Smooth `counts` down to `shares`, word -> share of the language at large (summing to 1)."""
    known = (1 - END_SHARE) * (1 - UNKNOWN_SHARE)
    base = {word: known * share for word, share in shares.items()}
    base |= {END: END_SHARE, UNKNOWN: (1 - END_SHARE) * UNKNOWN_SHARE}
    seen, left = _discounted(counts[0][()], 0)
    unigram = {word: seen.get(word, 0.0) + left * share for word, share in base.items()}
    ngrams: dict[History, Mapping[str, float]] = {(): unigram}
    backoff: dict[History, float] = {}
    for order in (1, 2):
        for history, following in counts[order].items():
            seen, left = _discounted(following, order)
            backoff[history] = left
            lower = _Lower(ngrams, backoff, history[1:])
            ngrams[history] = {word: p + left * lower(word) for word, p in seen.items()}
    del ngrams[()]
    return Estimate(unigram=unigram, ngrams=ngrams, backoff=backoff)


def _discounted(following: Counter[str], order: int) -> tuple[dict[str, float], float]:
    """Return the discounted share of each word after one history, and the share that is left."""
    discount, strength = DISCOUNT[order], STRENGTH[order]
    total = following.total() + strength
    seen = {word: (count - discount) / total for word, count in following.items()}
    return seen, (strength + discount * len(following)) / total


@dataclass(frozen=True)
class _Lower:
    """The probability of a word after `history`, from n-grams that are estimated already."""

    ngrams: Mapping[History, Mapping[str, float]]
    backoff: Mapping[History, float]
    history: History

    def __call__(self, word: str) -> float:
        known = self.ngrams.get(self.history, {})
        if word in known or not self.history:
            return known[word]
        shorter = _Lower(self.ngrams, self.backoff, self.history[1:])
        return self.backoff.get(self.history, 1.0) * shorter(word)


def arrays(estimated: Estimate) -> dict[str, Any]:
    """Return the arrays that `agents.language_model` reads."""
    words, trie, ahead = _trie(estimated.unigram)
    numbers = {word: n for n, word in enumerate([*words, END, START, UNKNOWN])}
    unigram = [estimated.unigram.get(word, NEVER) for word in numbers]
    ones = [(word,) for word in numbers]
    pairs = [(a, b) for (a,) in ones for b in _ascending(estimated.ngrams.get((a,), {}), numbers)]
    after_pairs = [_ascending(estimated.ngrams.get(pair, {}), numbers) for pair in pairs]
    return {
        "format": np.array(FORMAT),
        "alphabet": np.array("".join(SYMBOLS[1:])),
        "trie": trie,
        "ahead": ahead,
        "unigram": _levels(unigram),
        "backoff": _levels([estimated.backoff.get(one, 1.0) for one in ones]),
        "bigrams": np.array([len(estimated.ngrams.get(one, {})) for one in ones], np.int32),
        "bigram_word": np.array([numbers[b] for _, b in pairs], np.int32),
        "bigram": _levels([estimated.ngrams[(a,)][b] for a, b in pairs]),
        "bigram_backoff": _levels([estimated.backoff.get(pair, 1.0) for pair in pairs]),
        "trigrams": np.array([len(following) for following in after_pairs], np.int32),
        "trigram_word": np.array([numbers[c] for f in after_pairs for c in f], np.int32),
        "trigram": _levels(
            [estimated.ngrams[p][c] for p, f in zip(pairs, after_pairs, strict=True) for c in f]
        ),
    }


def _ascending(words: Iterable[str], numbers: Mapping[str, int]) -> list[str]:
    return sorted(words, key=numbers.__getitem__)


def _levels(probabilities: Sequence[float]) -> NDArray[np.uint8]:
    nats = -np.log(np.asarray(probabilities, np.float64))
    return np.clip(np.rint(nats / NATS_PER_LEVEL), 0, 255).astype(np.uint8)


def _trie(unigram: Mapping[str, float]) -> tuple[list[str], NDArray[np.uint64], NDArray[np.uint8]]:
    """Return the words in the order of their numbers, the trie's masks, and the look-ahead."""
    spelt = {
        "".join(chr(SYMBOLS.index(c)) for c in w): w for w in unigram if w not in (END, UNKNOWN)
    }
    prefixes = {word[:length] for word in spelt for length in range(len(word) + 1)}
    nodes = sorted(prefixes, key=lambda prefix: (len(prefix), prefix))
    at = {prefix: node for node, prefix in enumerate(nodes)}
    masks, best = [0] * len(nodes), [0.0] * len(nodes)
    for prefix, node in reversed(at.items()):
        if prefix in spelt:
            masks[node] |= 1
            best[node] = max(best[node], unigram[spelt[prefix]])
        if prefix:
            parent = at[prefix[:-1]]
            masks[parent] |= 1 << ord(prefix[-1])
            best[parent] = max(best[parent], best[node])
    words = [spelt[prefix] for prefix in nodes if prefix in spelt]
    return words, np.array(masks, np.uint64), _levels(best)
