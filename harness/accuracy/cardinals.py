"""Whole numbers and decimals in Spanish words: `21` is veintiuno, veintiún or veintiuna.

num2words spells them; what it gets wrong is repaired here (0.5.14: "veintiuno mil" for 21 000).
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache

from num2words import num2words

LONGEST_NUMBER = 15  # digits; a longer string is a code, read digit by digit
LONGEST_GROUPED = 24  # digits of a number whose thousands are parted
CODE = 9  # digits in one string: a telephone number or another code, read digit by digit

DIGITS = "[0-9]"
GROUP = "[.\u00a0\u202f]"  # parts thousands; a common space is turned into a point before
INTEGER = rf"(?:[1-9]{DIGITS}{{0,2}}(?:{GROUP}{DIGITS}{{3}})+(?!\.?{DIGITS})|{DIGITS}+)"
AMOUNT = rf"(?P<whole>{INTEGER})(?:,(?P<fraction>{DIGITS}+))?"
APART = r"(?<![\w.,])"  # where a number may open
MINUS = r"(?P<minus>(?<![\w)])[-\u2212])?"

_HUNDREDS = re.compile(r"cientos\b|quinientos\b")
_MILLIONS = re.compile(r"(.*ll(?:ón|ones)|)(.*)")


class Form(Enum):
    """How a number agrees with what it counts."""

    ALONE = auto()  # veintiuno, doscientos
    MASCULINE = auto()  # veintiún, doscientos
    FEMININE = auto()  # veintiuna, doscientas


def cardinal(digits: str, form: Form = Form.ALONE) -> str:
    """Spell plain or grouped digits: `21.000` is `veintiún mil`, `007` is `cero cero siete`."""
    plain = re.sub("[^0-9]", "", digits)
    longest = LONGEST_NUMBER if plain == digits else LONGEST_GROUPED
    if len(plain) > longest or (plain[0] == "0" and len(plain) > 1):
        return " ".join(small(int(digit)) for digit in plain)
    return small(int(plain), form)


@lru_cache(maxsize=10_000)
def small(number: int, form: Form = Form.ALONE) -> str:
    """Spell a number that is not too long to be spoken."""
    spelled = re.sub(r"uno (?=mil|\w+llones)", "un ", str(num2words(number, lang="es")))
    spelled = spelled.replace("veintiun ", "veintiún ")
    if form is Form.MASCULINE:
        return apocopated(spelled)
    if form is Form.FEMININE:
        return _feminine(spelled)
    return spelled


def _feminine(spelled: str) -> str:
    """Millions are masculine themselves: doscientos millones doscientas una libras."""
    kept, tail = _MILLIONS.fullmatch(spelled).groups()  # type: ignore[union-attr]
    tail = _HUNDREDS.sub(lambda found: found[0][:-2] + "as", tail)
    return kept + re.sub(r"uno$", "una", tail)


def apocopated(spelled: str) -> str:
    """Shorten a final `uno`: `veintiuno` is `veintiún`, `treinta y uno` is `treinta y un`."""
    return re.sub(r"uno$", "un", re.sub(r"veintiuno$", "veintiún", spelled))


def fraction(digits: str, form: Form = Form.ALONE) -> str:
    """Spell what stands after the comma: up to three digits as one number, more in pairs."""
    whole = len(digits) <= 3 and not digits.startswith("0")
    parts = [digits] if whole else [digits[i : i + 2] for i in range(0, len(digits), 2)]
    last = cardinal(parts[-1], form)
    if form is Form.MASCULINE:
        last = apocopated(last)
    elif form is Form.FEMININE:
        last = re.sub(r"uno$", "una", last)
    return " ".join([*(cardinal(part) for part in parts[:-1]), last])


def decimal(whole: str, after: str | None, form: Form = Form.ALONE) -> str:
    """Spell a number with or without a comma: `21,5` is `veintiuno coma cinco`."""
    if not after:
        return cardinal(whole, form)
    first = Form.FEMININE if form is Form.FEMININE else Form.ALONE
    return f"{cardinal(whole, first)} coma {fraction(after, form)}"


def is_one(whole: str, after: str | None) -> bool:
    """Say whether what is counted stands in the singular: exactly 1, without decimals."""
    return whole == "1" and not after
