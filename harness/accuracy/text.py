"""Views of a Spanish text: what counts as the same word when errors are counted.

Transcripts are stored as they were written. A view is applied when they are scored, to reference
and hypothesis alike, so that a new view applies to old runs too.

    strict    NFC, case folded, punctuation off, accents and ñ kept: `Él dijo: ¡sí!` is `él dijo sí`
    lenient   strict with accents folded, ñ kept, ü as u: `él dijo sí` is `el dijo si`
    numbers   strict with digits spelled out: `Son las 7:30.` is `son las siete y media`

No word is ever deleted. ñ is a letter of its own: año and ano differ in every view.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from harness.accuracy.numerals import spell_numbers

VERSION = "1"  # goes up whenever a view may give another text; every score carries it


class View(StrEnum):
    """A way of reading a text before its words are compared."""

    STRICT = "strict"
    LENIENT = "lenient"
    NUMBERS = "numbers"


GATED = View.NUMBERS  # budgets are about this one

_MARKS = r"[\u0300-\u036f]"  # accents that NFC could not join to their letter
_WORD = re.compile(rf"[^\W_]+(?:{_MARKS}+[^\W_]*)*")
_ACCENT = re.compile(rf"(n\u0303)|{_MARKS}")
# Soft hyphen, zero-width joiners and direction marks: they do not part a word.
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def normalise(text: str, view: View = GATED) -> str:
    """Return `text` as `view` reads it: words parted by one space, without case or punctuation."""
    folded = _nfc(_nfc(_INVISIBLE.sub("", text)).casefold())
    match view:
        case View.STRICT:
            return _bare(folded)
        case View.LENIENT:
            return _bare(_fold_accents(folded))
        case View.NUMBERS:
            return _bare(spell_numbers(folded))


def words(text: str, view: View = GATED) -> list[str]:
    """Return the words of `text` in a view; none for a text without letters or digits."""
    return normalise(text, view).split()


def signature(view: View = GATED) -> str:
    """Name the view and its version, to stand beside a score: `text numbers/1`."""
    return f"text {view.value}/{VERSION}"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _bare(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _fold_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return _nfc(_ACCENT.sub(lambda found: found[1] or "", apart))
