"""Spells the digits of a Spanish text: `el 3,5 % de 1.200` is `el tres coma cinco por ciento de
mil doscientos`.

Sources disagree on how a written number is spoken. What is chosen here:

    1.200      mil doscientos               a point before three digits parts thousands
    3,14       tres coma catorce            up to three digits after the comma are one number,
    3,1415     tres coma catorce quince      more are read in pairs,
    3,05       tres coma cero cinco          and a pair that opens with 0 digit by digit
    3.5        tres punto cinco             any other point is read as it is written
    7:30       siete y media                :00 is silent, :15 y cuarto, else `y` and the minutes
    2.ª, 3er   segunda, tercer              11 undécimo, 12 duodécimo, 13 decimotercero
    5,50 €     cinco euros cincuenta céntimos
    007        cero cero siete              a leading zero: digit by digit
"""

from __future__ import annotations

import re

from num2words import num2words

LONGEST_NUMBER = 15  # digits; a longer string is a code, read digit by digit
ORDINAL_DIGITS = 3  # a longer ordinal is spoken as a cardinal

_INTEGER = r"(?:\d{1,3}(?:[.\u00a0\u202f]\d{3})+|\d+)"
_FRACTION = r"(?:,(?P<fraction>\d+))?"
_CLOCK = re.compile(r"(?<![\d:.,])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])", re.ASCII)
_ORDINAL = re.compile(rf"(?<![\d.,])({_INTEGER})\.?(º|ª|er\b|ᵉʳ)", re.ASCII | re.I)
_EUROS = re.compile(
    rf"€\s?(?P<before>{_INTEGER}(?:,\d{{1,2}})?)(?![\d,])"
    rf"|(?<![\d,.])(?P<after>{_INTEGER}(?:,\d{{1,2}})?)\s?€",
    re.ASCII,
)
_NUMBER = re.compile(
    rf"(?P<minus>(?<![\w)])[-\u2212])?(?P<whole>{_INTEGER}){_FRACTION}(?:\.(?P<decimal>\d+))?",
    re.ASCII,
)

# num2words 0.5.14 writes 11 as "décimoprimero", parts 13 to 19 and 21 to 29 into two words, and
# misspells 40, 400, 700 and 800.
_ORDINAL_REPAIRS = (
    ("décimoprimero", "undécimo"),
    ("décimosegundo", "duodécimo"),
    ("décimo octavo", "decimoctavo"),
    ("vigésimo octavo", "vigesimoctavo"),
    ("décimo (?=.)", "decimo"),
    ("vigésimo (?=.)", "vigesimo"),
    ("quadragésimo", "cuadragésimo"),
    ("cuadrigentésimo", "cuadringentésimo"),
    ("(sep|oc)tigentésimo", r"\1tingentésimo"),
)


def spell_numbers(text: str) -> str:
    """Return `text` with every number of ASCII digits in words; case folded text is expected."""
    text = _CLOCK.sub(lambda found: f" {_clock(int(found[1]), int(found[2]))} ", text)
    text = _ORDINAL.sub(lambda found: f" {_ordinal(_plain(found[1]), found[2])} ", text)
    text = _EUROS.sub(lambda found: f" {_euros(found['before'] or found['after'])} ", text)
    text = _NUMBER.sub(lambda found: f" {_number(found)} ", text)
    return text.replace("%", " por ciento ").replace("€", " euros ")


def cardinal(digits: str) -> str:
    """Spell an integer of plain digits: `21000` is `veintiún mil`, `007` is `cero cero siete`."""
    if len(digits) > LONGEST_NUMBER or (digits[0] == "0" and len(digits) > 1):
        return " ".join(_small(int(digit)) for digit in digits)
    return _small(int(digits))


def _small(number: int) -> str:
    spelled = str(num2words(number, lang="es"))
    spelled = re.sub(r"\bveintiuno (?=mil)", "veintiún ", spelled)
    return re.sub(r"\buno (?=mil)", "un ", spelled)


def _clock(hour: int, minute: int) -> str:
    spelled = re.sub(r"uno$", "una", _small(hour))
    match minute:
        case 0:
            return spelled
        case 15:
            return f"{spelled} y cuarto"
        case 30:
            return f"{spelled} y media"
        case _:
            return f"{spelled} y {_small(minute)}"


def _ordinal(digits: str, mark: str) -> str:
    if len(digits) > ORDINAL_DIGITS or int(digits) == 0:
        return cardinal(digits)
    spelled = str(num2words(int(digits), lang="es", to="ordinal"))
    for written, spoken in _ORDINAL_REPAIRS:
        spelled = re.sub(written, spoken, spelled)
    match mark.casefold():
        case "ª":
            return re.sub(r"o\b", "a", spelled)
        case "er" | "ᵉʳ":
            return re.sub(r"(prim|terc)ero$", r"\1er", spelled)
        case _:
            return spelled


def _euros(amount: str) -> str:
    whole, _, cents = amount.partition(",")
    euros = _counted(_plain(whole), "euro")
    return f"{euros} {_counted(cents.ljust(2, '0'), 'céntimo')}".strip() or "cero euros"


def _counted(digits: str, unit: str) -> str:
    if not (digits := digits.lstrip("0")):
        return ""
    spelled = re.sub(r"veintiuno$", "veintiún", cardinal(digits))
    return f"{re.sub(r'uno$', 'un', spelled)} {unit}{'' if digits == '1' else 's'}"


def _number(found: re.Match[str]) -> str:
    spelled = cardinal(_plain(found["whole"]))
    if found["fraction"]:
        spelled += f" coma {_fraction(found['fraction'])}"
    if found["decimal"]:
        spelled += f" punto {_fraction(found['decimal'])}"
    return f"menos {spelled}" if found["minus"] else spelled


def _fraction(digits: str) -> str:
    if len(digits) <= 3 and not digits.startswith("0"):
        return cardinal(digits)
    return " ".join(cardinal(digits[i : i + 2]) for i in range(0, len(digits), 2))


def _plain(number: str) -> str:
    return re.sub(r"\D", "", number)
