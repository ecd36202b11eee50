"""Ordinals in Spanish words: `2.º` segundo, `1.ª` primera, `3er` tercer, `21.ª` vigesimoprimera.

11 and 12 are undécimo and duodécimo, 13 to 29 one word, from 30 on two; a thousand opens with
its own word: `2000.º` is dosmilésimo, `1248.º` milésimo ducentésimo cuadragésimo octavo.
Beyond 999 999 an ordinal is spoken as a cardinal.
"""

from __future__ import annotations

import re

from num2words import num2words

from harness.accuracy.cardinals import INTEGER, cardinal, small

LAST_ORDINAL = 999_999

# What is written in Latin America after the digits: 1ro, 2da, 4to, 7mo, 8va, 9no.
_LETTERS = "er|ᵉʳ|ro|ra|do|da|to|ta|mo|ma|vo|va|no|na"
_ORDINAL = re.compile(rf"(?<![\w.,])({INTEGER})\.?(º(?!\s?[cfk]\b)|ª|(?:{_LETTERS})\b)", re.I)

# num2words 0.5.14 writes 11 as "décimoprimero", parts 13 to 19 and 21 to 29 into two words, and
# misspells 40, 400, 700 and 800.
_REPAIRS = (
    ("décimoprimero", "undécimo"),
    ("décimosegundo", "duodécimo"),
    ("décimo octavo", "decimoctavo"),
    ("vigésimo octavo", "vigesimoctavo"),
    ("décimo (?=.)", "decimo"),
    ("vigésimo (?=.)", "vigesimo"),
    ("quadragésimo", "cuadragésimo"),
    ("cuadrigentésimo", "cuadringentésimo"),
    ("(sep|oc)tigentésimo", r"\1tingentésimo"),
)


def spell_ordinals(text: str) -> str:
    """Spell the numbers that bear an ordinal mark."""
    return _ORDINAL.sub(lambda found: f" {ordinal(found[1], found[2])} ", text)


def ordinal(digits: str, mark: str) -> str:
    """Spell digits as the mark after them says: º, ª, er, or the last letters of the word."""
    plain = re.sub("[^0-9]", "", digits)
    if len(plain) > len(str(LAST_ORDINAL)) or int(plain) == 0:
        return cardinal(digits)
    spelled = _masculine(int(plain))
    mark = mark.casefold()
    if mark in ("ª", "ra", "da", "ta", "ma", "va", "na"):
        return re.sub(r"o\b", "a", spelled)
    if mark in ("er", "ᵉʳ"):
        return re.sub(r"undécimo$", "decimoprimer", re.sub(r"(prim|terc)ero$", r"\1er", spelled))
    return spelled


def _masculine(number: int) -> str:
    thousands, rest = divmod(number, 1_000)
    parts = []
    if thousands:
        parts.append(("" if thousands == 1 else small(thousands * 1_000)[:-4]) + "milésimo")
    if rest:
        parts.append(_below_a_thousand(rest))
    return " ".join(parts).replace(" milésimo", "milésimo")


def _below_a_thousand(number: int) -> str:
    spelled = str(num2words(number, lang="es", to="ordinal"))
    for written, spoken in _REPAIRS:
        spelled = re.sub(written, spoken, spelled)
    return spelled
