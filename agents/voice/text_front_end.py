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
from agents.voice.numerals import spell_numbers
from agents.voice.written import spell_rest, spell_written

MAX_CHARACTERS = 20_000  # about 25 minutes of speech
WORD_LETTERS = 40  # a longer word is parted
CLAUSE_WORDS = 25  # a longer clause is parted by pauses: nobody has so much breath
SENTENCE_WORDS = 50  # a longer sentence is spoken as several

_KNOWN = frozenset("áéíóúüñçÁÉÍÓÚÜÑÇ¿¡ªº°²³€£¥‰×÷−½¼¾«»“”‘’–—…\u00a0\u202f")
_AS_LATIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d"}
    | {"Æ": "Ae", "Œ": "Oe", "Ø": "O", "Ł": "L", "Đ": "D"}
)
_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,500}>")
_SENTENCE = re.compile(r"[^.?!…\n]*(?:[.?!…]+|\n+|$)")
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
        got = f"{len(text)} characters" + (
            f" ({' '.join(notes.dropped[:8])})" if notes.dropped else ""
        )
        raise TextError(
            explain(
                "text of generate_audio",
                expected="at least one Spanish word or number",
                got=got,
                do="Give text with letters of the Latin alphabet or digits.",
            )
        )
    return found


def spoken_text(text: str) -> str:
    """Return the words that are said of a text, lower case, sentences joined by a space.

    Raises:
        TextError, TextTooLongError: see `sentences`.
    """
    return " ".join(word for one in sentences(text) for clause in one.clauses for word in clause)


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
    """Return the text in words and marks, lower case; note what has no sound."""
    text, notes.tags = _TAG.subn(" ", unicodedata.normalize("NFC", text))
    text = spell_rest(spell_numbers(spell_written(_plain(text, notes))))
    return re.sub(r"[ \t]+", " ", text)


def _plain(text: str, notes: Notes) -> str:
    """Return the text in the letters that the rules know; others lose their accents or go."""
    kept = []
    for letter in text.translate(_AS_LATIN):
        if (letter.isascii() and letter.isprintable()) or letter in _KNOWN:
            kept.append(letter)
        elif letter.isspace():
            kept.append("\n" if letter in "\n\r\v\f\x85\u2028\u2029" else " ")
        else:
            base = unicodedata.normalize("NFKD", letter)
            base = "".join(one for one in base if one.isascii() and one.isprintable())
            kept.append(base or " ")
            if not base and letter not in notes.dropped:
                notes.dropped.append(letter)
    return "".join(kept)


def _sentences(text: str) -> Iterator[Sentence]:
    for found in _SENTENCE.finditer(text):
        clauses = [part for split in _CLAUSE.split(found[0]) for part in _breaths(split)]
        end = "?" if "?" in found[0] else "!" if "!" in found[0] else "."
        said: list[list[str]] = []
        for clause in clauses:
            if said and sum(map(len, said)) + len(clause) > SENTENCE_WORDS:
                yield Sentence(clauses=said, end=".")
                said = []
            said.append(clause)
        if said:
            yield Sentence(clauses=said, end=end)


def _breaths(clause: str) -> Iterator[list[str]]:
    """Yield the words of a clause, so many at a time as one breath holds."""
    words = [
        word[at : at + WORD_LETTERS]
        for word in _WORD.findall(clause)
        for at in range(0, len(word), WORD_LETTERS)
    ]
    for at in range(0, len(words), CLAUSE_WORDS):
        yield words[at : at + CLAUSE_WORDS]
