"""What comes from elsewhere: JSON within limits, paths that stay inside, text fit for a terminal.

Models, manifests, reference sets, run files and transcripts are read as if an enemy had written
them. What is refused here is refused wherever such a file is read.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

DEEPEST = 64  # lists and objects inside each other; the harness' own files have 8
LONGEST_NUMBER = 40  # characters; a float64 has 24, an int64 has 20

# Control characters, which move a terminal's cursor or set its title, and the marks that turn the
# direction of writing. Tab and line feed stay.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def parse_json(text: str | bytes) -> Any:
    """Parse JSON of which nothing is taken for granted.

    Raises:
        ValueError: not JSON, not UTF-8, nested deeper than DEEPEST, a number that is not finite or
            of more than LONGEST_NUMBER characters, or half of a surrogate pair in a text.
    """
    words = text.decode("utf-8") if isinstance(text, bytes) else text
    try:
        value = json.loads(
            words, parse_float=_finite, parse_int=_whole, parse_constant=_not_a_number
        )
    except RecursionError:
        raise ValueError(f"nested deeper than {DEEPEST} levels") from None
    if words.count("[") + words.count("{") > DEEPEST:
        _check_depth(value)
    if "\\ud" in words.lower():
        _check_pairs(value)
    return value


def is_inside(location: str) -> bool:
    """Say whether a relative path stays in its folder: not absolute, no drive, no `..`, no NUL."""
    parts = PurePosixPath(location).parts + PureWindowsPath(location).parts
    anchored = PurePosixPath(location).is_absolute() or bool(PureWindowsPath(location).anchor)
    return bool(location) and not anchored and ".." not in parts and "\0" not in location


def read_text(file: Path, most: int, encoding: str = "utf-8") -> str:
    """Read a text file of at most `most` bytes; line ends of every kind become "\\n".

    Raises:
        OSError: it cannot be read.
        ValueError: it is larger, or not in this encoding.
    """
    with file.open("rb") as opened:
        data = opened.read(most + 1)
    if len(data) > most:
        raise ValueError(f"larger than {most} bytes, the most that is read")
    return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def printable(text: str) -> str:
    r"""Return `text` with its control characters written out: `printable("\x1b[2J")` is `\x1b[2J`
    in letters."""
    return _CONTROLS.sub(lambda hit: hit[0].encode("unicode_escape").decode("ascii"), text)


def _finite(text: str) -> float:
    if len(text) > LONGEST_NUMBER or not math.isfinite(value := float(text)):
        raise ValueError(f"expected a number that is finite and short, got {text[:LONGEST_NUMBER]}")
    return value


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"the number {text[:LONGEST_NUMBER]!r}... is too long")
    return int(text)


def _not_a_number(word: str) -> float:
    raise ValueError(f"expected a number that is finite, got {word}")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _children(one)]
        if not level:
            return
    raise ValueError(f"nested deeper than {DEEPEST} levels")


def _children(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value
    return [one for one in inside if isinstance(one, (list, dict))] if inside else []


def _check_pairs(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"half of a surrogate pair: {error.object[error.start]!a}") from None
