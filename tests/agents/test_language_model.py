"""The lexicon, the trigram probabilities, and the file that holds them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import BundleError, ModelFileNotFoundError
from agents.language_model import NATS_PER_LEVEL, LanguageModel
from models.reference.ngrams import (
    CLASS_DISCOUNT,
    CLASS_STRENGTH,
    DISCOUNT,
    END_SHARE,
    STRENGTH,
    UNKNOWN_SHARE,
    Text,
    estimate,
)
from models.reference.pack import pack
from models.reference.text import SYMBOLS
from tests.agents.language import SYMBOLS_AFTER_BLANK, shares, small_model, small_text

MODEL = small_model()
FILE = pack(estimate(small_text(), shares()))
ROUNDING = NATS_PER_LEVEL / 2


def test_one_sentence_by_hand() -> None:
    """Two words, each half of the language; "a b" was seen once."""
    text = Text(sentences=[["a", "b"]], fragments=[])
    model = LanguageModel(SYMBOLS_AFTER_BLANK, pack(estimate(text, {"a": 0.5, "b": 0.5})))
    # "a" followed one word, as did "b" and the end; what the discount left goes to the shares.
    (d1, d2, _), (s1, s2, _) = DISCOUNT, STRENGTH
    share = 0.5 * (1 - END_SHARE) * (1 - UNKNOWN_SHARE)
    unigram = (1 - d1) / (3 + s1) + (s1 + 3 * d1) / (3 + s1) * share
    # "a" is frequent, so it is a class of its own, which followed the start once.
    d, s = CLASS_DISCOUNT, CLASS_STRENGTH
    by_class = (1 - d) / (1 + s) + (s + d) / (1 + s) * unigram
    bigram = (1 - d2) / (1 + s2) + (s2 + d2) / (1 + s2) * by_class
    nats, _ = model.score(model.start, model.find("a"))
    assert nats == pytest.approx(math.log(bigram), abs=ROUNDING)


@pytest.mark.parametrize(
    "history", ["", "la", "la casa", "pon la", "zorro hola", "siete y", "xx la"]
)
def test_what_may_follow_sums_to_one(history: str) -> None:
    context = MODEL.start
    for word in history.split():
        _, context = MODEL.score(context, MODEL.find(word))
    following = [*range(MODEL.words), MODEL.end, MODEL.unknown]
    total = sum(math.exp(MODEL.score(context, word)[0]) for word in following)
    assert total == pytest.approx(1.0, abs=NATS_PER_LEVEL)  # what rounding to levels may do


def test_a_seen_trigram_is_likelier_than_an_unseen_one() -> None:
    seen = MODEL.log_probability(["la", "casa", "es", "grande"])
    assert seen > MODEL.log_probability(["la", "caza", "es", "grande"]) + 1


def test_a_fragment_makes_its_words_follow_each_other_and_begins_no_sentence() -> None:
    _, siete = MODEL.score(MODEL.start, MODEL.find("siete"))
    _, y = MODEL.score(siete, MODEL.find("y"))
    assert MODEL.score(y, MODEL.find("media"))[0] > MODEL.score(y, MODEL.find("radio"))[0] + 0.5
    begun = [MODEL.score(MODEL.start, MODEL.find(word))[0] for word in ("siete", "zorro")]
    assert begun[0] == pytest.approx(begun[1], abs=2 * ROUNDING)


def test_contexts_that_no_ngram_tells_apart_are_equal() -> None:
    ends = []
    for before in ("hola", "radio"):  # nothing is known after either of them and "zorro"
        _, context = MODEL.score(MODEL.start, MODEL.find(before))
        ends.append(MODEL.score(context, MODEL.find("zorro"))[1])
    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("casa", True),
        ("cas", False),  # a beginning is no word
        ("casas", False),  # nor is a word gone on
        ("", False),
        ("Casa", False),  # letters are those of the alphabet
        ("casa ", False),
        ("kilo", False),
    ],
)
def test_words_are_found_whole(word: str, known: bool) -> None:
    assert (MODEL.find(word) != MODEL.unknown) is known


def test_look_ahead_is_the_likeliest_word_that_the_letters_can_become() -> None:
    node = 0
    for letter in "ca":
        node = MODEL.step(node, SYMBOLS.index(letter))
    unigram = estimate(small_text(), shares()).unigram
    likeliest = math.log(max(unigram["casa"], unigram["caza"]))
    assert MODEL.ahead(node) == pytest.approx(likeliest, abs=ROUNDING)


@given(st.lists(st.text("abcñú", min_size=1, max_size=6), min_size=1, max_size=30, unique=True))
def test_any_lexicon_is_found_again_and_numbered_without_gaps(words: list[str]) -> None:
    text = Text(sentences=[words], fragments=[])
    share = dict.fromkeys(words, 1 / len(words))
    model = LanguageModel(SYMBOLS_AFTER_BLANK, pack(estimate(text, share)))
    assert sorted(map(model.find, words)) == list(range(len(words)))


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    model = LanguageModel.load(_written(tmp_path, FILE))
    assert model.alphabet == SYMBOLS_AFTER_BLANK
    sentence = ["pon", "la", "casa", "grande"]
    assert model.log_probability(sentence) == MODEL.log_probability(sentence)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": np.array(2)}, "expected format 1, got 2"),
        ({"trie": None}, "trie"),
        ({"trie": FILE["trie"][:-1]}, "arrays that fit each other"),
        ({"ahead": FILE["ahead"][1:]}, "ahead"),
        ({"in_class": FILE["in_class"].astype(np.float32)}, "in_class float32"),
        ({"bigrams": FILE["bigrams"] + 1}, "bigram_word"),
        ({"bigram_word": FILE["bigram_word"] + 1_000}, "a word outside the vocabulary"),
        ({"alphabet": np.array([{}], object)}, "pickle"),  # never unpickled: it could run code
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    tmp_path: Path, change: Mapping[str, Any], words: str
) -> None:
    changed = {name: array for name, array in {**FILE, **change}.items() if array is not None}
    with pytest.raises(BundleError, match=words):
        LanguageModel.load(_written(tmp_path, changed))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"no archive at all"])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "language_model.npz"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=str(path)):
        LanguageModel.load(path)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileNotFoundError, match=r"absent\.npz"):
        LanguageModel.load(tmp_path / "absent.npz")


def _written(folder: Path, file: Mapping[str, Any]) -> Path:
    path = folder / "language_model.npz"
    np.savez_compressed(path, **file)
    return path


def test_more_than_a_language_model_holds_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.language_model.MOST_BYTES", 100)
    with pytest.raises(BundleError, match="more than 100"):
        LanguageModel.load(_written(tmp_path, FILE))
