"""Units of measure and currencies, as they are read after a number."""

from __future__ import annotations

from typing import NamedTuple


class Noun(NamedTuple):
    """What is counted."""

    one: str
    many: str
    feminine: bool = False
    alone: bool = False  # the number before it stays as it is: veintiuno por ciento


def _noun(one: str, many: str = "", *, feminine: bool = False) -> Noun:
    return Noun(one, many or f"{one}s", feminine)


UNITS = {
    "km": _noun("kilómetro"),
    "m": _noun("metro"),
    "cm": _noun("centímetro"),
    "mm": _noun("milímetro"),
    "km/h": _noun("kilómetro por hora", "kilómetros por hora"),
    "m/s": _noun("metro por segundo", "metros por segundo"),
    **{
        f"{short}{sign}": _noun(f"{long} {kind}", f"{long}s {kind}s")
        for short, long in (("km", "kilómetro"), ("m", "metro"), ("cm", "centímetro"))
        for signs, kind in (("²2", "cuadrado"), ("³3", "cúbico"))
        for sign in signs
    },
    "kg": _noun("kilogramo"),
    "g": _noun("gramo"),
    "mg": _noun("miligramo"),
    "t": _noun("tonelada", feminine=True),
    "l": _noun("litro"),
    "ml": _noun("mililitro"),
    "cl": _noun("centilitro"),
    "dl": _noun("decilitro"),
    "h": _noun("hora", feminine=True),
    "min": _noun("minuto"),
    "s": _noun("segundo"),
    "seg": _noun("segundo"),
    "ms": _noun("milisegundo"),
    "°c": _noun("grado centígrado", "grados centígrados"),
    "ºc": _noun("grado centígrado", "grados centígrados"),
    "°": _noun("grado"),
    "° c": _noun("grado centígrado", "grados centígrados"),
    "°f": _noun("grado fahrenheit", "grados fahrenheit"),
    "w": _noun("vatio"),
    "kw": _noun("kilovatio"),
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
    "kcal": _noun("kilocaloría", feminine=True),
    "db": _noun("decibelio"),
    "%": Noun("por ciento", "por ciento", alone=True),
    "‰": Noun("por mil", "por mil", alone=True),
}

_CENT, _CENTAVO, _PENNY = _noun("céntimo"), _noun("centavo"), _noun("penique")
_DOLLAR = _noun("dólar", "dólares")
CURRENCIES = {
    "€": (_noun("euro"), _CENT),
    "eur": (_noun("euro"), _CENT),
    "$": (_DOLLAR, _CENTAVO),
    "£": (_noun("libra", feminine=True), _PENNY),
    "¥": (_noun("yen", "yenes"), _CENTAVO),
    "usd": (_noun("dólar estadounidense", "dólares estadounidenses"), _CENTAVO),
    "mxn": (_noun("peso mexicano", "pesos mexicanos"), _CENTAVO),
}
