"""Prefix beam search over CTC probabilities, with a lexicon and a word trigram model.

The search is that of Hannun et al. 2014 (arXiv:1408.2873), in probabilities rather than their
logarithms, since sums then cost nothing; each frame is rescaled. Beside it:

* The language model weighs a word when its space comes, and until then the likeliest word that the
  letters can become stands in for it (look-ahead, Ortmanns et al. 1996), so that pruning is fair.
* Words outside the lexicon are spelled on, at a price per word and per letter.
* Of two texts that stand at the same letter of a word, after words that the model does not tell
  apart, only the likelier goes on: they cannot change places any more.

Everything is deterministic: of equals, the text that was met first stays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from agents.language_model import LanguageModel

BLANK, SPACE = 0, 1  # symbols; the letters follow
_OUTSIDE = -1  # node of a prefix that has left the lexicon
_FORGET = 4_096  # prefixes born before the first look at which of them can still matter
_SCORE = attrgetter("score")

Frame = tuple[float, list[tuple[int, float]]]  # P(blank), [(symbol, P), ...] worth a look


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the search weighs and prunes; the manifest's "decoder" overrides what it names."""

    beam: int = 32  # prefixes kept after a frame
    alpha: float = 0.6  # weight of the language model
    beta: float = 1.0  # bonus for each word, nats
    oov_penalty: float = -8.0  # for each word outside the lexicon, nats
    oov_letter: float = -1.0  # for each letter of such a word, nats
    symbol_threshold: float = -8.0  # log-probability below which a frame's symbol is not tried
    symbols: int = 6  # symbols tried in one frame, besides the blank
    beam_threshold: float = -15.0  # nats below the best prefix at which one is dropped


class _Prefix:
    """One text begun: its last symbol, where its last word stands, and its probability."""

    __slots__ = (
        *("parent", "symbol", "number", "context", "node", "letters", "worth", "weight", "twin"),
        *("blank", "other", "next_blank", "next_other", "score", "frame"),
    )

    blank: float  # probability of the paths that end in a blank ...
    other: float  # ... and of those that end in the last symbol
    next_blank: float  # the same in the coming frame ...
    next_other: float
    score: float  # ... and their sum
    twin: int  # equal for prefixes with equal futures

    def __init__(self, parent: _Prefix | None, symbol: int, number: int) -> None:
        self.parent = parent
        self.symbol = symbol
        self.number = number  # in order of birth
        self.context = 0  # of the language model, before the word begun
        self.node = 0  # of the lexicon; 0 between words
        self.letters = 0  # of the word begun
        self.worth = 1.0  # factor that stands in for the word begun
        self.weight = 1.0  # factor on what flows here from the parent
        self.frame = -1  # the frame that next_blank and next_other were last set for


class Search:
    """The beam of one call."""

    def __init__(self, model: LanguageModel, settings: Settings) -> None:
        self.model = model
        self.settings = settings
        self.floor = math.exp(settings.beam_threshold)
        self.born: dict[int, _Prefix] = {}  # parent's number and symbol -> prefix
        self.number = 0  # of the youngest
        self.most = _FORGET  # prefixes remembered before some are forgotten
        self.scale = 1.0  # makes the best prefix's probability 1
        outside = self.model.score(self.model.unknown, self.model.unknown)[0]
        self.unknown = math.exp(self.settings.alpha * outside + self.settings.beta)
        root = _Prefix(None, BLANK, 0)
        root.context, root.blank, root.other = self.model.start, 1.0, 0.0
        root.twin = 0
        self.beam = [root]

    def run(self, frames: Sequence[Frame]) -> list[int]:
        """Go through all frames and return the symbols of the likeliest text."""
        for number, (blank, candidates) in enumerate(frames):
            if candidates:
                self.beam = self._pruned(self._advance(number, blank, candidates))
                if len(self.born) > self.most:
                    self._forget()
            else:
                for prefix in self.beam:
                    prefix.blank += prefix.other
                    prefix.other = 0.0
        return self._best()

    def _advance(
        self, frame: int, blank: float, candidates: list[tuple[int, float]]
    ) -> list[_Prefix]:
        """Return every prefix after one more frame; the inner loop, hence one function."""
        coming: list[_Prefix] = []
        born, floor = self.born, self.floor
        blank *= self.scale
        candidates = [(symbol, probability * self.scale) for symbol, probability in candidates]
        for prefix in self.beam:
            ends_blank, ends_other = prefix.blank, prefix.other
            total = ends_blank + ends_other
            if prefix.frame != frame:
                prefix.frame = frame
                prefix.next_blank = prefix.next_other = 0.0
                coming.append(prefix)
            prefix.next_blank += total * blank
            last, number = prefix.symbol, prefix.number << 6
            for symbol, probability in candidates:
                flow = total * probability
                if symbol == last:
                    prefix.next_other += ends_other * probability
                    flow = ends_blank * probability
                if symbol == SPACE and not prefix.letters:  # a word cannot be empty
                    prefix.next_blank += flow
                    continue
                if flow <= floor:
                    continue
                child = born.get(number | symbol) or self._extend(prefix, symbol)
                flow *= child.weight
                if flow <= floor:
                    continue
                if child.frame != frame:
                    child.frame = frame
                    child.next_blank = child.next_other = 0.0
                    coming.append(child)
                child.next_other += flow
        return coming

    def _pruned(self, coming: list[_Prefix]) -> list[_Prefix]:
        """Return the best of `coming`, best first, no two of them with equal futures."""
        for prefix in coming:
            prefix.score = prefix.next_blank + prefix.next_other
        coming.sort(key=_SCORE, reverse=True)
        best = coming[0].score
        if best <= 0.0:  # no symbol is possible: go on as if the frame had not been
            return self.beam
        self.scale = 1.0 / best
        lowest, most = best * self.floor, self.settings.beam
        kept: dict[int, _Prefix] = {}
        for prefix in coming:
            if prefix.score < lowest or len(kept) == most:
                break
            if prefix.twin not in kept:
                kept[prefix.twin] = prefix
                prefix.blank, prefix.other = prefix.next_blank, prefix.next_other
        return list(kept.values())

    def _forget(self) -> None:
        """Keep only the beam's prefixes and what they grew from: any other would be born alike.

        Looked at again when they have doubled, the prefixes of long audio cost linear time.
        """
        needed: set[_Prefix | None] = {None}
        for prefix in self.beam:
            grown: _Prefix | None = prefix
            while grown not in needed:
                needed.add(grown)
                grown = grown.parent if grown else None
        self.born = {key: prefix for key, prefix in self.born.items() if prefix in needed}
        self.most = 2 * len(self.born) + _FORGET

    def _extend(self, parent: _Prefix, symbol: int) -> _Prefix:
        """Return the new prefix `parent` + `symbol`."""
        self.number += 1
        child = _Prefix(parent, symbol, self.number)
        self.born[parent.number << 6 | symbol] = child
        if symbol == SPACE:
            weight, child.context = self._word(parent)
            child.weight = weight / parent.worth
        else:
            child.context, child.letters = parent.context, parent.letters + 1
            node = 0 if parent.node == _OUTSIDE else self.model.step(parent.node, symbol)
            child.node = node or _OUTSIDE
            child.worth = self._worth(child)
            child.weight = child.worth / parent.worth
        child.twin = -child.number
        if child.node != _OUTSIDE:
            child.twin = (child.context << 32 | child.node) << 6 | symbol
        return child

    def _worth(self, prefix: _Prefix) -> float:
        """Return the factor that stands in for the word begun until it is complete."""
        if prefix.node == _OUTSIDE:
            return self.unknown * self._spelled(prefix)
        return math.exp(self.settings.alpha * self.model.ahead(prefix.node) + self.settings.beta)

    def _word(self, prefix: _Prefix) -> tuple[float, int]:
        """Return the factor of the word that ends with `prefix`, and the context after it."""
        word = -1 if prefix.node == _OUTSIDE else self.model.word_at(prefix.node)
        spelled = self._spelled(prefix) if word < 0 else 1.0
        nats, context = self.model.score(prefix.context, self.model.unknown if word < 0 else word)
        return spelled * math.exp(self.settings.alpha * nats + self.settings.beta), context

    def _spelled(self, prefix: _Prefix) -> float:
        settings = self.settings
        return math.exp(settings.oov_penalty + settings.oov_letter * prefix.letters)

    def _best(self) -> list[int]:
        """Return the symbols of the likeliest text, once every last word is complete."""
        totals: dict[_Prefix, float] = {}
        for prefix in self.beam:
            total, context, text = prefix.blank + prefix.other, prefix.context, prefix
            if prefix.letters:
                weight, context = self._word(prefix)
                total *= weight / prefix.worth
            elif prefix.parent is not None:  # "text " is "text"
                text = prefix.parent
            if text.parent is not None:
                total *= math.exp(
                    self.settings.alpha * self.model.score(context, self.model.end)[0]
                )
            totals[text] = totals.get(text, 0.0) + total
        return self._symbols(max(totals, key=totals.__getitem__))

    def _symbols(self, prefix: _Prefix | None) -> list[int]:
        symbols = []
        while prefix is not None and prefix.parent is not None:
            symbols.append(prefix.symbol)
            prefix = prefix.parent
        return symbols[::-1]
