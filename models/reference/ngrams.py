"""Trigram models: counting and smoothing.

Interpolated Kneser-Ney smoothing (Kneser & Ney 1995) with a strength beside the discount, which is
the hierarchical Pitman-Yor model with one table a type (Teh 2006, "A hierarchical Bayesian language
model based on Pitman-Yor processes"):

    P(w | h) = (c(hw) - D) / (c(h) + S) + (S + D types(h)) / (c(h) + S) * P(w | shorter h)

In bigrams c counts the different words seen before, not the occurrences. Below bigrams stands a
class bigram model (Brown et al. 1992), P(class | class before) P(word | class): endings show how
Spanish words agree, so a frequent word is a class of its own and the others share one by ending.
Below that stands the share of a word in the language at large.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Fitted on the dev texts, all but the last two.
DISCOUNT = (0.86, 0.80, 0.64)  # D of unigrams, bigrams, trigrams
STRENGTH = (11_000.0, 2.0, 5.0)  # S of unigrams, bigrams, trigrams
CLASS_DISCOUNT, CLASS_STRENGTH = 0.5, 150.0  # D and S of class bigrams
OWN_CLASS = 100  # most frequent words of the text, and of the language, that are classes
ENDING, ENDING_SEEN = 3, 150  # letters of an ending, at most; words of the text that show it
UNKNOWN_SHARE = 0.003  # of the words of the language at large, those outside the vocabulary
END_SHARE = 0.1  # ends of sentence among words and ends

START, END, UNKNOWN = "<s>", "</s>", "<unk>"

History = tuple[str, ...]
Counts = Mapping[History, Counter[str]]  # history -> what followed, how often


@dataclass(frozen=True, kw_only=True)
class Text:
    """What the n-grams are counted in: sentences, and fragments that neither begin nor end one."""

    sentences: Sequence[Sequence[str]]
    fragments: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Natural probabilities in back-off form: the n-grams that were seen, else classes."""

    unigram: Mapping[str, float]  # every word, END and UNKNOWN
    ngrams: Mapping[History, Mapping[str, float]]  # histories of two words and of one
    backoff: Mapping[History, float]  # what a history leaves to the shorter one
    class_of: Mapping[str, str]  # every word, START, END and UNKNOWN
    class_bigram: Mapping[tuple[str, str], float]  # (class before, class): every pair
    class_share: Mapping[str, float]  # the sum of the unigrams in a class

    def probability(self, word: str, history: History) -> float:
        """Return P(word | history) for a known word and a history of two words or one."""
        if word in self.ngrams.get(history, {}):
            return self.ngrams[history][word]
        left = self.backoff.get(history, 1.0)
        if len(history) > 1:
            return left * self.probability(word, history[1:])
        return left * self.by_class(word, history[0])

    def by_class(self, word: str, before: str) -> float:
        """Return P(class of word | class of the word before) P(word | class)."""
        return self.class_bigram[self.class_of[before], self.class_of[word]] * self.in_class(word)

    def in_class(self, word: str) -> float:
        """Return P(word | its class)."""
        return self.unigram[word] / self.class_share[self.class_of[word]]


def count(text: Text) -> tuple[Counter[str], Counts, Counts]:
    """Return Kneser-Ney counts of words, bigrams and trigrams.

    Trigrams count as often as they occur, shorter n-grams once for each word seen before them.
    Nothing stands before the first word of a sentence, so bigrams with START count occurrences.
    """
    bigrams: dict[History, Counter[str]] = defaultdict(Counter)
    trigrams: dict[History, Counter[str]] = defaultdict(Counter)
    for words in [*([START, *s, END] for s in text.sentences), *text.fragments]:
        for before, word in pairwise(words):
            bigrams[(before,)][word] += 1
        for first, second, word in zip(words, words[1:], words[2:], strict=False):
            trigrams[(first, second)][word] += 1
    continued = _continuations(trigrams)
    continued[(START,)] = bigrams[(START,)]
    return _continuations(bigrams)[()], continued, trigrams


def _continuations(longer: Counts) -> dict[History, Counter[str]]:
    """Return after how many different words each n-gram one word shorter was seen."""
    shorter: dict[History, Counter[str]] = defaultdict(Counter)
    for history, following in longer.items():
        shorter[history[1:]].update(following.keys())
    return shorter


def estimate(text: Text, shares: Mapping[str, float]) -> Estimate:
    """Return the model of `text` over the words of `shares`, word -> share of the language.

    Args:
        text: its words are all in `shares`.
        shares: sum to 1.
    """
    words, bigrams, trigrams = count(text)
    unigram = _unigram(words, shares)
    class_of = _classes(text, shares)
    class_share: dict[str, float] = defaultdict(float)
    for word, probability in unigram.items():
        class_share[class_of[word]] += probability
    estimated = Estimate(
        unigram=unigram,
        ngrams=(ngrams := {}),
        backoff=(backoff := {}),
        class_of=class_of,
        class_bigram=_class_bigram(text, class_of, class_share),
        class_share=class_share,
    )
    for history, following in (*bigrams.items(), *trigrams.items()):
        order = len(history)
        seen, left = _discounted(following, DISCOUNT[order], STRENGTH[order])
        backoff[history] = left
        ngrams[history] = {
            word: p + left * _shorter(estimated, word, history) for word, p in seen.items()
        }
    return estimated


def _shorter(estimated: Estimate, word: str, history: History) -> float:
    if len(history) > 1:
        return estimated.probability(word, history[1:])
    return estimated.by_class(word, history[0])


def _unigram(words: Counter[str], shares: Mapping[str, float]) -> dict[str, float]:
    known = (1 - END_SHARE) * (1 - UNKNOWN_SHARE)
    base = {word: known * share for word, share in shares.items()}
    base |= {END: END_SHARE, UNKNOWN: (1 - END_SHARE) * UNKNOWN_SHARE}
    seen, left = _discounted(words, DISCOUNT[0], STRENGTH[0])
    return {word: seen.get(word, 0.0) + left * share for word, share in base.items()}


def _discounted(
    following: Counter[str], discount: float, strength: float
) -> tuple[dict[str, float], float]:
    """Return the discounted share of each word after one history, and the share that is left."""
    total = following.total() + strength
    seen = {word: (times - discount) / total for word, times in following.items()}
    return seen, (strength + discount * len(following)) / total


def _classes(text: Text, shares: Mapping[str, float]) -> dict[str, str]:
    """Return the class of every word: the word itself, or "-" and its ending."""
    seen = Counter(word for sentence in text.sentences for word in sentence)
    common = sorted(shares, key=lambda word: -shares[word])[:OWN_CLASS]
    own = {START, END, UNKNOWN, *common} | {word for word, _ in seen.most_common(OWN_CLASS)}
    endings: Counter[str] = Counter()
    for word, times in seen.items():
        if word not in own:
            endings.update(dict.fromkeys(_endings(word), times))
    kept = {ending for ending, times in endings.items() if times >= ENDING_SEEN}
    of = {word: _longest(word, kept) for word in shares if word not in own}
    return of | {word: word for word in own}


def _endings(word: str) -> list[str]:
    return [f"-{word[-length:]}" for length in range(ENDING, 0, -1)]


def _longest(word: str, kept: Container[str]) -> str:
    return next((ending for ending in _endings(word) if ending in kept), "-")


def _class_bigram(
    text: Text, class_of: Mapping[str, str], class_share: Mapping[str, float]
) -> dict[tuple[str, str], float]:
    following: dict[str, Counter[str]] = {name: Counter() for name in class_of.values()}
    for sentence in text.sentences:
        for before, word in pairwise([START, *sentence, END]):
            following[class_of[before]][class_of[word]] += 1
    bigram = {}
    for before, after in following.items():
        seen, left = _discounted(after, CLASS_DISCOUNT, CLASS_STRENGTH)
        for name in following:
            bigram[before, name] = seen.get(name, 0.0) + left * class_share.get(name, 0.0)
    return bigram
