"""Error counts: one example by hand, the edges, and what must hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.text import View
from harness.accuracy.wer import Counts, align, characters, score, total

WORDS = st.lists(st.sampled_from(["pon", "la", "radio", "año", "ano", "sí"]), max_size=8)


def test_counts_of_an_example_by_hand() -> None:
    # reference:  pon la  radio de la cocina
    # hypothesis: pon una radio -- la cocina ya
    counts = score("Pon la radio de la cocina.", "pon una radio la cocina ya")
    assert counts == Counts(hits=4, substitutions=1, deletions=1, insertions=1)
    assert (counts.length, counts.errors, counts.rate) == (6, 3, 0.5)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected", "rate"),
    [
        pytest.param("", "", Counts(), None, id="nothing said, nothing heard"),
        pytest.param("", "a b", Counts(insertions=2), None, id="nothing said: no rate"),
        pytest.param("¿?", "a", Counts(insertions=1), None, id="punctuation alone says nothing"),
        pytest.param("a b", "", Counts(deletions=2), 1.0, id="nothing heard"),
        pytest.param("a", "b c d", Counts(substitutions=1, insertions=2), 3.0, id="above one"),
        pytest.param("Sí.", "sí", Counts(hits=1), 0.0, id="case and punctuation do not count"),
        pytest.param("sí", "si", Counts(substitutions=1), 1.0, id="accents count"),
        pytest.param("año", "ano", Counts(substitutions=1), 1.0, id="ñ counts"),
        pytest.param("7:30", "siete y media", Counts(hits=3), 0.0, id="digits are spelled out"),
    ],
)
def test_edges_of_the_gated_view(
    reference: str, hypothesis: str, expected: Counts, rate: float | None
) -> None:
    counts = score(reference, hypothesis)
    assert counts == expected
    assert counts.rate == rate


def test_a_view_decides_what_counts() -> None:
    assert score("sí", "si", View.LENIENT).errors == 0
    assert score("año", "ano", View.LENIENT).errors == 1
    assert score("7:30", "siete y media", View.STRICT).errors == 3


def test_a_corpus_is_the_rate_of_the_sum_not_the_mean_of_the_rates() -> None:
    long = Counts(hits=9, substitutions=1)
    short = Counts(deletions=1)
    assert total([long, short]).rate == pytest.approx(2 / 11)
    assert total([]).rate is None


def test_characters_are_counted_with_the_space_between_words() -> None:
    assert characters("la radio", "laradio") == Counts(hits=7, deletions=1)
    assert characters("sí", "si") == Counts(hits=1, substitutions=1)
    assert characters("", "ay").rate is None


def test_an_alignment_pairs_word_with_word() -> None:
    assert align("pon la radio", "pon una radio ya") == [
        ("equal", "pon", "pon"),
        ("substitute", "la", "una"),
        ("equal", "radio", "radio"),
        ("insert", "", "ya"),
    ]
    assert align("la radio", "") == [("delete", "la", ""), ("delete", "radio", "")]
    assert align("", "") == []


@given(reference=WORDS, hypothesis=WORDS)
def test_counts_and_alignment_tell_one_story(reference: list[str], hypothesis: list[str]) -> None:
    counts = score(" ".join(reference), " ".join(hypothesis))
    pairs = align(" ".join(reference), " ".join(hypothesis))
    kinds = [pair.kind for pair in pairs]
    assert kinds.count("equal") == counts.hits
    assert kinds.count("substitute") == counts.substitutions
    assert kinds.count("delete") == counts.deletions
    assert kinds.count("insert") == counts.insertions
    assert [pair.reference for pair in pairs if pair.reference] == reference
    assert [pair.hypothesis for pair in pairs if pair.hypothesis] == hypothesis
    assert counts.length == len(reference)


@given(reference=WORDS, hypothesis=WORDS)
def test_errors_are_the_edit_distance(reference: list[str], hypothesis: list[str]) -> None:
    counts = score(" ".join(reference), " ".join(hypothesis))
    assert counts.errors == _edit_distance(reference, hypothesis)


def _edit_distance(left: list[str], right: list[str]) -> int:
    row = list(range(len(right) + 1))
    for i, word in enumerate(left, start=1):
        previous, row = row, [i]
        for j, other in enumerate(right, start=1):
            row.append(min(row[-1] + 1, previous[j] + 1, previous[j - 1] + (word != other)))
    return row[-1]
