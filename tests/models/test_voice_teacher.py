"""espeak-ng says the sounds that it is given; its events tell the voice how long each one is."""

from __future__ import annotations

import ctypes.util

import numpy as np
import pytest

from agents.voice.emotion import Emotion
from agents.voice.text_front_end import sentences
from agents.voice.tokens import SYMBOLS
from models.voice.round_trip import round_trip
from models.voice.synth import LEAD, Teacher, mnemonics, setting

pytestmark = pytest.mark.skipif(
    ctypes.util.find_library("espeak-ng") is None, reason="libespeak-ng is not installed"
)


@pytest.fixture(scope="module")
def teacher() -> Teacher:
    return Teacher()


def test_the_events_fit_the_tokens_of_real_sentences(teacher: Teacher) -> None:
    for text in round_trip()[::10]:
        for one in sentences(text):
            said = teacher.say(one.clauses, one.end, Emotion())  # raises where they do not
            assert len(said.tokens) == len(said.durations)
            assert sum(said.durations) == said.log_mel.shape[1] == len(said.pitch)


def test_a_pause_is_quiet_and_a_vowel_is_loud(teacher: Teacher) -> None:
    said = teacher.say([["sí"], ["la", "casa", "pizza"]], ".", Emotion())
    edges = np.cumsum([0, *said.durations])
    level = said.log_mel.mean(0)
    mean = {
        SYMBOLS[token]: level[start:end].mean()
        for token, start, end in zip(said.tokens, edges[:-1], edges[1:], strict=True)
        if end > start
    }
    assert said.durations[0] >= LEAD
    assert mean["<start>"] < mean[","] < mean["s"] < mean["'a"]


def test_sounds_that_espeak_would_join_are_kept_apart() -> None:
    assert mnemonics([["pizza"], ["ah"]], "?") == "[[p|'i|t|s|a]], [['a]]?"


def test_the_ends_of_the_controls_are_espeaks_own_parameters() -> None:
    slow, volume = setting(Emotion(-1, -1, -1, -1))
    assert (slow.rate, slow.pitch, slow.range, volume) == (107, 5, 0, 50)
    quick, volume = setting(Emotion(1, 1, 1, 1))
    assert (quick.rate, quick.pitch, quick.range, volume) == (248, 95, 100, 150)
