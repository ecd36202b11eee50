"""The sentences that judge the voice were heard by neither training, and are natural in length."""

from __future__ import annotations

from agents.voice.text_front_end import Sentence, sentences
from models.reference import record as recogniser
from models.reference.text import spoken
from models.voice.record import digest_of, read_record
from models.voice.round_trip import round_trip

TEXTS = round_trip()


def parts() -> list[Sentence]:
    return [one for text in TEXTS for one in sentences(text)]


def test_there_are_a_hundred_of_them_and_no_two_alike() -> None:
    assert len({spoken(text) for text in TEXTS}) == len(TEXTS) == 100
    assert sum(any(sign.isdigit() for sign in text) for text in TEXTS) >= 10


def test_none_was_heard_when_the_voice_was_trained() -> None:
    heard = read_record()
    assert len(heard) > 5_000
    assert [one.clauses for one in parts() if digest_of(one.clauses) in heard] == []
    assert digest_of([["nadie", "dijo", "esto"]]) not in heard


def test_none_was_heard_when_the_recogniser_was_trained() -> None:
    heard, _ = recogniser.read_record()
    said = [" ".join(word for clause in one.clauses for word in clause) for one in parts()]
    assert [text for text in said + TEXTS if recogniser.digest(spoken(text)) in heard] == []


def test_each_is_of_a_length_that_one_window_holds() -> None:
    assert all(4 <= len(one) <= 16 for one in (spoken(text).split() for text in TEXTS))
