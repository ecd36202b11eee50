"""The sentences that a system is asked to say, and recordings of them where there are any.

A file of sentences is UTF-8 text, one a line; empty lines and those that begin with # are left
out. A folder is a reference set (`harness.accuracy.sets`): its texts, and its audio as recordings.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.accuracy.sets import read_set
from harness.accuracy.text import words
from harness.errors import ReferenceSetError


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence to be said."""

    id: str  # of the line, "line 12", or of the clip
    text: str
    recording: Path | None = None  # somebody saying it; None: there is none


def read_sentences(path: Path) -> tuple[Sentence, ...]:
    """Read the sentences of a file or of a reference set.

    Raises:
        ReferenceSetError: it is absent, not UTF-8, empty, or holds a line without a word, or the
            same text twice; names the line.
    """
    if path.is_dir():
        clips = read_set(path)
        return tuple(Sentence(id=c.id, text=c.text, recording=Path(c.audio)) for c in clips)
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise ReferenceSetError(f"{path}: cannot be read: {error.strerror}. Give a file.") from None
    except UnicodeDecodeError as error:
        raise ReferenceSetError(f"{path}: expected UTF-8 text, got {error}. Save it so.") from None
    found = [
        (number, line.strip())
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not found:
        raise ReferenceSetError(f"{path}: holds no sentence. Write one a line.")
    _checked(path, found)
    return tuple(Sentence(id=f"line-{number:03}", text=text) for number, text in found)


def _checked(path: Path, found: list[tuple[int, str]]) -> None:
    first: dict[str, int] = {}
    for number, text in found:
        if not words(text):
            raise ReferenceSetError(f"{path}:{number}: {text!r} has no word in it. Remove it.")
        if text in first:
            where = f"stands on line {first[text]} too"
            raise ReferenceSetError(f"{path}:{number}: {text!r} {where}. Remove one of them.")
        first[text] = number
