"""Golden tests of numbers in words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.cardinals import cardinal
from harness.accuracy.numerals import spell_numbers
from harness.accuracy.text import View, normalise

GOLDEN = {
    "0": "cero",
    "21": "veintiuno",
    "100": "cien",
    "101": "ciento uno",
    "1.200": "mil doscientos",
    "21.000": "veintiún mil",
    "31000": "treinta y un mil",
    "1.000.000": "un millón",
    "1 000": "mil",
    "3 300": "tres trescientos",  # may be two numbers
    "12 300": "doce mil trescientos",
    "600 123 456": "seiscientos ciento veintitrés cuatrocientos cincuenta y seis",
    "007": "cero cero siete",
    "-5": "menos cinco",
    "10-20": "diez veinte",
    "3,5": "tres coma cinco",
    "3,14": "tres coma catorce",
    "0,05": "cero coma cero cinco",
    "5.002,132": "cinco mil dos coma ciento treinta y dos",
    "3,1415": "tres coma catorce quince",
    "1,25300": "uno coma veinticinco treinta cero",
    "3.5": "tres punto cinco",
    "1:00": "una",
    "7:05": "siete y cinco",
    "7:15": "siete y cuarto",
    "7:30": "siete y media",
    "13:45": "trece y cuarenta y cinco",
    "21:00": "veintiuna",
    "25:30": "veinticinco treinta",
    "8 %": "ocho por ciento",
    "100%": "cien por ciento",
    "1 €": "un euro",
    "€2": "dos euros",
    "21 €": "veintiún euros",
    "5,50 €": "cinco euros cincuenta céntimos",
    "5,5 €": "cinco euros cincuenta céntimos",
    "5,01€": "cinco euros un céntimo",
    "0,50 €": "cincuenta céntimos",
    "0 €": "cero euros",
    "1.200 €": "mil doscientos euros",
    "1º": "primero",
    "2.ª": "segunda",
    "1er": "primer",
    "3.er": "tercer",
    "7º": "séptimo",
    "11.º": "undécimo",
    "12ª": "duodécima",
    "13º": "decimotercero",
    "18º": "decimoctavo",
    "21ª": "vigesimoprimera",
    "31.ª": "trigésima primera",
    "40º": "cuadragésimo",
    "0º": "cero",
    "1500º": "milésimo quingentésimo",
    "1000000º": "un millón",
    "mp3": "mp tres",
    "4k": "cuatro k",
}


@pytest.mark.parametrize(("written", "spoken"), GOLDEN.items())
def test_a_number_is_spelled_as_it_is_spoken(written: str, spoken: str) -> None:
    assert normalise(written, View.NUMBERS) == spoken


def test_numbers_are_spelled_where_they_stand() -> None:
    spelled = " ".join(spell_numbers("a las 7:30, el 2.º piso, 3 veces.").split())
    assert spelled == "a las siete y media , el segundo piso, tres veces."


@pytest.mark.parametrize("mark", ["", "º", " €", ",5", ":30", " %"])
def test_a_number_too_long_to_speak_is_read_digit_by_digit(mark: str) -> None:
    assert spell_numbers("7" * 5_000 + mark).count("siete") == 5_000


@given(number=st.integers(min_value=0, max_value=10**15 - 1))
def test_thousands_points_change_nothing(number: int) -> None:
    pointed = f"{number:,}".replace(",", ".")
    assert spell_numbers(pointed).strip() == cardinal(str(number))


@given(text=st.text(alphabet="0123456789.,:-% €ºªerk\u00a0", max_size=30))
def test_no_digit_is_left_whatever_is_written(text: str) -> None:
    assert not re.search("[0-9%€]", spell_numbers(text))
