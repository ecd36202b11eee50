"""How many syllables a Spanish text has, and how long it may take to say it.

Nuclei are counted by the orthography of the Real Academia (2010, chapter II): two strong vowels
(a, e, o), or a weak one (i, u) with an accent beside a strong one, are two syllables; other
neighbours are one. `y` is a vowel at the end of a word and alone.
"""

from __future__ import annotations

import re
from itertools import pairwise

from harness.accuracy.text import words

# Spanish is read at 7.8 syllables a second (Pellegrino, Coupé & Marsico, Language 87, 2011): half
# of it is slow, for pauses within a sentence count too; one and a half times is hardly spoken.
FASTEST, SLOWEST = 1 / 11.7, 1 / 3.0  # seconds per syllable

_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_SILENT_U = re.compile(r"(?<=[gq])u(?=[eiéí])")
_STRONG, _MARKED = "aeoáéó", "íú"


def syllables(text: str) -> int:
    """Count the syllables of `text`, numbers spelled out: `syllables("Son 2 días")` is 4."""
    return sum(map(_of_word, words(text)))


def _of_word(word: str) -> int:
    spelled = re.sub(r"y$", "i", _SILENT_U.sub("", word))
    nuclei = sum(1 + sum(map(_parted, pairwise(run))) for run in _VOWELS.findall(spelled))
    return max(nuclei, 1)


def _parted(pair: tuple[str, str]) -> bool:
    """Whether two vowels in a row belong to two syllables."""
    strong = sum(vowel in _STRONG for vowel in pair)
    marked = sum(vowel in _MARKED for vowel in pair)
    return strong == 2 or (strong == marked == 1)
