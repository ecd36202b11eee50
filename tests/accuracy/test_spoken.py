"""Other forms of a number: any that is right is no error, and nothing else is forgiven."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.accuracy import trn
from harness.accuracy.spoken import WORK, closest
from harness.accuracy.text import View
from harness.accuracy.weighing import Reading, Weighing, aligned
from harness.accuracy.wer import align, align_all, characters, score

ACCEPTED = {
    "1,5 litros": ["uno con cinco litros", "uno y medio litros", "uno punto cinco litros"],
    "3,14": ["tres coma catorce", "tres coma uno cuatro", "tres punto catorce"],
    "a las 7:30": ["a las siete y media", "a las siete treinta", "a las siete y treinta"],
    "a las 15:30": ["a las quince treinta", "a las tres y media", "a las tres y media de la tarde"],
    "a las 7:45": ["a las siete cuarenta y cinco", "a las ocho menos cuarto"],
    "a las 12:50": ["a las una menos diez", "a las doce y cincuenta"],
    "a las 21:00": ["a las veintiuna", "a las nueve de la noche", "a las nueve en punto"],
    "a las 8:05": ["a las ocho y cinco", "a las ocho cero cinco"],
    "son las 1.30 p. m.": ["son las una y media de la tarde"],
    "el 5 %": ["el cinco por ciento", "el cinco por cien"],
    "la planta 12.ª": ["la planta duodécima", "la planta doce"],
    "a 28°": ["a veintiocho grados", "a vigesimoctavo"],
    "abril 30": ["abril treinta", "treinta de abril"],
    "junio 21 2021": ["veintiuno de junio de dos mil veintiuno"],
    "felipe VI": ["felipe sexto", "felipe seis"],
    "sala 2024": [
        "sala dos mil veinticuatro",
        "sala veinte veinticuatro",
        "sala dos cero dos cuatro",
    ],
    "2 h 30 min": ["dos horas treinta minutos", "dos y media"],
    "2 + 2 = 4": ["dos más dos es igual a cuatro", "dos dos cuatro"],
}
REFUSED = {
    "1,5 litros": ["uno con seis litros", "quince litros", "cinco litros"],
    "a las 7:30": ["a las siete y cuarto", "a las siete", "a las ocho y media", "a las treinta"],
    "a las 15:30": ["a las tres y media de la noche", "a las tres y media de la mañana"],
    "a las 7:45": ["a las siete menos cuarto"],
    "a las 22:00": ["a las diez de la tarde"],
    "el 5 %": ["el cinco", "el cinco por mil"],
    "la 2.ª": ["la segundo"],
    "el 2.º": ["el segunda"],
    "abril 30": ["treinta de mayo"],
    "felipe VI": ["felipe séptimo", "felipe"],
    "mi año": ["mi ano", "mil año"],
    "tres y media": ["tres y cuarto"],
}


@pytest.mark.parametrize(
    ("written", "spoken"), [(w, s) for w, all_ in ACCEPTED.items() for s in all_]
)
def test_every_form_is_right_on_either_side(written: str, spoken: str) -> None:
    assert score(written, spoken).errors == 0
    assert score(spoken, written).errors == 0
    assert characters(written, spoken).errors == 0
    assert all(pair.kind == "equal" for pair in align(written, spoken))


@pytest.mark.parametrize(
    ("written", "spoken"), [(w, s) for w, all_ in REFUSED.items() for s in all_]
)
def test_nothing_else_is_forgiven(written: str, spoken: str) -> None:
    assert score(written, spoken).errors > 0
    assert score(spoken, written).errors > 0


def test_several_places_are_chosen_each_for_itself_and_the_rest_still_counts() -> None:
    said = "A las 7:30 y a las 15:45 quedan 1,5 litros al 5 % en la sala 2024."
    heard = (
        "a las siete treinta y a las cuatro menos cuarto quedan uno con cinco litros "
        "al cinco por cien en la bala veinte veinticuatro"
    )
    (found,) = align_all([said], [heard])
    assert [(pair.reference, pair.hypothesis) for pair in found.wrong] == [("sala", "bala")]
    assert found.counts.hits == len(heard.split()) - 1


def test_the_form_of_the_view_stays_where_no_other_is_closer() -> None:
    said = [pair.reference for pair in align("son 1,5", "eran dos")]
    assert said == ["son", "uno", "coma", "cinco"]


@pytest.mark.parametrize("view", [View.STRICT, View.LENIENT])
def test_views_that_leave_digits_know_no_other_form(view: View) -> None:
    assert score("7:30", "siete treinta", view).errors == 2


@pytest.mark.parametrize("weights", list(Weighing))
def test_texts_from_files_are_read_alike(weights: Weighing) -> None:
    reading = Reading(weights=weights, view="numbers")
    found = aligned(trn.plain("a las 7:30"), trn.plain("a las siete treinta"), reading)
    assert {pair.kind for pair in found.pairs} == {"equal"}
    own = trn.parse("a las { 7:30 / ocho }", "here")
    assert {
        pair.kind for pair in aligned(own, trn.plain("a las siete treinta"), reading).pairs
    } != {"equal"}


def test_the_work_on_one_utterance_is_bounded() -> None:
    tried = 0

    def edits(pairs: Sequence[tuple[str, str]]) -> list[int]:
        nonlocal tried
        tried += sum(len(said) + len(heard) for said, heard in pairs)
        return list(range(len(pairs), 0, -1))  # the last is always the best

    closest("1,5 " * 5_000, "7:30 " * 5_000, edits)
    assert WORK / 2 < tried < 2 * WORK
