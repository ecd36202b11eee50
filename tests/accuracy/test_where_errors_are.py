"""Confused words, marks, capitals and bands of length: examples by hand."""

from __future__ import annotations

import random

import pytest

from harness.accuracy.confusions import confusions, most
from harness.accuracy.marks import capitals, punctuation
from harness.accuracy.slices import band_order, length_band
from harness.accuracy.wer import (
    Counts,
    align,
    align_all,
    characters,
    characters_all,
    score_all,
)

SAID = ["Pon la radio.", "pon la tele", "", "apaga la luz"]
HEARD = ["pon una radio", "por la tele ya", "eh ya", "apaga luz"]


def test_words_are_counted_by_what_became_of_them() -> None:
    found = confusions(aligned.wrong for aligned in align_all(SAID, HEARD))
    assert found.pairs == {("la", "una"): 1, ("pon", "por"): 1}
    assert found.deleted == {"la": 1}
    assert found.inserted == {"ya": 2, "eh": 1}
    assert most(found.inserted, 1) == [("ya", 2)]
    assert most(found.pairs, 5) == [(("la", "una"), 1), (("pon", "por"), 1)]


def test_one_alignment_tells_both_the_counts_and_the_words() -> None:
    rng = random.Random(5)
    words = ["pon", "la", "radio", "año", "ano", "sí"]
    said = [" ".join(rng.choices(words, k=rng.randrange(9))) for _ in range(300)]
    heard = [" ".join(rng.choices(words, k=rng.randrange(9))) for _ in range(300)]
    found = align_all(said, heard)
    assert [aligned.counts for aligned in found] == score_all(said, heard)
    for aligned, one, other in zip(found, said, heard, strict=True):
        assert list(aligned.wrong) == [p for p in align(one, other) if p.kind != "equal"]
    assert characters_all(said, heard) == [
        characters(one, other) for one, other in zip(said, heard, strict=True)
    ]


def test_lists_of_unlike_length_are_refused() -> None:
    for counted in (align_all, characters_all):
        with pytest.raises(ValueError, match="2 references beside 1 hypotheses"):
            counted(["a", "b"], ["a"])


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        pytest.param("Hola, Ana.", "Hola, Ana.", Counts(hits=2), id="all right"),
        pytest.param("Hola, Ana.", "hola Ana?", Counts(deletions=1, substitutions=1), id="by hand"),
        pytest.param("Hola Ana", "Hola, Ana.", Counts(insertions=2), id="none written"),
        pytest.param("Ya.", "Va.", Counts(hits=1), id="a misheard word is no mark"),
        pytest.param("Ya, va", "Ya eh va", Counts(deletions=1), id="a word for a mark"),
        pytest.param("Ya eh va", "Ya, va", Counts(insertions=1), id="a mark for a word"),
    ],
)
def test_marks_are_counted_apart_from_words(said: str, heard: str, expected: Counts) -> None:
    assert punctuation(said, heard) == expected


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        pytest.param("Llama a Ana", "llama a ana", Counts(hits=1, substitutions=2), id="by hand"),
        pytest.param(
            "Llama a Ana", "Llama a Eva", Counts(hits=2), id="a misheard word is left out"
        ),
        pytest.param("La casa", "la", Counts(substitutions=1), id="so is a lost one"),
        pytest.param("", "Eh", Counts(), id="nothing said"),
    ],
)
def test_capitals_are_counted_where_the_word_is_right(
    said: str, heard: str, expected: Counts
) -> None:
    assert capitals(said, heard) == expected


def test_a_clip_is_in_one_band() -> None:
    bands = [length_band(seconds) for seconds in (0.0, 2.0, 2.01, 10.24, 10.25)]
    assert bands == ["to 2 s", "to 2 s", "2 to 5 s", "5 to 10.24 s", "over 10.24 s"]
    assert sorted(bands, key=band_order) == bands
