"""How a number agrees with the word after it: 1 casa, 21 libros, 200 páginas.

There is no tagger here, so only what can be told from the letters is decided, and a number is left
in the form in which it is counted (uno, veintiuno, doscientos) where that is in doubt:

    exactly 1     before the commonest counted nouns only: `fase 1 termina` must stay `uno`
    other numbers before a word in the plural: -as, -ciones, -dades ... are feminine, other -s not
    after `las`   feminine: las 21, las 200
"""

from __future__ import annotations

import re

from harness.accuracy.cardinals import Form

_ONE_MASCULINE = re.compile(
    "amigo|hermano|solo|año|mes|día|minuto|segundo|kilómetro|metro|centímetro|milímetro|kilo|kilogramo|gramo|"
    "litro|euro|dólar|peso|céntimo|centavo|grado|gol|hijo|niño|hombre|chico|perro|gato|libro|"
    "coche|piso|vaso|plato|trozo|huevo|mil|millón|billón|trillón"
)
_ONE_FEMININE = re.compile(
    "amiga|hermana|sola|vez|hora|semana|persona|mujer|niña|hija|chica|casa|página|libra|taza|copa|cucharada|"
    "cucharadita|botella|milla|tonelada|hectárea|pulgada|docena|noche|cerveza|vuelta|"
    "habitación|entrada|canción|pregunta|pastilla"
)
_MASCULINE_IN_AS = re.compile(
    "días|problemas|programas|sistemas|temas|mapas|idiomas|planetas|poemas|dramas|diagramas|"
    "telegramas|crucigramas|esquemas|lemas|dilemas|teoremas|síntomas|diplomas|"
    "aromas|idiotas|sofás|papás|tranvías|guardias|policías|gorilas|pijamas|climas"
)
_NO_NOUN = re.compile(
    "más|menos|las|los|les|nos|os|mis|tus|sus|es|dos|tres|seis|después|antes|además|entonces|"
    "pues|tras|mientras|apenas|jamás|quizás|detrás|atrás|demás"
)
_FEMININE_END = re.compile(
    r"(?:as|[cstx]iones|dades|tades|tudes|umbres|veces|noches|clases|calles|flores|mujeres|partes"
    r"|llaves|naves|tardes|luces|voces|redes|paredes|leyes|madres|fuentes|nubes|nieves|series)$"
)
_NEXT = re.compile(r"\s(mil\s)?([^\W\d_]+)", re.I)
_AFTER_LAS = re.compile(r"\blas\s$", re.I)


def form_at(text: str, start: int, end: int, whole: str, *, one: bool) -> Form:
    """Return how the number at `text[start:end]` is spoken.

    `whole` is what stands before its comma; `one` says that it is exactly 1.
    """
    following = _NEXT.match(text, end)
    word = following[2].casefold() if following else ""
    if one:
        masculine = Form.MASCULINE if _ONE_MASCULINE.fullmatch(word) else Form.ALONE
        return Form.FEMININE if _ONE_FEMININE.fullmatch(word) else masculine
    thousands = word == "mil" or (following is not None and following[1] is not None)
    if thousands and whole.endswith("1"):
        return Form.MASCULINE  # veintiún mil casas, as 21.000 casas
    if _AFTER_LAS.search(text, max(0, start - 5), start):
        return Form.FEMININE
    if not word.endswith("s") or _NO_NOUN.fullmatch(word):
        return Form.ALONE
    if _FEMININE_END.search(word) and not _MASCULINE_IN_AS.fullmatch(word):
        return Form.FEMININE
    return Form.MASCULINE
