"""The golden file of the view `numbers`: written~spoken, a class under each heading."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.accuracy.text import MARKS, View, normalise, words

GOLDEN = Path(__file__).with_name("golden_numbers.txt")
FEWEST = 120  # pairs
FILLERS = {"eh", "mm", "este", "pues"}


def pairs() -> Iterator[tuple[str, str, str]]:
    heading = ""
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.removeprefix("# ")
        elif line:
            written, spoken = line.split("~")
            yield heading, written, spoken


PAIRS = [pytest.param(written, spoken, id=written) for _, written, spoken in pairs()]


@pytest.mark.parametrize(("written", "spoken"), PAIRS)
def test_a_text_is_read_as_it_is_spoken(written: str, spoken: str) -> None:
    assert normalise(written) == spoken
    assert normalise(spoken) == spoken, "what is written in words stays"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_unicode_form_and_the_case_of_the_input_change_nothing(form: str) -> None:
    for _, written, spoken in pairs():
        assert normalise(unicodedata.normalize(form, written)) == spoken  # type: ignore[arg-type]
        assert normalise(unicodedata.normalize(form, written.upper())) == spoken  # type: ignore[arg-type]


def test_capitals_and_marks_are_all_that_the_other_views_add() -> None:
    for _, written, spoken in pairs():
        assert normalise(written, View.CASED).casefold() == spoken
        assert [w for w in words(written, View.PUNCTUATED) if w not in MARKS] == spoken.split()


def test_every_class_has_its_pairs_and_no_pair_stands_twice() -> None:
    found = list(pairs())
    classes = [heading for heading, _, _ in found]
    assert len(found) >= FEWEST
    assert min(classes.count(heading) for heading in set(classes)) >= 5
    assert len({written for _, written, _ in found}) == len(found)


@pytest.mark.parametrize("view", list(View))
def test_no_filler_is_deleted(view: View) -> None:
    said = words("Son, eh, 5 km, mm, este, pues, eh.", view)
    assert [word for word in said if word in FILLERS][-5:] == ["eh", "mm", "este", "pues", "eh"]
