"""The voice says a number as the scorer reads it: two readings of one language, kept alike."""

from __future__ import annotations

import pytest

from agents.voice.text_front_end import spoken_text
from harness.accuracy.text import GATED, words
from models.voice.round_trip import round_trip

NUMBERED = """
1.200 personas|12 000 habitantes|cuesta 3,14|mide 3,05 metros|1234567 cosas|versión 3.5
agente 007|llama al 600123456|21 días|1 casa|21 casas|200 páginas|21 mil|101 perros|son 21
el 21 de mayo|el 1 de mayo de 1990|15/8/2024|2024-12-31|1/1/2000|18:45|7:15|7:30 h|a las 8:00
3 p. m.|11:05 a. m.|4.º piso|2ª planta|1er piso|10.º aniversario|5,50 €|249 €|1 €|21 €|0,50 €
$3|12 %|80 %|21 %|-4 °C|80 km/h|5 kg|12,5 kg|140 m²|3 h|1 h|30 min|siglo XIX|2,5 millones
1.000.000 de euros|n.º 5|3 de cada 10|entre 100 y 200|1999|2001|500 horas|700 páginas
1.001 noches|31 personas|31 libros|16 GB
""".replace("\n", "|").strip("|")


@pytest.mark.parametrize("text", NUMBERED.split("|"))
def test_a_number_is_said_as_it_is_scored(text: str) -> None:
    assert spoken_text(text).split() == words(text, GATED)


def test_a_sentence_of_the_round_trip_is_said_as_it_is_scored() -> None:
    said = [spoken_text(text).replace("señora", "sra").split() for text in round_trip()]
    assert said == [words(text, GATED) for text in round_trip()]
