"""Other forms in which what is written may be spoken: `7:30` is siete y media, and siete treinta.

A view writes a text in one way. Where that way differs from the other text, each of these forms is
as right, and the one that makes fewest errors is counted, as sclite takes the best of `{ a / b }`:

    1,5  1.5        uno coma cinco   uno punto, con cinco   uno y medio, media   coma uno cuatro
    7:30  15:30     y media          siete treinta          tres y media de la tarde
    7:45  7:00      y cuarenta y cinco   ocho menos cuarto  siete en punto, siete horas
    1.30            uno punto treinta    una y media
    2 h 30 min      dos horas ...    dos y media
    2024  123       as a number      veinte veinticuatro    uno dos tres
    5 %             por ciento       por cien
    2.º  28°        segundo, grados  dos                    vigesimoctavo
    abril 30        as it stands     treinta de abril       abr., vier. in full
    V  VII          as it stands     quinto, quinta, cinco
    est, gmt-3      as it stands     e s t                  g m t menos tres
    + - = /s        as it stands     más, menos, es igual a, por segundo
    6 fr, q50,10    as it stands     seis francos           and a few other codes of money

Nothing else is forgiven: a form is a reading of its own digits or letters, never of others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from harness.accuracy.cardinals import Form, small
from harness.accuracy.dates import MONTHS
from harness.accuracy.ordinals import ordinal

ROUNDS = 20  # places of one utterance that are read otherwise, at most
MOST = 400  # other forms of one utterance that are tried in a round
WORK = 1_000_000  # characters that are tried for one utterance: what is beyond stands as it is

Texts = tuple[str, str]  # what was said, what was heard
Edits = Callable[[Sequence[Texts]], list[int]]  # errors of each pair of texts
Forms = Callable[[re.Match[str]], Iterator[str]]

_DAYS = {"lun": "lunes", "mar": "martes", "mié": "miércoles", "mie": "miércoles"}
_DAYS |= {"jue": "jueves", "vie": "viernes", "sáb": "sábado", "sab": "sábado", "dom": "domingo"}
_MONTHS = {month[:3]: month for month in MONTHS}
_MONEY = {
    "fr": ("franco", "francos"),
    "mk": ("marco", "marcos"),
    "bop": ("peso boliviano", "pesos bolivianos"),
    "ttd": ("dólar de trinidad y tobago", "dólares de trinidad y tobago"),
    "awg": ("florín arubeño", "florines arubeños"),
    "q": ("quetzal", "quetzales"),
}
_PER = {"s": "segundo", "min": "minuto", "h": "hora"}
_SIGNS = {"+": ("más",), "-": ("menos",), "\u2212": ("menos",), "=": ("es igual a", "igual a")}
_ROMAN = r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1_000}


def closest(said: str, heard: str, edits: Edits) -> Texts:
    """Return both texts in the forms that differ least; as given where no other form is closer.

    Args:
        said: the reference.
        heard: the hypothesis.
        edits: counts the errors of pairs of texts in a view.
    """
    found, left = (said, heard), WORK
    for _ in range(ROUNDS):
        most = max(0, min(MOST, left // (len(found[0]) + len(found[1]) + 1)))
        tried = [found, *islice(_pairs(*found), most)]
        if len(tried) == 1:
            break
        left -= sum(map(len, chain.from_iterable(tried)))
        costs = edits(tried)
        least = costs.index(min(costs))
        if not least:  # the first of equals: as it stands
            break
        found = tried[least]
    return found


def forms_of(text: str) -> Iterator[str]:
    """Yield the text with one place of it in another form; NFC is expected, any case."""
    for pattern, forms in _RULES:
        for place in pattern.finditer(text):
            for form in forms(place):
                yield f"{text[: place.start()]} {form} {text[place.end() :]}"


def _pairs(said: str, heard: str) -> Iterator[Texts]:
    for form in forms_of(said):
        yield form, heard
    for form in forms_of(heard):
        yield said, form


def _decimal(found: re.Match[str]) -> Iterator[str]:
    whole, after = found[1], found[2]
    for word in ("coma", "punto", "con"):
        yield f"{whole} {word} {after}"
        yield f"{whole} {word} {' '.join(after)}"
    if after == "5":
        yield f"{whole} y medio"
        yield f"{whole} y media"


def _time(found: re.Match[str]) -> Iterator[str]:
    hour, minute = int(found[1]), int(found[2])
    yield from _clock(hour, minute)
    if hour > 12:
        for form in _clock(hour - 12, minute):
            yield form
            if hour <= 20:
                yield f"{form} de la tarde"
            if hour >= 19:
                yield f"{form} de la noche"
    elif not hour:
        yield from _clock(12, minute)


def _clock(hour: int, minute: int) -> Iterator[str]:
    spoken, minutes = small(hour, Form.FEMININE), small(minute)
    if not minute:
        yield from (spoken, f"{spoken} en punto", f"{spoken} horas")
        return
    part = {15: "cuarto", 30: "media"}.get(minute, minutes)
    yield from (f"{spoken} y {part}", f"{spoken} y {minutes}", f"{spoken} {minutes}")
    if minute < 10:
        yield f"{spoken} cero {minutes}"
    if minute > 30:
        left = "cuarto" if minute == 45 else small(60 - minute)
        yield f"{small(hour % 12 + 1, Form.FEMININE)} menos {left}"


def _duration(found: re.Match[str]) -> Iterator[str]:
    yield ":".join(part.zfill(2) for part in found.groups() if part)


def _digits(found: re.Match[str]) -> Iterator[str]:
    digits = found[0]
    yield " ".join(digits)
    if len(digits) % 2 == 0:
        yield " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _ordinal(found: re.Match[str]) -> Iterator[str]:
    yield found[1]
    if found[2] != "ª":
        yield from (f"{found[1]}º", f"{found[1]} grados")


def _date(found: re.Match[str]) -> Iterator[str]:
    month = _MONTHS[found["month"].casefold()[:3]]
    day = found["after"] or found["before"]
    yield f"{day} de {month}" + (f" de {found['year']}" if found["year"] else "")


def _roman(found: re.Match[str]) -> Iterator[str]:
    letters = found[0].casefold()
    if re.fullmatch(_ROMAN, letters):
        values = [_VALUES[letter] for letter in letters]
        pairs = zip(values, [*values[1:], 0], strict=True)
        value = sum(-one if one < after else one for one, after in pairs)
        yield from (str(value), ordinal(str(value), "º"), ordinal(str(value), "ª"))


def _money(found: re.Match[str]) -> Iterator[str]:
    one, many = _MONEY[(found["code"] or found["sign"]).casefold()]
    whole, cents = found["of"] or found["whole"], found["cents"]
    yield (f"un {one}" if whole == "1" else f"{whole} {many}") + (
        f" {cents} centavos" if cents else ""
    )


def _rule(pattern: str, forms: Forms) -> tuple[re.Pattern[str], Forms]:
    return re.compile(pattern, re.I), forms


_APART, _END = r"(?<![\w.,:/])", r"(?![.,:/]?[0-9]|\w)"
_NAMES = "|".join([*MONTHS, "setiembre", *(rf"{short}\b\.?" for short in _MONTHS)])
_CODES = "|".join(_MONEY)
_RULES = (
    _rule(rf"{_APART}([0-9]+)[.,]([0-9]+){_END}", _decimal),
    _rule(rf"{_APART}([01]?[0-9]|2[0-4])[:.h]([0-5][0-9]){_END}", _time),
    _rule(
        r"\b([0-9]{1,2})\s?h\s?([0-9]{1,2})\s?m(?:in)?\b(?:\s?([0-9]{1,2})\s?s(?:eg)?\b)?",
        _duration,
    ),
    _rule(r"\b([0-9]{1,2})h([0-9]{2})m([0-9]{2})s\b", _duration),
    _rule(rf"{_APART}[0-9]{{3,8}}{_END}", _digits),
    _rule(r"(?<=[0-9])\s?%", lambda found: iter(("por cien",))),
    _rule(r"\b([0-9]+)\s?\.?([ºª°])(?!\s?[cfk]\b)", _ordinal),
    _rule(
        rf"\b(?:(?P<before>[0-9]{{1,2}}) )?(?P<month>{_NAMES})"
        r"(?(before)| (?P<after>[0-9]{1,2})\b)(?: (?P<year>[0-9]{4})\b)?",
        _date,
    ),
    _rule(
        r"\b(lun|mar|mi[ée]|jue|vie|s[áa]b|dom)r?\.",
        lambda found: iter((_DAYS[found[1].casefold()],)),
    ),
    _rule(r"\b(?:[ivx]+|(?<=año )[ivxlcdm]+)\b", _roman),
    _rule(r"\be\.?\s?c\b\.?", lambda found: iter(("era común",))),
    _rule(
        r"\b(?:[bcdfghjklmnñpqrstvwxz]{2,5}|est|utc|psi|pyt)\b",
        lambda found: iter((" ".join(found[0]),)),
    ),
    _rule(
        r"[+=\u2212-](?=\s?[0-9])|(?<=\s)[+=\u2212-](?=\s)", lambda found: iter(_SIGNS[found[0]])
    ),
    _rule(r"(?<=[0-9])/(s|min|h)\b", lambda found: iter((f"por {_PER[found[1].casefold()]}",))),
    _rule(
        rf"\b(?P<code>{_CODES})\s?(?P<of>[0-9]+)(?:,(?P<cents>[0-9]{{2}}))?\b"
        rf"|\b(?P<whole>[0-9]+)\s?(?P<sign>{_CODES})\b",
        _money,
    ),
)
