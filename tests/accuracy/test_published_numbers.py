"""Written~spoken pairs of NeMo-text-processing, read from beside the repository where they are.

Sources disagree on how a number is spoken. A pair that a view reads otherwise stands below by its
line, with the reason; any other is a failure, and so is a deviation that no longer is one. Most of
them are other forms of the same (`harness.accuracy.spoken`), which are no errors when scored.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.accuracy.text import words
from harness.accuracy.wer import score

CASES = Path(__file__).parents[2].parent / "shared" / "scoring" / "es_numbers"

MOVED = "a month before its day: words are not moved"
SHORT = "an abbreviation or a Roman numeral beside a word: too often a word or a letter itself"
RARE = "a code or letter of a currency that is a word or a letter elsewhere, or is not in use"
POINT = "a point alone parts a version or decimals, not minutes: `a las 12.15` is a time"
ZONE = "letters of a time zone are one word as they are written, and no sign is spoken"
GENDER = "el córdoba is masculine"

# By file: lines, and lines that are read otherwise here. Reproduced is the rest.
DEVIATIONS: dict[str, tuple[int, dict[int, str]]] = {
    "cardinal.txt": (69, {}),
    "date.txt": (
        21,
        dict.fromkeys((4, 7, 21), MOVED) | dict.fromkeys((14, 16, 17, 20), SHORT),
    ),
    "decimal.txt": (24, {}),
    "measure.txt": (
        32,
        {
            23: "a quotient without its unit",
            31: "letters are one word as they are written",
            32: "signs of arithmetic are punctuation",
        },
    ),
    "money.txt": (
        69,
        dict.fromkeys((28, 32, 35, 39, 60, 61, 65, 69), RARE) | dict.fromkeys((16, 17), GENDER),
    ),
    "ordinal.txt": (
        120,
        {109: "° is a degree, º an ordinal"} | dict.fromkeys((115, 117, 120), SHORT),
    ),
    "time.txt": (
        35,
        dict.fromkeys((1, 18, 21, 22), POINT)
        | dict.fromkeys((13, 14, 15, 16, 24, 28, 29, 30, 31, 32, 33), ZONE)
        | {
            27: "a duration is hours and minutes, not a time of day",
            34: "no time of day is written so in Spanish",
            35: "`y` is not added between the parts of a duration",
        },
    ),
}

# By file: lines that are errors even so.
ERRORS: dict[str, dict[int, str]] = {
    "money.txt": dict.fromkeys((16, 17), GENDER),
    "time.txt": {28: "the name of a time zone for its letters", 32: "`10 h` are ten hours"},
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_published_pairs_are_read_as_published_but_for_the_named_ones(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    of, deviations = DEVIATIONS[name]
    pairs = pairs_of(name)
    other = {
        n: (written, " ".join(words(written)))
        for n, (written, *spoken) in pairs.items()
        if words(written) not in [words(form) for form in spoken]
    }
    record_property("reproduced", f"{len(pairs) - len(other)} of {len(pairs)}")
    assert len(pairs) == of
    assert other.keys() == deviations.keys(), other


@pytest.mark.parametrize("name", DEVIATIONS)
def test_published_pairs_score_without_an_error_but_for_the_named_ones(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    pairs = pairs_of(name)
    wrong = {
        n: written
        for n, (written, *spoken) in pairs.items()
        if all(score(written, form).errors and score(form, written).errors for form in spoken)
    }
    record_property("without an error", f"{len(pairs) - len(wrong)} of {len(pairs)}")
    assert wrong.keys() == ERRORS.get(name, {}).keys(), wrong


def pairs_of(name: str) -> dict[int, list[str]]:
    """Return the pairs of a file by their lines: written, then one spoken form or more."""
    if not (CASES / name).is_file():
        pytest.skip(f"{CASES / name} is absent: the published pairs were not read")
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    return {n: line.split("~") for n, line in enumerate(lines, start=1) if line}
