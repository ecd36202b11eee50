"""Numbers of a Spanish text in words, as they are read aloud.

    1.200, 12 000     mil doscientos, doce mil            3,14    tres coma catorce
    3,05              tres coma cero cinco                 3.5     tres punto cinco
    21 días, 1 casa   veintiún días, una casa              007     cero cero siete
    600123456         digit by digit, from nine digits on
    15/8/2024, 1 de mayo     quince de agosto de dos mil veinticuatro, primero de mayo
    18:45, 7:30 h, 3 p. m.   dieciocho y cuarenta y cinco, siete y media, tres de la tarde
    4.º, 2ª, 3er             cuarto, segunda, tercer
    5,50 €, $3, 12 %, -4 °C  see `units`

The words of the numbers come from num2words.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from agents.errors import MissingDependencyError
from agents.voice.units import CURRENCIES, UNITS, Noun

MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "setiembre", "octubre", "noviembre", "diciembre"),
)
_NUMBERED_MONTHS = tuple(month for month in MONTHS if month != "setiembre")
CODE = 9  # digits: a number so long is a telephone number or a code, read digit by digit

_WHOLE = r"\d{1,3}(?:\.\d{3})+(?![\d.]|,\d{3}\.)|\d+"
_NUMBER = rf"(?P<minus>(?<![\w.,])[-−])?(?P<whole>{_WHOLE})(?:,(?P<part>\d+))?"
_START, _STOP = r"(?<![\w.,])", r"(?!\w)"
_SPACE = "[ \u00a0\u202f]?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_MONEY = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_HALF = r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?)"

_PARTED = re.compile(r"(?<![\w.,])([1-9]\d{0,2})((?:[ \u00a0\u202f]\d{3})+)(?![\w]|[ .,]\d)")
_DATE = re.compile(r"(?<![\w./-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\w/-])")
_ISO = re.compile(r"(?<![\w./-])(\d{4})-(\d{2})-(\d{2})(?![\w/-])")
_FIRST = re.compile(rf"{_START}1(?= de (?:{'|'.join(MONTHS)})\b)")
_CLOCK = re.compile(rf"(?<![\w:.,])([01]?\d|2[0-4]):([0-5]\d)(?:{_HALF}|\s?hs?\b)?(?![\w:])")
_BARE_HOUR = re.compile(rf"(?<![\w:.,])(1[0-2]|0?\d){_HALF}(?!\w)")
_ENDINGS = "er|ero|era|do|da|ro|ra|to|ta|mo|ma|vo|va|no|na"  # 1er, 2do, 3ra
_ORDINAL = re.compile(rf"{_START}(\d{{1,4}})(?:\.?(º|ª|°(?! ?[cCfF]))|\.?({_ENDINGS})){_STOP}")
_AMOUNT = rf"(?P<whole>{_WHOLE})(?:[,.](?P<part>\d{{1,2}}))?"
_BEFORE = re.compile(rf"(?P<sign>{_MONEY}){_SPACE}{_AMOUNT}(?![\w]|[.,]\d)")
_AFTER = re.compile(
    rf"{_START}{_AMOUNT}(?P<big> mil| mill[oó]n(?:es)?)?{_SPACE}(?P<sign>{_MONEY}){_STOP}"
)
_MEASURE = re.compile(rf"{_START}{_NUMBER}{_SPACE}(?P<unit>{_UNIT})(?![\w²³/])")
_PLAIN = re.compile(rf"{_NUMBER}(?P<points>(?:\.\d+)*)")
_NEXT = re.compile(r" (\w+)")
_WORDS = re.compile(r"\w+")
# Words after a number that it does not count.
_NO_NOUN = frozenset(
    _WORDS.findall(
        "de del y o u e a al en por con para que más menos entre se es son era fue como si no ni "
        "ha han hasta desde sobre tras sin grados coma punto mil la el las los"
    )
)
_MASCULINE = frozenset(  # though they end like feminine nouns
    _WORDS.findall(
        "día días problema problemas programa programas tema temas idioma idiomas sistema sistemas "
        "planeta planetas mapa mapas poema poemas"
    )
)
_FEMININE = frozenset(  # though they do not
    _WORDS.findall(
        "vez veces noche noches tarde tardes clase clases parte partes calle calles llave llaves "
        "nube nubes luz luces flor flores canción canciones habitación habitaciones estación "
        "estaciones serie series imagen imágenes opción opciones reunión reuniones red redes mujer "
        "mujeres"
    )
)


@functools.cache
def cardinal(number: int) -> str:
    """Return a whole number in words: 21 is `veintiuno`."""
    return str(_num2words()(number, lang="es"))


@functools.cache
def ordinal(number: int) -> str:
    """Return the rank of a number in words, masculine: 4 is `cuarto`."""
    return str(_num2words()(number, lang="es", to="ordinal"))


def spell_numbers(text: str) -> str:
    """Return `text`, lower case, with all its numbers in words."""
    if not re.search(r"\d", text):
        return text
    text = _PARTED.sub(_pointed, text)
    text = _ISO.sub(lambda m: _date(m[3], m[2], m[1]) or m[0], text)
    text = _DATE.sub(lambda m: _date(m[1], m[3], m[4]) or m[0], text)
    text = _FIRST.sub("primero", text)
    text = _CLOCK.sub(lambda m: _clock(int(m[1]), int(m[2]), m["half"]), text)
    text = _BARE_HOUR.sub(lambda m: _clock(int(m[1]), 0, m["half"]), text)
    text = _ORDINAL.sub(_rank, text)
    text = _AFTER.sub(_money, _BEFORE.sub(_money, text))
    text = _MEASURE.sub(_measure, text)
    return _PLAIN.sub(_number, text)


def _num2words() -> Any:
    """Import num2words when the first number is met: it costs a tenth of a second."""
    try:
        from num2words import num2words
    except ImportError as error:
        raise MissingDependencyError.of("num2words") from error
    return num2words


def _pointed(found: re.Match[str]) -> str:
    """Write thousands that are parted by spaces with points; leave telephone numbers."""
    groups = found[2].split()
    telephone = len(found[1]) == 3 and "000" not in groups
    return found[0] if telephone else found[1] + "".join(f".{group}" for group in groups)


def _date(day: str, month: str, year: str) -> str | None:
    if not (1 <= int(day) <= 31 and 1 <= int(month) <= 12):
        return None
    spoken = "primero" if int(day) == 1 else cardinal(int(day))
    return f" {spoken} de {_NUMBERED_MONTHS[int(month) - 1]} de {cardinal(int(year))} "


def _clock(hour: int, minute: int, half: str | None) -> str:
    special = {0: "", 15: " y cuarto", 30: " y media"}
    spoken = _feminine(cardinal(hour)) + special.get(minute, f" y {cardinal(minute)}")
    if half == "a":
        spoken += " de la noche" if hour == 12 else " de la mañana"
    elif half == "p":
        late = " de la noche" if 9 <= hour < 12 else " de la tarde"
        spoken += " del mediodía" if hour == 12 else late
    return f" {spoken} "


def _rank(found: re.Match[str]) -> str:
    number, mark, ending = int(found[1]), found[2], found[3] or ""
    if number == 0:
        return found[0]
    spoken = ordinal(number)
    if mark == "ª" or ending.endswith("a"):
        return re.sub(r"o\b", "a", spoken)
    if ending == "er":
        return re.sub("ero$", "er", spoken)
    return spoken


def _money(found: re.Match[str]) -> str:
    unit, cent = CURRENCIES[found["sign"]]
    whole, part = _integer(found["whole"]), (found["part"] or "").ljust(2, "0")
    if big := found.groupdict().get("big"):
        amount = _decimal(found["whole"], found["part"])
        of = "" if big == " mil" else " de"
        return f" {_short(amount)}{big}{of} {unit.many} "
    spoken = [] if whole == 0 and int(part) else [_counted(whole, unit)]
    spoken += [_counted(int(part), cent)] if int(part) else []
    return f" {' '.join(spoken)} "


def _measure(found: re.Match[str]) -> str:
    noun = UNITS[found["unit"]]
    spoken = _decimal(found["whole"], found["part"])
    spoken = spoken if noun.alone else _agreeing(spoken, noun.feminine)
    one = found["whole"] == "1" and not found["part"]
    return f" {'menos ' if found['minus'] else ''}{spoken} {noun.one if one else noun.many} "


def _number(found: re.Match[str]) -> str:
    spoken = _decimal(found["whole"], found["part"])
    spoken += "".join(f" punto {_fraction(part)}" for part in found["points"].split(".")[1:])
    following = _NEXT.match(found.string, found.end())
    if following and not found["part"] and not found["points"]:
        word = following[1]
        if word in ("mil", "millones", "millón"):
            spoken = _short(spoken)
        elif word.isalpha() and word not in _NO_NOUN:
            feminine = word in _FEMININE or (
                word.endswith(("a", "as", "ción", "ciones", "dad", "dades"))
                and word not in _MASCULINE
            )
            spoken = _agreeing(spoken, feminine)
    return f" {'menos ' if found['minus'] else ''}{spoken} "


def _decimal(whole: str, part: str | None) -> str:
    digits = whole.replace(".", "")
    if (len(digits) > 1 and digits[0] == "0") or (len(digits) >= CODE and "." not in whole):
        spoken = " ".join(cardinal(int(digit)) for digit in digits)
    else:
        spoken = cardinal(int(digits)) if len(digits) <= 15 else _digits(digits)
    return f"{spoken} coma {_fraction(part)}" if part else spoken


def _fraction(part: str) -> str:
    """Read up to three digits as one number, more in pairs, and zeros in front one by one."""
    if len(part) > 3:
        return " ".join(_fraction(part[at : at + 2]) for at in range(0, min(len(part), 40), 2))
    rest = part.lstrip("0")
    return " ".join(["cero"] * (len(part) - len(rest)) + ([cardinal(int(rest))] if rest else []))


def _digits(digits: str) -> str:
    return " ".join(cardinal(int(digit)) for digit in digits)


def _integer(whole: str) -> int:
    return int(whole.replace(".", "")[:15])


def _counted(number: int, noun: Noun) -> str:
    spoken = _agreeing(cardinal(number), noun.feminine)
    return f"{spoken} {noun.one if number == 1 else noun.many}"


def _agreeing(spoken: str, feminine: bool) -> str:
    return _feminine(spoken) if feminine else _short(spoken)


def _feminine(spoken: str) -> str:
    spoken = re.sub(r"uno$", "una", spoken)
    return re.sub(r"quinientos", "quinientas", re.sub(r"cientos", "cientas", spoken))


def _short(spoken: str) -> str:
    """Return the form before a masculine noun: `veintiún`, `treinta y un`."""
    return re.sub(r"veintiuno$", "veintiún", re.sub(r"\buno$", "un", spoken))
