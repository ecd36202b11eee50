"""How a Spanish spelling is read: its stress, its sound, whether its accent follows the rules."""

from __future__ import annotations

import re

ACCENTED = str.maketrans("aeiou", "áéíóú")
UNACCENTED = str.maketrans("áéíóúü", "aeiouu")

_BARE = str.maketrans("áéíóú", "aeiou")
_ACCENT = re.compile("[áéíóú]")
# One nucleus: í or ú beside a strong vowel, a strong vowel with weak ones, or weak ones alone.
_NUCLEUS = re.compile(
    "(?<=[aeoáéó])[íú]|[íú](?=[aeoáéó])|[iuü]*[aeoáéó](?:[iu](?![aeoáéó]))?|[iuüíú]+"
)
_MUTE = re.compile("(?<=[gq])u(?=[eiéí])|(?<!c)h")  # the u of que, qui, gue, gui; the h of búho
_OPEN_END = re.compile("[aeiou][ns]?$")  # not "tríceps": s after a consonant
_QUESTION = re.compile("a?dónde|cómo|cuándo|cuánt[oa]s?|cuál(?:es)?|quién(?:es)?|qué")
TOLD_APART = {"él", "mí", "tú", "sí", "sé", "té", "dé", "más"}  # by the accent, from el, mi, ...
_SOUNDS = (  # as read in Latin America, where s, c and z fall together
    ("gü", "G"),
    ("qu(?=[ei])", "k"),
    ("gu(?=[ei])", "G"),
    ("g(?=[ei])", "j"),
    ("c(?=[ei])", "s"),
    ("ch", "C"),
    ("h", ""),
    ("[cq]", "k"),
    ("z", "s"),
    ("v", "b"),
    ("ll", "y"),
    ("ü", "u"),
)


def stress(word: str) -> tuple[int, int]:
    """Return (which syllable is stressed, from 0, by accent or rule; how many there are)."""
    read = _MUTE.sub("", word)
    spans = [found.span() for found in _NUCLEUS.finditer(read)]
    if accent := _ACCENT.search(read):
        at = accent.start()
        return sum(stop <= at for _, stop in spans), len(spans)
    last_but_one = len(spans) > 1 and _OPEN_END.search(read)
    return len(spans) - (2 if last_but_one else 1), len(spans)


def sound(word: str) -> str:
    """Return a spelling that is equal for words that are read the same."""
    read = word.translate(_BARE)
    for pattern, letter in _SOUNDS:
        read = re.sub(pattern, letter, read)
    return f"{read}{stress(word)[0]}"


def is_well_accented(word: str) -> bool:
    """Say whether the written accents of `word` are those that the rules ask for.

    An accent that ought to be there cannot be missed without knowing how the word is said.
    """
    accents = list(_ACCENT.finditer(word))
    if not accents or word in TOLD_APART or _QUESTION.fullmatch(word):
        return True
    if len(accents) > 1:
        return False
    plain = word.translate(_BARE)
    hiatus = stress(plain)[1] < stress(word)[1]  # í or ú parts two vowels: "oír", "día", "aún"
    return hiatus or stress(plain) != stress(word)
