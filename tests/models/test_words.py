"""How Spanish words are read, and the verb forms made by rule."""

from __future__ import annotations

import pytest

from models.reference.spelling import is_well_accented, sound, stress
from models.reference.verbs import conjugated, imperative, infinitives, with_pronouns


@pytest.mark.parametrize(
    ("word", "syllable", "syllables"),
    [
        ("casa", 0, 2),
        ("reloj", 1, 2),  # ends in another consonant than n or s
        ("canción", 1, 2),
        ("lápiz", 0, 2),
        ("país", 1, 2),  # í parts the vowels
        ("guie", 0, 1),  # the u is mute
        ("pingüino", 1, 3),
        ("ahora", 1, 3),  # h parts nothing by itself
        ("búho", 0, 2),
        ("cuídate", 0, 3),  # two weak vowels stay together
        ("sol", 0, 1),
    ],
)
def test_stress(word: str, syllable: int, syllables: int) -> None:
    assert stress(word) == (syllable, syllables)


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("canción", True),
        ("cancion", True),  # could be a word: the rules alone cannot tell
        ("oír", True),
        ("decír", False),  # words in -r are stressed at the end anyway
        ("fué", False),  # one syllable needs no accent ...
        ("sé", True),  # ... unless it tells two words apart
        ("cuándo", True),  # asks
        ("família", False),
        ("familia", True),
        ("construído", False),
        ("tríceps", True),
        ("averígüé", False),  # two accents
    ],
)
def test_accents_follow_the_rules(word: str, right: bool) -> None:
    assert is_well_accented(word) is right


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("hecho", "echo", True),
        ("cien", "sien", True),
        ("vaca", "baca", True),
        ("gira", "jira", True),
        ("valla", "vaya", True),
        ("queso", "keso", True),
        ("guerra", "gerra", False),
        ("hablo", "habló", False),  # another stress
        ("pero", "perro", False),
    ],
)
def test_words_read_the_same_sound_the_same(one: str, other: str, same: bool) -> None:
    assert (sound(one) == sound(other)) is same


LISTED = dict.fromkeys(
    (
        *("contar", "contando", "cuenta", "poner", "poniendo", "enviar", "enviando", "envía"),
        *("leer", "pedir", "pidiendo", "pide", "distribuye"),
    ),
    1e-6,
)


@pytest.mark.parametrize(
    ("infinitive", "form"),
    [
        ("resumir", "resúmeme"),
        ("contar", "cuéntame"),  # the stem that is listed
        ("enviar", "envíame"),
        ("poner", "ponme"),  # one syllable: no accent ...
        ("poner", "pónmelo"),  # ... until there are two pronouns
        ("pedir", "pídela"),
        ("leer", "léelos"),
        ("distribuir", "distribúyelo"),
    ],
)
def test_imperatives_take_pronouns_and_their_accent(infinitive: str, form: str) -> None:
    assert form in with_pronouns(imperative(infinitive, LISTED))


def test_an_infinitive_is_a_word_whose_gerund_is_known() -> None:
    assert list(infinitives(LISTED, rank=100)) == ["contar", "poner", "enviar"]


def test_regular_tenses() -> None:
    assert {"lijaba", "lijó", "lijarán", "lijadas"} <= set(conjugated("lijar"))
    assert {"temía", "temido", "temeremos"} <= set(conjugated("temer"))
