"""Golden tests of the text views: a change here is a new `VERSION`."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy.text import GATED, MARKS, VERSION, View, normalise, signature, words

SENTENCE = "¡Él preguntó: «¿El pingüino cuesta 3,5 € o el 7 % de 1.200?»!"

NUMERIC = st.text(alphabet="123050.,:;-+/%‰ €$£ºª°²eErRkKmMhHgGsLlpaAcC  ¿?") | st.lists(
    st.from_regex(
        r"1|01|21|200|1\.200|3,5|7:30|7\.30|12/10/1492|\.|,|:|las|LAS|a|mil|MIL|casas|LIBROS|vez"
        r"|mayo|Mayo|de|p\.m\.|AM|h|H|km|M2|°C|eur|USD|\$|€|%|n\.º|siglo|SIGLO|XIX|iv|y|2\.ª|3ER"
        r"|1/2|600|123|456",
        fullmatch=True,
    )
).map(" ".join)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View.STRICT, "él preguntó el pingüino cuesta 3 5 o el 7 de 1 200"),
        (View.LENIENT, "el pregunto el pinguino cuesta 3 5 o el 7 de 1 200"),
        (
            View.NUMBERS,
            "él preguntó el pingüino cuesta tres euros cincuenta céntimos "
            "o el siete por ciento de mil doscientos",
        ),
        (
            View.CASED,
            "Él preguntó El pingüino cuesta tres euros cincuenta céntimos "
            "o el siete por ciento de mil doscientos",
        ),
        (
            View.PUNCTUATED,
            "¡ él preguntó : ¿ el pingüino cuesta tres euros cincuenta céntimos "
            "o el siete por ciento de mil doscientos ? !",
        ),
    ],
)
def test_one_sentence_in_every_view(view: View, expected: str) -> None:
    assert normalise(SENTENCE, view) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("¿…?  —\n", "", id="punctuation alone is no word"),
        pytest.param("a\t\n b\u00a0c", "a b c", id="any whitespace is one space"),
        pytest.param("AÑO ÁRBOL Ü", "año árbol ü", id="case is folded, letters are kept"),
        pytest.param("an\u0303o e\u0301l", "año él", id="decomposed letters are composed first"),
        pytest.param("pági\u00adna\u200b", "página", id="invisible characters part no word"),
        pytest.param("socio-económico", "socio económico", id="a hyphen parts words"),
        pytest.param("arroz,pan", "arroz pan", id="a comma without a space parts words"),
        pytest.param("snake_case", "snake case", id="an underscore is punctuation"),
        pytest.param("Straße", "strasse", id="full case folding"),
        pytest.param("\u0301", "", id="an accent without a letter is no word"),
        pytest.param("eh, mm, pues", "eh mm pues", id="no filler is deleted"),
    ],
)
def test_edges_of_the_strict_view(text: str, expected: str) -> None:
    assert normalise(text, View.STRICT) == expected


@pytest.mark.parametrize("view", list(View))
def test_anio_and_ano_differ_in_every_view(view: View) -> None:
    assert normalise("año", view) != normalise("ano", view)
    assert normalise("an\u0303o", view) == normalise("año", view)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("él", "el"),
        ("pingüino", "pinguino"),
        ("ÑANDÚ", "ñandu"),
        ("façade", "facade"),
        ("n\u0303\u0301", "ñ"),
    ],
)
def test_the_lenient_view_folds_accents_and_keeps_the_letter_enye(text: str, expected: str) -> None:
    assert normalise(text, View.LENIENT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("...", "…", id="three points are one mark"),
        pytest.param("Pues… no sé.", "pues … no sé .", id="so is the single character"),
        pytest.param("¿Qué?!", "¿ qué ? !", id="each mark is a word of its own"),
        pytest.param("«Ya» (dijo) —no", "ya dijo no", id="quotes, brackets, dashes are left off"),
        pytest.param("Son 3,5, ¿no?", "son tres coma cinco , ¿ no ?", id="a comma in a number"),
        pytest.param("a las 7:30.", "a las siete y media .", id="a colon in a time of day"),
    ],
)
def test_the_punctuated_view_keeps_the_marks_of_a_sentence(text: str, expected: str) -> None:
    assert normalise(text, View.PUNCTUATED) == expected


def test_the_cased_view_tells_capitals_apart_and_nothing_else() -> None:
    assert words("Ana vive en Ávila.", View.CASED) == ["Ana", "vive", "en", "Ávila"]
    assert normalise("ANA", View.CASED) != normalise("Ana", View.CASED)
    assert normalise("Ana, sí", View.CASED) == normalise("Ana sí", View.CASED)


@given(text=st.text() | NUMERIC)
def test_cased_and_punctuated_are_the_gated_view_with_capitals_or_marks(text: str) -> None:
    text = text.replace("\u0345", "")  # the one mark that case folding makes a letter of its own
    gated = words(text)
    assert [w for w in words(text, View.PUNCTUATED) if w not in MARKS] == gated
    assert words(normalise(text, View.CASED)) == gated


def test_a_view_is_known_by_its_name_and_version() -> None:
    assert GATED is View.NUMBERS
    assert VERSION == "3"
    assert signature() == "text numbers/3"


def test_words_are_a_list() -> None:
    assert words("Pon, por favor, la radio.") == ["pon", "por", "favor", "la", "radio"]
    assert words("...") == []


@given(text=st.text() | NUMERIC, view=st.sampled_from(View))
def test_a_view_of_a_view_is_the_same(text: str, view: View) -> None:
    once = normalise(text, view)
    assert normalise(once, view) == once
    assert unicodedata.is_normalized("NFC", once)


@given(text=st.text() | NUMERIC, view=st.sampled_from(View))
def test_unicode_forms_and_case_change_no_view(text: str, view: View) -> None:
    expected = normalise(text, view)
    assert normalise(unicodedata.normalize("NFD", text), view) == expected
    assert normalise(unicodedata.normalize("NFC", text), view) == expected
