"""Spanish sentences of an assistant's day, from templates, slot values and numbers in words.

A template is a line such as `[Pon|Ponme] una alarma a {time}.`: brackets hold alternatives, braces
hold slots. Slots of open classes come from a YAML list; numbers, times and dates from `numbered`.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from models.reference.numbered import NUMBERED, Draw

SYMBOLS = ("<blank>", " ", *"abcdefghijklmnopqrstuvwxyz", *"áéíóúñü")

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_NOT_SPOKEN = re.compile(r"[^a-záéíóúñü ]+")


def spoken(text: str) -> str:
    """Return `text` as the recogniser writes it: lower case, the letters of SYMBOLS, one space."""
    lowered = unicodedata.normalize("NFC", text).lower()
    return " ".join(_NOT_SPOKEN.sub(" ", lowered).split())


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """Templates with their slot values, and which side of the held-out line they stand on."""

    templates: Sequence[tuple[str, str]]  # (condition, template)
    slots: Mapping[str, Sequence[str]]
    held_out: bool  # True: numbers come from the held-out side only

    @classmethod
    def read(cls, templates: Path, slots: Path, *, held_out: bool) -> Grammar:
        """Read a template file and its YAML of slot values.

        Raises:
            ValueError: a template uses a slot that neither the values nor this module define.
        """
        values = yaml.safe_load(slots.read_text("utf-8"))
        rows, condition = [], "command"
        for line in templates.read_text("utf-8").splitlines():
            if found := re.match(r"#\s*condition:\s*(\w+)", line):
                condition = found[1]
            elif line.strip() and not line.startswith("#"):
                rows.append((condition, line.strip()))
        known = set(values) | set(NUMBERED)
        if unknown := {s for _, row in rows for s in _SLOT.findall(row)} - known:
            raise ValueError(
                f"{templates}: unknown slots {sorted(unknown)}; known: {sorted(known)}"
            )
        return cls(templates=rows, slots=values, held_out=held_out)

    def sentence(self, rng: random.Random, template: str | None = None) -> str:
        """Fill one template (a random one when none is given) and mend its contractions."""
        template = template or rng.choice(self.templates)[1]
        chosen = _CHOICE.sub(lambda m: rng.choice(m[1].split("|")), template)
        return _contract(_SLOT.sub(lambda m: self._value(m[1], rng), chosen))

    def _value(self, slot: str, rng: random.Random) -> str:
        if slot in self.slots:
            return rng.choice(self.slots[slot])
        return NUMBERED[slot](Draw(rng, self.held_out))


def _contract(text: str) -> str:
    text = re.sub(r"\b([Dd])e el\b", r"\1el", text)
    text = re.sub(r"\b([Aa]) el\b", r"\1l", text)
    text = re.sub(r"\s+([,.?!])", r"\1", re.sub(r"\s+", " ", text)).strip()
    return re.sub(r"^([¿¡]?)(\w)", lambda m: m[1] + m[2].upper(), text)
