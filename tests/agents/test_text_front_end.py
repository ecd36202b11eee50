"""What of a text is said, and what is refused."""

from __future__ import annotations

import pytest

from agents.errors import TextError, TextTooLongError
from agents.voice.text_front_end import (
    CLAUSE_WORDS,
    MAX_CHARACTERS,
    SENTENCE_WORDS,
    Notes,
    sentences,
    spoken_text,
)

SAID = {
    "Son las 18:45 y 7:15.": "son las dieciocho y cuarenta y cinco y siete y cuarto",
    "A las 3 p. m., a la 1 a. m.": "a las tres de la tarde a la una de la mañana",
    "249 €, $3 y 5,50 €": "doscientos cuarenta y nueve euros tres dólares y cinco euros cincuenta "
    "céntimos",
    "21 %, -4 °C, 140 m², 80 km/h": "veintiuno por ciento menos cuatro grados centígrados ciento "
    "cuarenta metros cuadrados ochenta kilómetros por hora",
    "21 días, 1 casa, 21 casas, son 21": "veintiún días una casa veintiuna casas son veintiuno",
    "4.º piso, 2ª planta, 1er día": "cuarto piso segunda planta primer día",
    "1.200, 12 000, 3,05 y 3.5": "mil doscientos doce mil tres coma cero cinco y tres punto cinco",
    "007 y 600123456": "cero cero siete y seis cero cero uno dos tres cuatro cinco seis",
    "el 1 de mayo de 1990, 15/8/2024": "el primero de mayo de mil novecientos noventa quince de "
    "agosto de dos mil veinticuatro",
    "siglo XIX": "siglo diecinueve",
    "La Sra. Gil y el Dr. Paz, p. ej.": "la señora gil y el doctor paz por ejemplo",
    "pág. 3, n.º 5, etc.": "página tres número cinco etcétera",
    "EE. UU. y la UE": "estados unidos y la u e",
    "El DNI, el FBI y la ONU": "el de ene i el efe be i y la onu",
    "HOLA QUE TAL": "hola que tal",
    "3 + 4 = 7": "tres más cuatro igual a siete",
    "ana@correo.es": "ana arroba correo punto es",
    "la letra B": "la letra be",
    "½ litro y 2 ½": "medio litro y dos y medio",
    "à la carte, Łódź": "a la carte lódz",
    "cafe\u0301": "café",  # the accent as a character of its own
}


@pytest.mark.parametrize(("text", "expected"), SAID.items())
def test_a_text_is_said_in_words(text: str, expected: str) -> None:
    assert spoken_text(text) == expected


def test_a_text_falls_into_sentences_and_clauses() -> None:
    found = sentences("Hola, Ana. ¿Vienes? ¡Sí!\nClaro: ahora (mismo)… La Sra. Gil, etc. Bien")
    assert [(one.clauses, one.end) for one in found] == [
        ([["hola"], ["ana"]], "."),
        ([["vienes"]], "?"),
        ([["sí"]], "!"),
        ([["claro"], ["ahora"], ["mismo"]], "."),
        ([["la", "señora", "gil"], ["etcétera"]], "."),
        ([["bien"]], "."),
    ]


def test_long_winded_text_is_parted_where_a_speaker_would_breathe() -> None:
    found = sentences("uno " * 200 + "a" * 1000)
    assert max(len(clause) for one in found for clause in one.clauses) == CLAUSE_WORDS
    assert max(sum(map(len, one.clauses)) for one in found) <= SENTENCE_WORDS
    assert sum(word == "uno" for one in found for clause in one.clauses for word in clause) == 200
    assert max(len(word) for one in found for clause in one.clauses for word in clause) == 40


def test_what_has_no_sound_is_left_out_and_noted() -> None:
    notes = Notes()
    found = sentences("hola 😀 мир\x07 <speak rate='9'>ya</speak> 😀 adiós", notes)
    assert [one.clauses for one in found] == [[["hola", "ya", "adiós"]]]
    assert notes.dropped == ["😀", "м", "и", "р", "\x07"]
    assert notes.tags == 2


@pytest.mark.parametrize(
    "text", ["", "   \n", "😀😀", "мир", "¿?…", "<break/>", "\x00\x01", "*** --- ***"]
)
def test_a_text_without_a_word_is_an_error_and_not_silence(text: str) -> None:
    with pytest.raises(TextError, match="at least one Spanish word or number, got"):
        sentences(text)


@pytest.mark.parametrize("text", [None, b"hola", 3, ["hola"]])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(TextError, match="expected str, got"):
        sentences(text)  # type: ignore[arg-type]


def test_a_text_beyond_the_limit_is_refused_and_one_at_it_is_read() -> None:
    with pytest.raises(TextTooLongError, match="at most 20000 characters, got 100000"):
        sentences("a" * 100_000)
    assert sentences("sí, " * (MAX_CHARACTERS // 4))
