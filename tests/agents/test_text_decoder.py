"""From log-probabilities to text."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents import prefix_search
from agents.errors import InputShapeError, ManifestError, OnnxRuntimeError
from agents.language_model import LanguageModel
from agents.prefix_search import Settings
from agents.text_decoder import TextDecoder, read_settings
from models.reference.ngrams import Text, estimate
from models.reference.pack import pack
from models.reference.text import SYMBOLS
from tests.agents.language import (
    SENTENCES,
    SYMBOLS_AFTER_BLANK,
    say,
    shares,
    small_model,
    small_text,
)

DECODER = TextDecoder(SYMBOLS, small_model(), Settings())


def test_a_peak_between_two_letters_becomes_the_one_that_makes_a_word() -> None:
    heard = say("hola")
    at = heard.argmax(axis=1).tolist().index(SYMBOLS.index("o"))
    heard[at] = np.log(1e-6)
    heard[at, [SYMBOLS.index("u"), SYMBOLS.index("o")]] = np.log([0.6, 0.4])
    assert DECODER.greedy(heard).startswith("hu")
    assert DECODER.decode(heard) == "hola"


def test_homophones_are_told_apart_by_the_words_around_them() -> None:
    heard = np.logaddexp(say("la casa es grande"), say("la caza es grande")) - np.log(2)
    assert DECODER.decode(heard) == "la casa es grande"
    heard = np.logaddexp(say("la casa del zorro"), say("la caza del zorro")) - np.log(2)
    assert DECODER.decode(heard) == "la caza del zorro"


def test_a_name_outside_the_lexicon_is_spelled_as_heard() -> None:
    assert DECODER.decode(say("pon la radio xóchitl")) == "pon la radio xóchitl"


def test_the_end_of_the_utterance_weighs_too() -> None:
    """The beginning of a word is not one: "casa" against "cas" with a faint last letter."""
    heard = say("la casa")
    last = heard[:, SYMBOLS.index("a")].argsort()[-1]
    assert heard[last].argmax() == SYMBOLS.index("a")
    peaks = np.flatnonzero(heard.argmax(axis=1) == SYMBOLS.index("a"))
    final = peaks[peaks > np.flatnonzero(heard.argmax(axis=1) == SYMBOLS.index("s"))[-1]]
    heard[final] = np.log(1e-6)
    heard[np.ix_(final, [0, SYMBOLS.index("a")])] = np.log([0.9, 0.1])
    assert DECODER.greedy(heard) == "la cas"
    assert DECODER.decode(heard) == "la casa"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing was said"),
        (" ", "a space alone is no word"),
        ("  hola  ", "spaces around and between words count once"),
        ("hola  hola", "a blank between two spaces does not make an empty word"),
        ("y", "a word of one letter"),
        ("leer", "a double letter is a letter, a blank and the letter again"),
    ],
)
def test_edges(text: str, why: str) -> None:
    heard = say(text)
    assert DECODER.greedy(heard) == DECODER.decode(heard) == " ".join(text.split()), why


def test_digital_silence_is_no_text() -> None:
    silence = np.full((512, 35), -40, np.float32)
    silence[:, 0] = 0
    assert DECODER.decode(silence) == DECODER.greedy(silence) == ""


def test_no_frames_are_no_text() -> None:
    nothing = np.zeros((0, 35), np.float32)
    assert DECODER.decode(nothing) == DECODER.greedy(nothing) == ""


@pytest.mark.parametrize("level", [-np.inf, -200.0])
def test_a_frame_in_which_nothing_is_possible_is_passed_over(level: float) -> None:
    heard = say("hola")
    heard[1] = level
    assert DECODER.decode(heard) == "hola"


def test_a_uniform_picture_ends_and_is_reproducible() -> None:
    flat = np.full((512, 35), -math.log(35), np.float32)
    assert DECODER.decode(flat) == DECODER.decode(flat)


@pytest.mark.parametrize("shape", [(512,), (512, 34), (1, 512, 35)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputShapeError, match=r"expected \[frames, 35\]"):
        DECODER.decode(np.zeros(shape, np.float32))


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(OnnxRuntimeError, match="NaN"):
        DECODER.decode(np.full((4, 35), np.nan, np.float32))


@given(
    text=st.sampled_from(SENTENCES), seed=st.integers(0, 10_000), doubt=st.sampled_from([0.0, 0.45])
)
@settings(deadline=None, max_examples=60)
def test_what_is_heard_more_than_half_is_understood(text: str, seed: int, doubt: float) -> None:
    heard = say(text, seed=seed, doubt=doubt)
    assert DECODER.decode(heard) == text
    assert DECODER.greedy(heard) == text


def test_what_the_search_forgets_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a prefix's probability, in speech under noise: some prefixes come back."""
    for seed in range(10):
        clear = say(" ".join(SENTENCES[:6]), seed=seed, doubt=0.45)
        noise = np.random.default_rng(seed).dirichlet(np.full(35, 0.1), len(clear)) + 1e-9
        heard = np.logaddexp(clear, np.log(0.3 * noise)) - np.log(1.3)
        frames = DECODER._frames(heard.astype(np.float32))
        found, kept = [], []
        for most in (10**9, 1):
            monkeypatch.setattr(prefix_search, "_FORGET", most)
            search = prefix_search.Search(DECODER.model, replace(DECODER.settings, beam=16))
            text = search.run(frames)
            found.append((text, [(prefix.blank, prefix.other) for prefix in search.beam]))
            kept.append(len(search.born))
        assert found[0] == found[1]
        assert kept[0] > 2 * kept[1]


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=40)
def test_a_wide_beam_finds_the_best_of_all_texts(seed: int) -> None:
    """Against all paths through five frames of four symbols, summed by the text they spell."""
    decoder = TextDecoder(SYMBOLS, _tiny(), _UNPRUNED)
    heard = np.full((5, 35), -np.inf)
    heard[:, :4] = np.log(np.random.default_rng(seed).dirichlet(np.ones(4), 5))
    best, second = sorted(_every_text(decoder, heard).items(), key=lambda pair: -pair[1])[:2]
    found = decoder.decode(heard.astype(np.float32))
    assert found == best[0] or math.isclose(best[1], second[1], rel_tol=1e-4)


def test_the_manifest_sets_what_it_names() -> None:
    assert read_settings({"beam": 8, "alpha": 1}) == replace(Settings(), beam=8, alpha=1)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"alhpa": 0.5}, "Did you mean alpha?"),
        ({"beam": 0}, "a whole number 1 to 1000, got 0"),
        ({"beam": 2.5}, "a whole number"),
        ({"alpha": "much"}, "a number 0.0 to 10.0, got 'much'"),
        ({"beta": math.nan}, "a number"),
        ({"oov_penalty": 4.0}, "-100.0 to 0.0"),  # a penalty is negative
        ({"symbols": True}, "a whole number"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(stated: dict[str, Any], words: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read_settings(stated)
    assert words in str(caught.value)


def test_the_decoder_of_a_bundle(tmp_path: Path) -> None:
    np.savez(tmp_path / "lm.npz", **pack(estimate(small_text(), shares())))
    manifest = {"symbols": list(SYMBOLS), "language_model": "lm.npz", "decoder": {"beam": 4}}
    decoder = TextDecoder.load(manifest, tmp_path)
    assert decoder.settings.beam == 4
    assert decoder.decode(say("pon la radio")) == "pon la radio"
    manifest["symbols"] = [*SYMBOLS[:-1], "ç"]
    with pytest.raises(ManifestError, match="ç"):
        TextDecoder.load(manifest, tmp_path)


_UNPRUNED = Settings(
    beam=1_000, beam_threshold=-100, symbol_threshold=-50, symbols=34, oov_penalty=-50
)


def _tiny() -> LanguageModel:
    """Words "a", "ab" and "b" in every order: no two texts have equal futures, none is dropped."""
    pairs = [list(pair) for pair in itertools.product(("a", "ab", "b"), repeat=2)]
    text = Text(sentences=[*pairs, ["a", "ab", "b"]], fragments=[])
    share = {"a": 0.5, "ab": 0.2, "b": 0.3}
    return LanguageModel(SYMBOLS_AFTER_BLANK, pack(estimate(text, share)))


def _every_text(decoder: TextDecoder, heard: NDArray[np.float64]) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for path in itertools.product(range(4), repeat=len(heard)):
        collapsed = [s for s, _ in itertools.groupby(path) if s]
        text = " ".join("".join(SYMBOLS[s] for s in collapsed).split())
        totals[text] += math.exp(sum(row[s] for row, s in zip(heard, path, strict=True)))
    return {text: total * _weight(decoder, text) for text, total in totals.items()}


def _weight(decoder: TextDecoder, text: str) -> float:
    """What words are worth by the definition: alpha, beta and the price of unknown words."""
    chosen, words = decoder.settings, text.split()
    if not words:
        return 1.0
    unknown = [word for word in words if decoder.model.find(word) == decoder.model.unknown]
    spelled = sum(chosen.oov_penalty + chosen.oov_letter * len(word) for word in unknown)
    language = chosen.alpha * decoder.model.log_probability(words)
    return math.exp(language + chosen.beta * len(words) + spelled)
