"""NIST's transcripts: words, alternatives, ids, and what is refused by line."""

from __future__ import annotations

import pytest

from harness.accuracy.trn import Choice, has_choice, parse, split_id
from harness.errors import ReferenceSetError


def test_alternatives_of_an_example_by_hand() -> None:
    items = parse("i've { um / uh huh / @ } seen {it/that} 1/2", "a.trn:1")
    assert items == (
        "i've",
        Choice((("um",), ("uh", "huh"), ("@",))),
        "seen",
        Choice((("it",), ("that",))),
        "1/2",
    )
    assert has_choice(items)
    assert not has_choice(parse("a (b) c", "a.trn:1"))


def test_alternatives_nest() -> None:
    inner = Choice((("b",), ("c",)))
    assert parse("{ a / { b / c } d }", "") == (Choice((("a",), (inner, "d"))),)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("pon la radio (f1-01)", ("pon la radio ", "f1-01"), id="text and id"),
        pytest.param("(f1-02)\r", ("", "f1-02"), id="nothing said"),
        pytest.param("(eh) sí (f1-03)", ("(eh) sí ", "f1-03"), id="the last parenthesis is the id"),
    ],
)
def test_the_last_parenthesis_is_the_id(line: str, expected: tuple[str, str]) -> None:
    assert split_id(line, "a.trn:1") == expected


@pytest.mark.parametrize("line", ["pon la radio", "pon (f1) la radio", "pon ()", "pon f1)", ""])
def test_a_line_without_an_id_is_named(line: str) -> None:
    with pytest.raises(ReferenceSetError, match=r"^a\.trn:7: expected `words \(id\)`"):
        split_id(line, "a.trn:7")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a { b / c", "not closed", id="open to the end"),
        pytest.param("a { b / ", "not closed", id="open after a stroke"),
        pytest.param("a } b", "without an opening one", id="closed but never opened"),
        pytest.param("a { b / }", "is empty", id="nothing after the stroke"),
        pytest.param("a { }", "is empty", id="nothing at all"),
        pytest.param("{ " * 30 + "a" + " }" * 30, "more than 20 deep", id="too deep"),
    ],
)
def test_broken_braces_are_named_by_line(text: str, message: str) -> None:
    with pytest.raises(ReferenceSetError, match=rf"^a\.trn:7: .*{message}"):
        parse(text, "a.trn:7")
