"""The sentences that the reference model learns from and is tested on."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from models.reference.numbered import NUMBERED, before_noun, cardinal, is_held_out
from models.reference.text import SYMBOLS, Grammar, spoken


@pytest.mark.parametrize(
    ("written", "expected", "reason"),
    [
        ("¿Qué hora es?", "qué hora es", "punctuation is not spoken"),
        ("AÑO", "año", "ñ is a letter of its own"),
        ("an\u0303o", "año", "decomposed letters are composed first"),
        ("pingüino", "pingüino", "the diaeresis stays"),
        ("Café-bar", "café bar", "a hyphen parts words"),
        ("", "", "nothing stays nothing"),
    ],
)
def test_spoken_text_has_only_the_symbols_of_the_recogniser(
    written: str, expected: str, reason: str
) -> None:
    assert spoken(written) == expected, reason
    assert set(expected) <= set(SYMBOLS[1:])


@pytest.mark.parametrize(
    ("number", "masculine", "feminine"),
    [
        (1, "un", "una"),
        (21, "veintiún", "veintiuna"),
        (31, "treinta y un", "treinta y una"),
        (101, "ciento un", "ciento una"),
        (200, "doscientos", "doscientas"),
        (500, "quinientos", "quinientas"),
    ],
)
def test_numbers_agree_with_the_noun_behind_them(
    number: int, masculine: str, feminine: str
) -> None:
    assert before_noun(number) == masculine
    assert before_noun(number, feminine=True) == feminine


def test_every_slot_that_code_fills_gives_words_only() -> None:
    rng = random.Random(1)
    grammar = Grammar(templates=[], slots={}, held_out=False)
    for slot in NUMBERED:
        for _ in range(50):
            value = grammar.sentence(rng, f"x {{{slot}}}")
            assert not re.search(r"[0-9{}\[\]]", value), (slot, value)


def test_articles_contract_with_the_preposition_before_them() -> None:
    grammar = Grammar(templates=[], slots={"place": ["el parque"]}, held_out=False)
    assert grammar.sentence(random.Random(0), "[Ve] a {place}.") == "Ve al parque."
    assert grammar.sentence(random.Random(0), "¿lejos de {place}?") == "¿Lejos del parque?"


def test_a_template_with_an_unknown_slot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("Ve a {nowhere}.\n", "utf-8")
    (tmp_path / "s.yaml").write_text("place: [casa]\n", "utf-8")
    with pytest.raises(ValueError, match="nowhere"):
        Grammar.read(tmp_path / "t.txt", tmp_path / "s.yaml", held_out=False)


def test_numbers_above_thirty_never_cross_the_held_out_line() -> None:
    train = Grammar(templates=[], slots={}, held_out=False)
    test = Grammar(templates=[], slots={}, held_out=True)
    rng = random.Random(2)
    seen = {train.sentence(rng, "{year}") for _ in range(300)}
    held = {test.sentence(rng, "{year}") for _ in range(100)}
    assert not seen & held
    years = {cardinal(y) for y in range(1_492, 2_050) if is_held_out(y)}
    assert {spoken(h) for h in held} <= years
