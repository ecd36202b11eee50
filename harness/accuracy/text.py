"""Views of a Spanish text: what counts as the same word when errors are counted.

Transcripts are stored as they were written. A view is applied when they are scored, to reference
and hypothesis alike, so that a new view applies to old runs too.

    strict      NFC, case folded, punctuation off, accents and ñ kept: `Él dijo: ¡sí!` is
                `él dijo sí`
    lenient     strict with accents folded, ñ kept, ü as u: `él dijo sí` is `el dijo si`
    numbers     strict with digits spelled out: `Son las 7:30.` is `son las siete y media`
    cased       numbers with capitals as they were written: `Son las siete y media`
    punctuated  numbers with each mark of `MARKS` as a word: `son las siete y media .`

No word is ever deleted. ñ is a letter of its own: año and ano differ in every view. What `cased`
and `punctuated` add to the errors of `numbers` is what capitals and punctuation cost alone.
Quotation marks, brackets and dashes are left off in every view: recognisers do not write them.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from harness.accuracy.numerals import spell_numbers

VERSION = "3"  # goes up whenever a view may give another text; every score carries it


class View(StrEnum):
    """A way of reading a text before its words are compared."""

    STRICT = "strict"
    LENIENT = "lenient"
    NUMBERS = "numbers"
    CASED = "cased"
    PUNCTUATED = "punctuated"


GATED = View.NUMBERS  # budgets are about this one
MARKS = ".,;:?!¿¡…"  # what `punctuated` keeps; two points or more in a row are one …

_ACCENTS = r"[\u0300-\u036f]"  # those that NFC could not join to their letter
_WORD = re.compile(rf"[^\W_]+(?:{_ACCENTS}+[^\W_]*)*")
_WORD_OR_MARK = re.compile(rf"{_WORD.pattern}|[{MARKS}]")
_POINTS = re.compile(r"\.{2,}")
_ACCENT = re.compile(rf"(n\u0303)|{_ACCENTS}")
# Soft hyphen, zero-width joiners and direction marks: they do not part a word.
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def normalise(text: str, view: View = GATED) -> str:
    """Return `text` as `view` reads it: its words, parted by one space."""
    return " ".join(words(text, view))


def words(text: str, view: View = GATED) -> list[str]:
    """Return the words of `text` in a view; none for a text without letters or digits."""
    composed = _nfc(_INVISIBLE.sub("", text))
    if view is View.CASED:
        return _WORD.findall(spell_numbers(composed))
    folded = _nfc(composed.casefold())
    match view:
        case View.STRICT:
            return _WORD.findall(folded)
        case View.LENIENT:
            return _WORD.findall(_fold_accents(folded))
        case View.NUMBERS:
            return _WORD.findall(spell_numbers(folded))
        case View.PUNCTUATED:
            return _WORD_OR_MARK.findall(_POINTS.sub("…", spell_numbers(folded)))


def signature(view: View = GATED) -> str:
    """Name the view and its version, to stand beside a score: `text numbers/2`."""
    return f"text {view.value}/{VERSION}"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _fold_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return _nfc(_ACCENT.sub(lambda found: found[1] or "", apart))
