"""Measures and money in Spanish words: `5 km` is cinco kilómetros, `5,50 €` cinco euros cincuenta
céntimos.

A unit of one letter stands after a space (`5 g` is a weight, `5g` a network), but for hours and
metres. Units that are words too are not read (`los 5 ha dicho`). A fraction is read before a unit
alone, as `3/4` may be a date. Money with one or two decimals is spoken in two parts (`5,5 €`:
cincuenta céntimos); with more it is a decimal number of the currency. Codes name the country
(`5 USD` cinco dólares estadounidenses); the signs $ £ ¥ do not.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from harness.accuracy.cardinals import (
    AMOUNT,
    DIGITS,
    INTEGER,
    MINUS,
    Form,
    cardinal,
    decimal,
    fraction,
    is_one,
)


class Noun(NamedTuple):
    """What is counted: its singular, its plural, and how a number agrees with it."""

    one: str
    many: str
    form: Form = Form.MASCULINE


class Currency(NamedTuple):
    """A currency and its hundredth."""

    unit: Noun
    cent: Noun


def _noun(one: str, many: str = "", form: Form = Form.MASCULINE) -> Noun:
    return Noun(one, many or one + "s", form)


_F = Form.FEMININE
UNITS = {
    "km": _noun("kilómetro"),
    "m": _noun("metro"),
    "dm": _noun("decímetro"),
    "cm": _noun("centímetro"),
    "mm": _noun("milímetro"),
    "km/h": _noun("kilómetro por hora", "kilómetros por hora"),
    "kph": _noun("kilómetro por hora", "kilómetros por hora"),
    "m/s": _noun("metro por segundo", "metros por segundo"),
    "mph": _noun("milla por hora", "millas por hora", _F),
    "m/s²": _noun("metro por segundo al cuadrado", "metros por segundo al cuadrado"),
    "mg/l": _noun("miligramo por litro", "miligramos por litro"),
    "g/l": _noun("gramo por litro", "gramos por litro"),
    "km²": _noun("kilómetro cuadrado", "kilómetros cuadrados"),
    "m²": _noun("metro cuadrado", "metros cuadrados"),
    "cm²": _noun("centímetro cuadrado", "centímetros cuadrados"),
    "m³": _noun("metro cúbico", "metros cúbicos"),
    "cm³": _noun("centímetro cúbico", "centímetros cúbicos"),
    "kg": _noun("kilogramo"),
    "g": _noun("gramo"),
    "mg": _noun("miligramo"),
    "t": _noun("tonelada", form=_F),
    "l": _noun("litro"),
    "dl": _noun("decilitro"),
    "cl": _noun("centilitro"),
    "ml": _noun("mililitro"),
    "h": _noun("hora", form=_F),
    "min": _noun("minuto"),
    "seg": _noun("segundo"),
    "s": _noun("segundo"),
    "ms": _noun("milisegundo"),
    "°c": _noun("grado centígrado", "grados centígrados"),
    "°f": _noun("grado fahrenheit", "grados fahrenheit"),
    "°k": _noun("grado kelvin", "grados kelvin"),
    "°": _noun("grado"),
    "w": _noun("vatio"),
    "kw": _noun("kilovatio"),
    "mw": _noun("megavatio"),
    "kwh": _noun("kilovatio hora", "kilovatios hora"),
    "v": _noun("voltio"),
    "hz": _noun("hercio"),
    "khz": _noun("kilohercio"),
    "mhz": _noun("megahercio"),
    "ghz": _noun("gigahercio"),
    "kb": _noun("kilobyte"),
    "mb": _noun("megabyte"),
    "gb": _noun("gigabyte"),
    "tb": _noun("terabyte"),
    "kcal": _noun("kilocaloría", form=_F),
    "db": _noun("decibelio"),
    "%": _noun("por ciento", "por ciento", Form.ALONE),
    "‰": _noun("por mil", "por mil", Form.ALONE),
}

_CENTIMO, _CENTAVO = _noun("céntimo"), _noun("centavo")
_DOLLAR = Currency(_noun("dólar", "dólares"), _CENTAVO)
_POUND = Currency(_noun("libra", form=_F), _noun("penique"))
_US = Currency(_noun("dólar estadounidense", "dólares estadounidenses"), _CENTAVO)
CURRENCIES = {
    "€": Currency(_noun("euro"), _CENTIMO),
    "eur": Currency(_noun("euro"), _CENTIMO),
    "$": _DOLLAR,
    "us$": _US,
    "usd": _US,
    "mex$": Currency(_noun("peso mexicano", "pesos mexicanos"), _CENTAVO),
    "mxn": Currency(_noun("peso mexicano", "pesos mexicanos"), _CENTAVO),
    "r$": Currency(_noun("real", "reales"), _CENTAVO),
    "brl": Currency(_noun("real brasileño", "reales brasileños"), _CENTAVO),
    "£": _POUND,
    "gbp": Currency(_noun("libra esterlina", "libras esterlinas", _F), _noun("penique")),
    "¥": Currency(_noun("yen", "yenes"), _CENTAVO),
    "jpy": Currency(_noun("yen", "yenes"), _CENTAVO),
    "chf": Currency(_noun("franco suizo", "francos suizos"), _CENTIMO),
    "₡": Currency(_noun("colón", "colones"), _CENTIMO),
    "crc": Currency(_noun("colón costarricense", "colones costarricenses"), _CENTIMO),
    "₩": Currency(_noun("won", "wones"), _CENTAVO),
    "₧": Currency(_noun("peseta", form=_F), _CENTIMO),
    "ptas": Currency(_noun("peseta", form=_F), _CENTIMO),
    "kr": Currency(_noun("corona", form=_F), _CENTIMO),
    "rs": Currency(_noun("rupia", form=_F), _CENTAVO),
    "ars": Currency(_noun("peso argentino", "pesos argentinos"), _CENTAVO),
    "clp": Currency(_noun("peso chileno", "pesos chilenos"), _CENTAVO),
    "cop": Currency(_noun("peso colombiano", "pesos colombianos"), _CENTAVO),
    "nio": Currency(_noun("córdoba"), _CENTAVO),
    "pab": Currency(_noun("balboa"), _CENTAVO),
    "pen": Currency(_noun("sol", "soles"), _CENTIMO),
    "uyu": Currency(_noun("peso uruguayo", "pesos uruguayos"), _CENTAVO),
    "dop": Currency(_noun("peso dominicano", "pesos dominicanos"), _CENTAVO),
    "hkd": Currency(_noun("dólar de hong kong", "dólares de hong kong"), _CENTAVO),
    "hnl": Currency(_noun("lempira"), _CENTAVO),
    "gtq": Currency(_noun("quetzal", "quetzales"), _CENTAVO),
}

_PARTS = (
    *("medio", "tercio", "cuarto", "quinto", "sexto", "séptimo", "octavo", "noveno", "décimo"),
)
_SPACED_UNITS = "gltsvw"  # of one letter, only after a space
_TOGETHER = [re.escape(unit) for unit in UNITS if unit not in _SPACED_UNITS]
_UNIT = "|".join(sorted(_TOGETHER, key=len, reverse=True))
_SIGN = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_BIG = r"(?P<big>\s(?:mil\s)?(?:mil|mill[oó]n(?:es)?|bill[oó]n(?:es)?))?"
_SPACE = "[ \u00a0\u202f]?"
_APART = r"(?<![\w.,])"  # where an amount may open
_END = r"(?![\w²³/])"
_MONEY = (
    rf"(?P<whole>{INTEGER})(?:[,.](?P<cents>{DIGITS}{{1,2}})(?!{DIGITS})|,(?P<more>{DIGITS}+))?"
)

_MEASURE = re.compile(
    rf"{_APART}{MINUS}{AMOUNT}(?:\.(?P<point>{DIGITS}+))?"
    rf"(?:{_SPACE}(?P<unit>[°º]{_SPACE}[cfk]|{_UNIT}|º)"
    rf"|{_SPACE[:-1]}(?P<letter>[{_SPACED_UNITS}])){_END}",
    re.I,
)
_PART = re.compile(
    rf"(?<![\w.,/])(?:(?P<whole>{DIGITS}+) )?(?P<top>{DIGITS}{{1,2}})/(?P<bottom>[2-9]|10)"
    rf"{_SPACE}(?P<unit>{_UNIT}|[{_SPACED_UNITS}]){_END}",
    re.I,
)
_BEFORE = re.compile(rf"(?<!\w)(?P<sign>{_SIGN}){_SPACE}{_MONEY}{_BIG}(?![.,]?{DIGITS}|\w)", re.I)
_AFTER = re.compile(rf"{_APART}{_MONEY}{_BIG}{_SPACE}(?P<sign>{_SIGN})(?!\w)", re.I)
_MILLIONS = re.compile(rf"(?<={DIGITS}){_SPACE}m(?=[€$£])", re.I)  # 3 M€
_SQUARED = re.compile(rf"({DIGITS}{_SPACE}(?:k|c)?m)([23])(?!\w)", re.I)


def spell_money(text: str) -> str:
    """Spell amounts with the sign or code of a currency before or after them."""
    text = _MILLIONS.sub(" millones", text)
    return _AFTER.sub(_amount, _BEFORE.sub(_amount, text))


def spell_measures(text: str) -> str:
    """Spell numbers with a unit of measure, and percentages."""
    text = _SQUARED.sub(lambda found: found[1] + "²³"[int(found[2]) - 2], text)
    return _MEASURE.sub(_measure, _PART.sub(_part, text))


def _measure(found: re.Match[str]) -> str:
    written = (found["unit"] or found["letter"]).casefold().replace("º", "°")
    noun = UNITS[re.sub(r"\s", "", written)]
    after, point = found["fraction"], found["point"]
    spelled = decimal(found["whole"], after, noun.form)
    if point:
        spelled = f"{decimal(found['whole'], after)} punto {fraction(point, noun.form)}"
    name = noun.one if is_one(found["whole"], after or point) else noun.many
    return f" {'menos ' if found['minus'] else ''}{spelled} {name} "


def _part(found: re.Match[str]) -> str:
    """Spell a fraction of a unit: medio metro, tres cuartos de litro, uno y medio metro."""
    noun = UNITS[found["unit"].casefold()]
    feminine = noun.form is Form.FEMININE
    if found["top"] == "1" and found["bottom"] == "2":
        spelled = f"{'media' if feminine else 'medio'} {noun.one}"
    else:
        parts = _PARTS[int(found["bottom"]) - 2] + ("" if found["top"] == "1" else "s")
        spelled = f"{cardinal(found['top'], Form.MASCULINE)} {parts} de {noun.one}"
    if found["whole"]:
        spelled = f"{cardinal(found['whole'], _F if feminine else Form.ALONE)} y {spelled}"
    return f" {spelled} "


def _amount(found: re.Match[str]) -> str:
    unit, cent = CURRENCIES[found["sign"].casefold()]
    whole, cents, big = found["whole"], found["cents"], found["big"]
    after = found["more"] or (cents if big else None)
    if big:
        of = "" if big.casefold().endswith("mil") else "de "
        form = unit.form if not of else Form.MASCULINE
        return f" {decimal(whole, after, form)}{big} {of}{unit.many} "
    if after:
        return f" {decimal(whole, after, unit.form)} {unit.many} "
    hundredths = (cents or "").ljust(2, "0").lstrip("0")
    parts = [_counted(whole, unit)] if whole.strip("0") else []
    parts += [_counted(hundredths, cent)] if hundredths else []
    return f" {' '.join(parts) or _counted('0', unit)} "


def _counted(digits: str, noun: Noun) -> str:
    return f"{cardinal(digits, noun.form)} {noun.one if digits == '1' else noun.many}"
