"""Spanish text to the sentences that are spoken, each in clauses of plain words.

    text -> checked and cleaned -> numbers and signs in words -> sentences -> clauses -> words
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agents.errors import TextError, TextTooLongError, explain

MAX_CHARACTERS = 20_000  # about 25 minutes of speech
CLAUSE_LETTERS = 120  # a clause longer than this is parted between words: nobody speaks so long
SENTENCE_LETTERS = 240  # a sentence longer than this is spoken as several

_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,500}>")
_SENTENCE = re.compile(r"[^.?!\n]*(?:[.?!]+[\s»\"')\]]*|\n+|$)")
_CLAUSE = re.compile(r"\s*[,;:()\[\]{}«»\"“”—–/|]+\s*|\s+-+\s+|\s*-{2,}\s*")
_WORD = re.compile("[a-zñçáéíóúü]+")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """What is spoken in one breath."""

    clauses: list[list[str]]  # words between pauses, at least one in each
    end: str  # ".", "?" or "!"


@dataclass(kw_only=True)
class Notes:
    """What of a text was not spoken as it stands."""

    dropped: list[str] = field(default_factory=list)  # characters that have no sound, once each
    tags: int = 0  # markup such as <break/>, which is left out and never obeyed


def sentences(text: str, notes: Notes | None = None) -> list[Sentence]:
    """Return the sentences of a text.

    Raises:
        TextError: not a str, or there is nothing in it that can be said.
        TextTooLongError: more than MAX_CHARACTERS.
    """
    notes = Notes() if notes is None else notes
    plain = _clean(_checked(text), notes)
    found = list(_sentences(plain))
    if not found:
        got = f"{len(text)} characters" + (f" ({' '.join(notes.dropped[:8])})" if notes.dropped else "")
        raise TextError(
            explain(
                "text of generate_audio",
                expected="at least one Spanish word or number",
                got=got,
                do="Give text with letters of the Latin alphabet or digits.",
            )
        )
    return found


def _checked(text: Any) -> str:
    if not isinstance(text, str):
        raise TextError(
            explain(
                "text of generate_audio", expected="str", got=type(text).__name__, do="Decode it."
            )
        )
    if len(text) > MAX_CHARACTERS:
        raise TextTooLongError(
            explain(
                "text of generate_audio",
                expected=f"at most {MAX_CHARACTERS} characters",
                got=str(len(text)),
                do="Cut it into several requests.",
            )
        )
    return text


def _clean(text: str, notes: Notes) -> str:
    text = unicodedata.normalize("NFC", text)
    text, notes.tags = _TAG.subn(" ", text)
    return text.lower()


def _sentences(text: str) -> Iterator[Sentence]:
    for found in _SENTENCE.finditer(text):
        clauses = [_WORD.findall(part) for part in _CLAUSE.split(found[0])]
        clauses = [words for words in clauses if words]
        if clauses:
            end = "?" if "?" in found[0] else "!" if "!" in found[0] else "."
            yield Sentence(clauses=clauses, end=end)
