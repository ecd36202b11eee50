"""Dates, times of day and centuries in Spanish words.

    30/2/1990      treinta de febrero de mil novecientos noventa   also with - or . and year first
    1 de mayo      primero de mayo           the first of a month is an ordinal ("uno" is said too)
    5 mayo 1990    cinco de mayo de mil novecientos noventa
    300 a. C.      trescientos antes de cristo
    7:30, 7:15     siete y media, siete y cuarto     :00 is silent, else `y` and the minutes
    7h30, 08 h     as 7:30, 8:00
    a las 7.30     as 7:30                   a point parts minutes after `las`, before h, a. m.
    3 p. m.        tres de la tarde          12 del mediodía, 9 to 11 de la noche
    7:05:09        siete horas cinco minutos y nueve segundos
    siglo XIX      siglo diecinueve          no other Roman numeral: `V`, `mil`, `di` are words

A day and a month alone (15/8) or a year of two digits is left as two or three numbers: it may be
a fraction, a score or a date in another order.
"""

from __future__ import annotations

import re

from harness.accuracy.cardinals import DIGITS, Form, cardinal, small

MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)

_DAY, _MONTH, _YEAR = "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])", "([1-9][0-9]{3})"
_OPEN, _CLOSE = r"(?<![\w.,:/-])", rf"(?![.,:/-]?{DIGITS}|\w)"
_DAY_FIRST = re.compile(rf"{_OPEN}{_DAY}([/.-]){_MONTH}\2{_YEAR}{_CLOSE}")
_YEAR_FIRST = re.compile(rf"{_OPEN}{_YEAR}([/-]){_MONTH}\2{_DAY}{_CLOSE}")
_NAMED = re.compile(
    rf"{_OPEN}(?:0?(?P<first>1)|{_DAY})(?P<de> de)?(?= (?P<month>{'|'.join(MONTHS)}|setiembre)\b)"
    rf"(?P<rest> (?P=month)(?= {_YEAR}{_CLOSE}))?",
    re.I,
)
_BEFORE_CHRIST, _AFTER_CHRIST = " antes de cristo", " después de cristo"
_ERA = re.compile(rf"(?<={DIGITS})\s(?:(a)|d)\.\s?c\.", re.I)

_HOUR, _MINUTE = "([01]?[0-9]|2[0-4])", "([0-5][0-9])"
_HALF = r"(?:\s?([ap])\.?\s?m\b\.?)"  # a. m., p.m., AM
_LONG = re.compile(rf"(?<![\w:.,]){_HOUR}:{_MINUTE}:{_MINUTE}{_HALF}?(?![\w:])", re.I)
_CLOCK = re.compile(rf"(?<![\w:.,]){_HOUR}[:h]{_MINUTE}(?:{_HALF}|\s?hs?\b)?(?![\w:])", re.I)
_NO_TIME = r"(?!\s?[%°º€$]|[.,]?\w)"
_POINTED = re.compile(
    r"(?:(?<=\blas )|(?<=\ba la )(?=0?1\b))"
    rf"{_HOUR}\.{_MINUTE}(?:{_HALF}|\s?hs?\b)?{_NO_TIME}"
    rf"|(?<![\w:.,]){_HOUR}\.{_MINUTE}(?:{_HALF}|\s?hs?\b)(?!\w)",
    re.I,
)
_BARE = re.compile(rf"(?<![\w:.,])(?:{_HOUR}{_HALF}|(0[0-9])\s?hs?\b)(?!\w)", re.I)
_AT_ONE = re.compile(r"(?:(?<=\ba la )|(?<=\bes la ))(1)(?![.,:]?[0-9]|\s?[%°º€$]|\w)", re.I)

_ROMAN = r"(?:x{0,2}(?:ix|iv|v?i{1,3}|v)|x{1,2})"
_PARTED = r"[\W_]+"  # marks too: a view leaves them off, and reads the same when read again
_CENTURY = re.compile(
    rf"(\bsiglos?)({_PARTED}{_ROMAN}\b(?:{_PARTED}(?:(?:[yoea]|al){_PARTED})?{_ROMAN}\b)*)"
    r"(?:\s(?:(?P<before>a)|(?P<after>d))\.\s?c\.)?",
    re.I,
)
_ROMANS = re.compile(rf"\b{_ROMAN}\b", re.I)
_VALUES = {"i": 1, "v": 5, "x": 10}


def spell_dates(text: str) -> str:
    """Spell the dates of three numbers, and the days of a named month."""
    text = _DAY_FIRST.sub(lambda found: _date(found[1], found[3], found[4]), text)
    text = _YEAR_FIRST.sub(lambda found: _date(found[4], found[3], found[1]), text)
    text = _ERA.sub(lambda found: _BEFORE_CHRIST if found[1] else _AFTER_CHRIST, text)
    return _NAMED.sub(_day_of_month, text)


def spell_times(text: str) -> str:
    """Spell the times of day."""
    text = _LONG.sub(lambda found: _with_seconds(found[1], found[2], found[3], found[4]), text)
    text = _CLOCK.sub(lambda found: _clock(found[1], found[2], found[3]), text)
    text = _POINTED.sub(
        lambda found: _clock(found[1] or found[4], found[2] or found[5], found[3] or found[6]), text
    )
    text = _BARE.sub(lambda found: _clock(found[1] or found[3], "00", found[2]), text)
    return _AT_ONE.sub("una", text)


def spell_centuries(text: str) -> str:
    """Spell the Roman numerals after `siglo`."""

    def spelled(found: re.Match[str]) -> str:
        era = _BEFORE_CHRIST if found["before"] else _AFTER_CHRIST if found["after"] else ""
        return found[1] + _ROMANS.sub(lambda one: small(_value(one[0])), found[2]) + era

    return _CENTURY.sub(spelled, text)


def _date(day: str, month: str, year: str) -> str:
    spelled = "primero" if int(day) == 1 else small(int(day))
    return f" {spelled} de {MONTHS[int(month) - 1]} de {cardinal(year)} "


def _day_of_month(found: re.Match[str]) -> str:
    day = "primero" if found["first"] else small(int(found[2]))
    return f"{day} de{found['rest'] or ''}{' de' if found['rest'] else ''}"


def _clock(hour: str, minute: str, half: str | None) -> str:
    spelled = small(int(hour), Form.FEMININE)
    match int(minute):
        case 0:
            pass
        case 15:
            spelled += " y cuarto"
        case 30:
            spelled += " y media"
        case minutes:
            spelled += f" y {small(minutes)}"
    return f" {spelled}{_half_of_day(int(hour), half)} "


def _with_seconds(hour: str, minute: str, second: str, half: str | None) -> str:
    if int(second) == 0:
        return _clock(hour, minute, half)
    parts = [_counted(hour, "hora", Form.FEMININE)]
    parts += [_counted(minute, "minuto", Form.MASCULINE)] if int(minute) else []
    spelled = f"{' '.join(parts)} y {_counted(second, 'segundo', Form.MASCULINE)}"
    return f" {spelled}{_half_of_day(int(hour), half)} "


def _counted(digits: str, unit: str, form: Form) -> str:
    return f"{small(int(digits), form)} {unit}{'' if int(digits) == 1 else 's'}"


def _half_of_day(hour: int, half: str | None) -> str:
    match (half or "").casefold():
        case "a":
            return " de la noche" if hour == 12 else " de la mañana"
        case "p":
            if hour == 12:
                return " del mediodía"
            return " de la noche" if 9 <= hour < 12 else " de la tarde"
        case _:
            return ""


def _value(roman: str) -> int:
    values = [_VALUES[letter] for letter in roman.casefold()]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))
