"""What is a catastrophe, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.catastrophes import Catastrophe, catastrophes

EMPTY, LOOP, LENGTH, SILENCE = Catastrophe


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        pytest.param("pon la radio", "", (EMPTY,), id="nothing heard"),
        pytest.param("pon la radio", " ... ", (EMPTY,), id="marks are no words"),
        pytest.param("", "", (), id="silence heard as silence"),
        pytest.param("¿?", "", (), id="a reference of marks is silence"),
        pytest.param("", "gracias por ver", (SILENCE,), id="words in silence"),
        pytest.param("", "la " * 9, (SILENCE, LOOP), id="a loop in silence"),
        pytest.param("no no no", "no no no", (), id="said three times"),
        pytest.param("no " * 9, "no " * 9, (), id="said nine times"),
        pytest.param("no " * 9, "non " * 9, (), id="said nine times, misheard each time"),
        pytest.param("no no no", "no no no no", (), id="one more than said"),
        pytest.param("no", "no no no no no", (), id="five in a row"),
        pytest.param("no", "no no no no no no", (LOOP, LENGTH), id="six in a row"),
        pytest.param("pon la radio ya", "pon la " * 3, (), id="two words, three times"),
        pytest.param("pon la radio ya", "pon la " * 4, (LOOP,), id="two words, four times"),
        pytest.param("pon la radio de la cocina", "pon la radio de " * 3, (LOOP,), id="four words"),
        pytest.param("pon la radio", "pon la radio de la cocina y ya", (LENGTH,), id="8 for 3"),
        pytest.param("pon la radio", "pon la radio de la cocina ya", (), id="7 for 3, 4 apart"),
        pytest.param("a b c d e", "a b c d e f g h i j", (), id="exactly twice as many"),
        pytest.param("a b c d e f g h i", "a b c d", (LENGTH,), id="4 for 9"),
        pytest.param("sí", "que sí que", (), id="three words for one"),
        pytest.param("7:30", "siete y media", (), id="digits are as long as they are read"),
    ],
)
def test_each_kind(said: str, heard: str, expected: tuple[Catastrophe, ...]) -> None:
    assert catastrophes(said, heard) == expected


@given(text=st.text(max_size=60))
def test_what_was_heard_as_said_is_never_a_catastrophe(text: str) -> None:
    assert catastrophes(text, text) == ()
