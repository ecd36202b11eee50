"""Numbers, clock times, dates and amounts in Spanish words, drawn at random.

Whatever can be numbered is either for training or held out, decided by a digest, so that a test
sentence never repeats a value above thirty that training has seen.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Mapping

from num2words import num2words

WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio"),
    *("agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
HELD_OUT_ONE_IN = 8  # share of numbers, times and dates kept from training


def is_held_out(value: object) -> bool:
    """Say whether a numbered value belongs to the test side; decided by its digest alone."""
    return hashlib.sha256(str(value).encode()).digest()[0] % HELD_OUT_ONE_IN == 0


def cardinal(number: int) -> str:
    """Write a number in words: 21 is 'veintiuno'."""
    return str(num2words(number, lang="es"))


def before_noun(number: int, feminine: bool = False) -> str:
    """Write a number as it stands before a noun: 21 is 'veintiún' (días) or 'veintiuna' (horas)."""
    words = cardinal(number)
    if feminine:
        words = re.sub(r"uno$", "una", words)
        return re.sub(r"cientos\b", "cientas", words).replace("quinientos", "quinientas")
    return re.sub(r"\buno$", "un", re.sub(r"veintiuno$", "veintiún", words))


class Draw:
    """Draws values from one side of the held-out line."""

    def __init__(self, rng: random.Random, held_out: bool) -> None:
        self.rng = rng
        self.held_out = held_out

    def among(self, draw: Callable[[], object]) -> object:
        """Draw until the value is on this side (one in HELD_OUT_ONE_IN is held out)."""
        while True:
            value = draw()
            if is_held_out(value) == self.held_out:
                return value

    def number(self, low: int, high: int) -> int:
        """Draw a number; up to 30 both sides share, for there are too few of them to part."""
        if high <= 30:
            return self.rng.randint(low, high)
        return int(str(self.among(lambda: self.rng.randint(max(low, 31), high))))

    def amount(self, high: int, *, few: float) -> int:
        """Draw 2..30 with probability `few`, else 31..high."""
        return self.number(2, 30) if self.rng.random() < few else self.number(31, high)


def _time(draw: Draw) -> str:
    hour, minute = divmod(
        int(
            str(
                draw.among(
                    lambda: (
                        draw.rng.randrange(12 * 60) // 5 * 5
                        + draw.rng.choice((0, 0, 0, 1, 2, 3, 4))
                    )
                )
            )
        ),
        60,
    )
    hour = hour or 12
    article = "la" if hour == 1 else "las"
    spell = before_noun(hour, feminine=True)
    match minute:
        case 0:
            tail = draw.rng.choice(("", "", " en punto"))
        case 15:
            tail = " y cuarto"
        case 30:
            tail = " y media"
        case 45 if hour < 12:
            spell = before_noun(hour + 1, feminine=True)
            article, tail = "las", " menos cuarto"
        case m if m > 34 and m % 5 == 0 and hour < 12 and draw.rng.random() < 0.6:
            spell = before_noun(hour + 1, feminine=True)
            article, tail = "las", f" menos {cardinal(60 - m)}"
        case m:
            tail = f" y {cardinal(m)}"
    part = draw.rng.choice(("", "", "", " de la mañana", " de la tarde", " de la noche"))
    return f"{article} {spell}{tail}{part}"


def _date(draw: Draw) -> str:
    kind = draw.rng.random()
    if kind < 0.2:
        return draw.rng.choice(
            ("mañana", "hoy", "pasado mañana", "esta tarde", "esta noche", "mañana por la mañana")
        )
    if kind < 0.4:
        return f"{draw.rng.choice(('el', 'el', 'el próximo', 'este'))} {draw.rng.choice(WEEKDAYS)}"
    day, month = str(
        draw.among(lambda: f"{draw.rng.randint(1, 31)}/{draw.rng.choice(MONTHS)}")
    ).split("/")
    words = (
        "uno"
        if day == "1" and draw.rng.random() < 0.5
        else "primero"
        if day == "1"
        else cardinal(int(day))
    )
    weekday = f"{draw.rng.choice(WEEKDAYS)} " if draw.rng.random() < 0.15 else ""
    return f"el {weekday}{words} de {month}"


def _number(draw: Draw) -> str:
    high = draw.rng.choice((99, 99, 999, 999, 9_999, 99_999))
    return cardinal(draw.number(31, high) if draw.rng.random() < 0.9 else draw.rng.randint(0, 30))


def _digits(draw: Draw, low: int = 3, high: int = 6) -> str:
    length = draw.rng.randint(low, high)
    drawn = str(draw.among(lambda: "".join(draw.rng.choice("0123456789") for _ in range(length))))
    return " ".join(cardinal(int(d)) for d in drawn)


def _phone(draw: Draw) -> str:
    if draw.rng.random() < 0.5:
        return _digits(draw, 7, 9)
    first = _digits(draw, 3, 3)
    return f"{first} {' '.join(cardinal(draw.number(31, 99)) for _ in range(3))}"


def _duration(draw: Draw) -> str:
    minutes = draw.number(2, 30) if draw.rng.random() < 0.5 else draw.number(31, 90)
    return draw.rng.choice(
        (
            f"{before_noun(minutes)} minutos",
            f"{before_noun(minutes)} minutos",
            f"{before_noun(draw.number(2, 12), feminine=True)} horas",
            "una hora y media",
            "media hora",
            f"{before_noun(draw.number(31, 90))} segundos",
            f"una hora y {before_noun(draw.number(2, 30))} minutos",
            f"{before_noun(draw.number(2, 20))} días",
        )
    )


def _percent(draw: Draw) -> str:
    many = draw.rng.random() < 0.7
    return f"{cardinal(draw.number(31, 100) if many else draw.number(1, 30))} por ciento"


def _temperature(draw: Draw) -> str:
    return f"{before_noun(draw.amount(250, few=0.7))} grados"


def _money(draw: Draw) -> str:
    amount = before_noun(draw.amount(2_000, few=0.4))
    unit = draw.rng.choice(("euros", "euros", "pesos", "soles", "dólares"))
    cents = f" con {cardinal(draw.number(31, 99))}" if draw.rng.random() < 0.25 else ""
    return f"{amount} {unit}{cents}"


def _calc(draw: Draw) -> str:
    left = cardinal(draw.number(31, 500) if draw.rng.random() < 0.6 else draw.number(2, 30))
    right = cardinal(draw.number(2, 30))
    return draw.rng.choice(
        (
            f"{left} por {right}",
            f"{left} más {right}",
            f"{left} menos {right}",
            f"{left} entre {right}",
            f"la mitad de {left}",
            f"el doble de {left}",
            f"el {right} por ciento de {left}",
        )
    )


def _decimal(draw: Draw) -> str:
    point = draw.rng.choice(("coma", "coma", "punto"))
    return f"{cardinal(draw.number(0, 30))} {point} {cardinal(draw.number(1, 9))}"


def _quantity(draw: Draw) -> str:
    few = before_noun(draw.number(2, 12))
    return draw.rng.choice(
        (
            f"{few} kilos de",
            "un kilo de",
            "medio kilo de",
            f"{few} litros de",
            f"{few} paquetes de",
            "una bolsa de",
            "un poco de",
            "una caja de",
        )
    )


def _distance(draw: Draw) -> str:
    unit = draw.rng.choice(("kilómetros", "kilómetros", "metros"))
    return f"{before_noun(draw.amount(900, few=0.5))} {unit}"


_ORDINALS = (
    "primer",
    "segundo",
    "tercer",
    "cuarto",
    "quinto",
    "sexto",
    "séptimo",
    "octavo",
    "noveno",
    "décimo",
)

NUMBERED: Mapping[str, Callable[[Draw], str]] = {
    "time": _time,
    "date": _date,
    "weekday": lambda draw: draw.rng.choice(WEEKDAYS),
    "month": lambda draw: draw.rng.choice(MONTHS),
    "number": _number,
    "small": lambda draw: cardinal(draw.number(2, 20)),
    "digits": _digits,
    "phone": _phone,
    "duration": _duration,
    "percent": _percent,
    "temperature": _temperature,
    "money": _money,
    "year": lambda draw: cardinal(draw.number(1_492, 2_049)),
    "ordinal_m": lambda draw: draw.rng.choice(_ORDINALS),
    "calc": _calc,
    "decimal": _decimal,
    "quantity": _quantity,
    "distance": _distance,
}
