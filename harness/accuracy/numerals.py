"""Spells the numbers of a Spanish text: `el 3,5 % de 1.200` is `el tres coma cinco por ciento de
mil doscientos`. The steps are in `cardinals`, `ordinals`, `dates`, `measures` and `agreement`.

Sources disagree on how a written number is spoken. What is chosen here (dates and times of day
are in `dates`, units and money in `measures`):

    1.200, 12 000  mil doscientos, doce mil     thousands are parted by a point, or by a space where
                                           no telephone number is written so
    3,14           tres coma catorce       up to three digits after the comma are one number,
    3,1415         tres coma catorce quince     more are read in pairs,
    3,05           tres coma cero cinco         and a pair that opens with 0 digit by digit
    3.5, 2.0.1     tres punto cinco        any other point is read as it is written: a version
    1,234.50       1.234,50                where comma and point can only be the English ones
    1999           mil novecientos noventa y nueve     a year is any other number
    1 casa, 21 casas, 200 páginas          una, veintiuna, doscientas: see `agreement`
    21 mil, 21 libros                      veintiún
    007            cero cero siete         a leading zero: digit by digit,
    600123456      seis cero cero uno ...  and so nine digits or more in one string: a code
    n.º 5          número cinco

A word that is written out is never changed, deleted or moved: `abril 30` is abril treinta.
"""

from __future__ import annotations

import re

from harness.accuracy.agreement import form_at
from harness.accuracy.cardinals import (
    AMOUNT,
    CODE,
    DIGITS,
    MINUS,
    cardinal,
    decimal,
    fraction,
    is_one,
)
from harness.accuracy.dates import spell_centuries, spell_dates, spell_times
from harness.accuracy.measures import spell_measures, spell_money
from harness.accuracy.ordinals import spell_ordinals

_SIGNS = re.compile("[0-9%‰€]")  # without one of them, only centuries may be spelled
_NUMBER = re.compile(rf"{MINUS}{AMOUNT}(?P<points>(?:\.{DIGITS}+)*)")
_NUMERO = re.compile(r"\bn\.?[º°](?=\s?[0-9])", re.I)
_PARTED = re.compile(
    rf"(?<![\w.,+])(?<!{DIGITS} )[1-9]{DIGITS}{{0,2}}(?: {DIGITS}{{3}})+(?![\w]| {DIGITS})"
)
_ENGLISH = re.compile(
    rf"(?<![\w.,])[1-9]{DIGITS}{{0,2}}(?:(?:,{DIGITS}{{3}})+\.{DIGITS}+|(?:,{DIGITS}{{3}}){{2,}})"
    rf"(?![.,]?{DIGITS})"
)
_SWAPPED = str.maketrans(",.", ".,")
_NO_TELEPHONE = re.compile(rf",{DIGITS}|\.?[ºªᵉ]")
_ABROAD = re.compile("34 [6-9]")  # Spain's prefix and the first digit of a telephone number


def spell_numbers(text: str) -> str:
    """Return `text` with every number of ASCII digits in words; NFC is expected, any case."""
    if "siglo" in text.casefold():
        text = spell_centuries(text)
    if not _SIGNS.search(text):
        return text
    text = _NUMERO.sub("número", text)
    text = _ENGLISH.sub(lambda found: found[0].translate(_SWAPPED), text)
    text = _PARTED.sub(_pointed, text)
    for spell in (spell_dates, spell_times, spell_ordinals, spell_money, spell_measures):
        text = spell(text)
    text = _NUMBER.sub(_number, text)
    return text.replace("%", " por ciento ").replace("‰", " por mil ").replace("€", " euros ")


def _pointed(found: re.Match[str]) -> str:
    """Part thousands by points instead of spaces, but never a telephone number.

    600 123 456 is a telephone number and 3 300 may be two; 12 300, 1 034 068 and 100 000 are one.
    """
    groups = found[0].split(" ")
    digits = sum(map(len, groups))
    short = len(groups[0]) < 3 and digits > 4 and not _ABROAD.match(found[0])
    followed = _NO_TELEPHONE.match(found.string, found.end())
    whole = short or followed or "000" in groups[1:]
    return found[0].replace(" ", ".") if whole else found[0]


def _number(found: re.Match[str]) -> str:
    whole, after, points = found["whole"], found["fraction"], found["points"]
    if len(whole) >= CODE and whole.isdecimal():
        spelled = " ".join(cardinal(digit) for digit in whole)
        spelled += f" coma {fraction(after)}" if after else ""
    else:
        one = is_one(whole, after) and not points
        form = form_at(found.string, found.start(), found.end(), whole, one=one)
        spelled = decimal(whole, after, form)
    spelled += "".join(f" punto {fraction(part)}" for part in points.split(".")[1:])
    return f" {'menos ' if found['minus'] else ''}{spelled} "
