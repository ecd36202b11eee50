"""A language of a few words, and a noisy channel that says it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.language_model import LanguageModel
from models.reference.ngrams import Text, estimate
from models.reference.pack import pack
from models.reference.text import SYMBOLS

SENTENCES = (
    "la casa es grande",
    "la casa es blanca",
    "pon la radio",
    "pon la alarma a las siete",
    "la caza del zorro",
    "hola",
    "leer",
)
CONFUSED = {"s": "z", "z": "s", "b": "v", "v": "b", "a": "o", "o": "a", "e": "i", "i": "e"}


def small_model() -> LanguageModel:
    """Return the model of SENTENCES over their own words, all equally common at large."""
    return LanguageModel(SYMBOLS_AFTER_BLANK, pack(estimate(small_text(), shares())))


def small_text() -> Text:
    """Return SENTENCES, and the fragment "siete y media"."""
    return Text(sentences=[s.split() for s in SENTENCES], fragments=[["siete", "y", "media"]])


def shares() -> dict[str, float]:
    """Return every word of the language with an equal share."""
    text = small_text()
    words = sorted({word for words in (*text.sentences, *text.fragments) for word in words})
    return dict.fromkeys(words, 1 / len(words))


SYMBOLS_AFTER_BLANK = "".join(SYMBOLS[1:])


def say(text: str, *, seed: int = 0, doubt: float = 0.0) -> NDArray[np.float32]:
    """Return the log-probabilities float32 [T, 35] of peaks, one or two frames each, for `text`.

    Args:
        doubt: the largest share of a peak that goes to a symbol it is confused with.
    """
    rng, rows = np.random.default_rng(seed), [(0, 0, 0.0)] * 3
    for letter in text:
        other = SYMBOLS.index(CONFUSED.get(letter, "<blank>"))
        peak = (SYMBOLS.index(letter), other, doubt * rng.random())
        rows += [peak] * rng.integers(1, 3) + [(0, 0, 0.0)] * rng.integers(1, 3)
    probabilities = np.full((len(rows), len(SYMBOLS)), 1e-6)
    for row, (symbol, other, share) in zip(probabilities, rows, strict=True):
        row[symbol] += 1 - share
        row[other] += share
    normalised = probabilities / probabilities.sum(axis=1, keepdims=True)
    return np.asarray(np.log(normalised), np.float32)
