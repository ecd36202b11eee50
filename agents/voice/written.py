"""What is written otherwise than it is said: abbreviations, acronyms, signs, Roman centuries."""

from __future__ import annotations

import re

# Abbreviation (lower case, as a regular expression) and what is said.
_ABBREVIATIONS = (
    (r"ee\.?\s?uu\.?", "estados unidos"),
    (r"p\.?\s?ej\.", "por ejemplo"),
    (r"a\.\s?c\.", "antes de cristo"),
    (r"d\.\s?c\.", "después de cristo"),
    (r"sres\.", "señores"),
    (r"sra\.", "señora"),
    (r"sras\.", "señoras"),
    (r"srta\.", "señorita"),
    (r"sr\.", "señor"),
    (r"dra\.", "doctora"),
    (r"dr\.", "doctor"),
    (r"dña\.", "doña"),
    (r"d\.(?=\s[a-zñáéíóú]{2})", "don"),
    (r"profa\.", "profesora"),
    (r"prof\.", "profesor"),
    (r"uds\.|vds\.", "ustedes"),
    (r"ud\.|vd\.", "usted"),
    (r"avda\.|av\.", "avenida"),
    (r"c/(?=\s?[a-zñáéíóú])", "calle "),
    (r"pza\.|pl\.", "plaza"),
    (r"tel\.|tfno\.", "teléfono"),
    (r"págs\.", "páginas"),
    (r"pág\.", "página"),
    (r"núm\.|n\.\s?[º°]|nº", "número "),
    (r"aprox\.", "aproximadamente"),
    (r"máx\.", "máximo"),
    (r"mín\.", "mínimo"),
    (r"art\.", "artículo"),
    (r"cap\.", "capítulo"),
    (r"vol\.", "volumen"),
    (r"dpto\.", "departamento"),
    (r"izq\.|izqda\.", "izquierda"),
    (r"dcha\.", "derecha"),
    (r"etc\.?", "etcétera"),
)
# Those after which a sentence may end: their point is the sentence's too.
_CLOSING = re.compile(r"\b(?i:etc|ee\.?\s?uu|[ad]\.\s?c|uds?|vds?)\.(?=\s*$|\s+[A-ZÁÉÍÓÚÑ¿¡])")
_ABBREVIATED = re.compile(
    "|".join(
        rf"(?P<a{at}>(?<!\w)(?:{short})(?!\w))" for at, (short, _) in enumerate(_ABBREVIATIONS)
    ),
    re.I,
)
_SIGNS = (
    (r"(?<=\d)\s*[x×]\s*(?=\d)", " por "),
    (r"(?<=[\d)])\s*\+\s*(?=[\d(])", " más "),
    (r"(?<=[\d)])\s+[-−]\s+(?=[\d(])", " menos "),
    (r"(?<=\d)\s*÷\s*(?=\d)", " entre "),
    (r"\s*=\s*", " igual a "),
    (r"&", " y "),
    (r"@", " arroba "),
    (r"#(?=\w)", " almohadilla "),
    (r"(?<=[a-zñ])\.(?=[a-zñ]{2,})", " punto "),  # an address: dominio.es
    (r"(?<=\d)\s?½", " y medio "),
    (r"½", " medio "),
    (r"¼", " un cuarto "),
    (r"¾", " tres cuartos "),
)
_LATE_SIGNS = (
    *(("%", " por ciento "), ("‰", " por mil "), ("€", " euros "), ("$", " dólares ")),
    *(("£", " libras "), ("¥", " yenes "), ("²", " al cuadrado "), ("³", " al cubo ")),
    *(("°", " grados "), ("×", " por "), ("÷", " entre ")),
)
_NAMES = (
    "a,be,ce,de,e,efe,ge,hache,i,jota,ka,ele,eme,ene,eñe,o,pe,cu,erre,ese,te,u,uve,uve doble,equis,"
    "i griega,zeta"
)
LETTERS = dict(zip("abcdefghijklmnñopqrstuvwxyz", re.split(",", _NAMES), strict=True))
_CAPITALS = re.compile(r"(?<![^\W\d_])[A-ZÑ]{2,6}s?(?![^\W\d_])")
_UNSPEAKABLE = re.compile(r"(?<![\w'’])[bcdfghjklmnñpqrstvwxz]+(?![\w'’])")  # no vowel in it
_SPEAKABLE = re.compile(
    r"(?:(?:[bcfgpt]?[lr]|dr|ch|qu|[bcdfghjkmnñpstvwxyz])?[aeiou]{1,2}[lmnrsdzc]?)+"
)
_CENTURY = re.compile(r"(?i)(?<=\bsiglo )([ivx]+)\b")
_VALUES = {"i": 1, "v": 5, "x": 10}


def spell_written(text: str) -> str:
    """Return `text`, given in its own case, in lower case with abbreviations and such as said."""
    text = _CLOSING.sub(r"\g<0> .", text)
    text = _CENTURY.sub(lambda found: str(_roman(found[1].lower())), text)
    text = _ABBREVIATED.sub(_said, text)
    if re.search(r"[a-zñáéíóú]{2}", text):  # not a text in capitals throughout
        text = _CAPITALS.sub(_acronym, text)
    text = text.lower()
    for sign, said in _SIGNS:
        text = re.sub(sign, said, text)
    return text


def spell_rest(text: str) -> str:
    """Return `text`, its numbers in words, with what is no word by itself as said."""
    for sign, said in _LATE_SIGNS:
        text = text.replace(sign, said)
    return _UNSPEAKABLE.sub(lambda found: " ".join(LETTERS[one] for one in found[0]), text)


def _said(found: re.Match[str]) -> str:
    return _ABBREVIATIONS[int(str(found.lastgroup)[1:])][1]


def _acronym(found: re.Match[str]) -> str:
    """Spell what cannot be read as a word: DNI, FBI and UE, not ONU and UNESCO."""
    word = found[0]
    letters = word.rstrip("s").lower()
    if len(letters) > 2 and _SPEAKABLE.fullmatch(letters):
        return word
    return " ".join(LETTERS[letter] for letter in letters)


def _roman(numeral: str) -> int:
    values = [_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))
