"""Spanish spelling to sounds: every rule once, with the word that shows it."""

from __future__ import annotations

import pytest

from agents.voice.letter_to_sound import CONSONANTS, STRESS, VOWELS, sounds
from agents.voice.tokens import SYMBOLS, tokens

WORDS = {
    # stress
    "casa": "k 'a s a",
    "cantan": "k 'a n t a n",
    "reloj": "R2 e l 'o x",
    "ciudad": "T j u D 'a d",
    "estoy": "e s t 'oI",
    "murciélago": "m u r T j 'e l a Q o",
    "quién": "k j 'e n",
    "de": "d e",  # weak in running speech
    # diphthongs and hiatus
    "aire": "'aI r e",
    "causa": "k 'aU s a",
    "buey": "b w 'eI",
    "país": "p a 'i s",
    "baúl": "b a 'u l",
    "búho": "b 'u o",
    "caía": "k a 'i a",
    "leer": "l e 'e r",
    "cuidado": "k w i D 'a D o",
    "ahumado": "aU m 'a D o",
    "fui": "f w 'i",
    "y": "i",
    # consonants
    "gente": "x 'e n t e",
    "guerra": "g 'e R2 a",
    "pingüino": "p i N g w 'i n o",
    "agua": "'a Q w a",
    "queso": "k 'e s o",
    "cuatro": "k w 'a t r o",
    "cielo": "T j 'e l o",
    "acción": "a k T j 'o n",
    "calle": "k 'a l^ e",
    "yo": "J^ 'o",
    "muy": "m w 'i",
    "chico": "tS 'i k o",
    "honra": "'o n R2 a",
    "perro": "p 'e R2 o",
    "pero": "p e r o",
    "israel": "i s R2 a 'e l",
    "examen": "e k s 'a m e n",
    "xilófono": "s i l 'o f o n o",
    "méxico": "m 'e x i k o",
    "niño": "n 'i n^ o",
    "zapato": "T a p 'a t o",
    "whisky": "w 'i s k i",
    "pizza": "p 'i t s a",
}


@pytest.mark.parametrize(("word", "expected"), WORDS.items())
def test_a_word_sounds_as_its_letters_say(word: str, expected: str) -> None:
    assert " ".join(sounds([word])[0]) == expected


def test_sounds_fit_their_neighbours_across_words() -> None:
    said = [" ".join(word) for word in sounds(["un", "vaso", "en", "casa", "la", "boda"])]
    assert said == ["u m", "b 'a s o", "e N", "k 'a s a", "l a", "B 'o D a"]


def test_every_sound_is_a_symbol_of_the_model() -> None:
    known = {*VOWELS, *(STRESS + vowel for vowel in VOWELS), *CONSONANTS}
    letters = "abcdefghijklmnñopqrstuvwxyzáéíóúüç"
    pairs = [a + b + c for a in letters for b in letters for c in "aiz"]
    assert {sound for pair in pairs for sound in sounds([pair])[0]} <= known <= set(SYMBOLS)


def test_a_sentence_is_a_start_its_words_pauses_and_an_end() -> None:
    assert " ".join(tokens([["sí"], ["claro"]], "?")) == "<start> #s 'i , #k l 'a r o ?"
