"""Reads the text of NIST's transcript files (TRN): words, and places where several are right.

    i've { um / uh / @ } as far as i'm concerned (cmh-sa01)

The braces hold alternatives, `/` parts them, `@` is no word at all; alternatives may nest. The
last parenthesis of a line is the utterance's id. Lines that open with `;;` are comments. The
grammar is that of SCTK's sclite (doc/infmts.htm), but an empty alternative, which sclite passes
over in silence, is an error here: whoever wrote it meant `@`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import ReferenceSetError

NOTHING = "@"  # the alternative that is no word
DEEPEST = 20  # braces within braces
COMMENT = ";;"


@dataclass(frozen=True)
class Choice:
    """A place where each of several texts is right."""

    alternatives: tuple[Items, ...]  # each at least one word or choice long


Items = tuple["str | Choice", ...]  # words as they were written, and choices between texts


def split_id(line: str, where: str) -> tuple[str, str]:
    """Return the text and the id of a line `some words (the-id)`.

    Raises:
        ReferenceSetError: the line does not end with an id.
    """
    text, opened, rest = line.rstrip().rpartition("(")
    if not opened or not rest.endswith(")") or not rest[:-1].strip():
        raise ReferenceSetError(
            f"{where}: expected `words (id)`, as NIST's TRN has it, got {line.strip()[:60]!r}."
        )
    return text, rest[:-1].strip()


def parse(text: str, where: str) -> Items:
    """Return the words and choices of a TRN text.

    A brace opens a choice where a word may begin; inside a word it is a letter like any other.

    Raises:
        ReferenceSetError: a brace is not closed, an alternative is empty, or they nest too deep.
    """
    items, place = _sequence(text, 0, 0, where)
    if place < len(text):
        raise ReferenceSetError(f"{where}: a closing brace without an opening one.")
    return items


def plain(text: str) -> Items:
    """Return the words of a text in which braces mean nothing."""
    return tuple(text.split())


def has_choice(items: Items) -> bool:
    """Return whether the text leaves a choice."""
    return any(isinstance(item, Choice) for item in items)


def _sequence(text: str, place: int, depth: int, where: str) -> tuple[Items, int]:
    """Read words and choices up to the end, or inside braces up to their `/` or `}`."""
    items: list[str | Choice] = []
    ends = "/}" if depth else "}"
    while place < len(text):
        letter = text[place]
        if letter.isspace():
            place += 1
        elif letter in ends:
            break
        elif letter == "{":
            choice, place = _choice(text, place + 1, depth + 1, where)
            items.append(choice)
        else:
            word = _word(text, place, inside=depth > 0)
            items.append(word)
            place += len(word)
    return tuple(items), place


def _choice(text: str, place: int, depth: int, where: str) -> tuple[Choice, int]:
    if depth > DEEPEST:
        raise ReferenceSetError(f"{where}: braces nest more than {DEEPEST} deep.")
    alternatives = []
    while True:
        items, place = _sequence(text, place, depth, where)
        if place == len(text):
            raise ReferenceSetError(
                f"{where}: a brace is not closed. Expected {{ one / other }} before the id."
            )
        if not items:
            raise ReferenceSetError(
                f"{where}: an alternative is empty. Write {NOTHING} where no word is right too."
            )
        alternatives.append(items)
        place += 1
        if text[place - 1] == "}":
            return Choice(tuple(alternatives)), place


def _word(text: str, place: int, *, inside: bool) -> str:
    stops = r"[^\s/}]+" if inside else r"\S+"
    found = re.compile(stops).match(text, place)
    return found[0] if found else text[place]
