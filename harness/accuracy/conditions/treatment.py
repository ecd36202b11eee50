"""What is done to a clip: its kind and how much of it, as one short name.

>>> str(Treatment(Kind.WHITE, 10)), str(Treatment(Kind.MULAW))
('white 10', 'mulaw')
>>> Treatment.read("reverb 0.6")
Treatment(kind=<Kind.REVERB: 'reverb'>, level=0.6)
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Self


class Kind(StrEnum):
    """What a treatment does; its level in brackets."""

    WHITE = "white"  # Gaussian noise [dB of SNR over the active speech level]
    PINK = "pink"  # noise of equal energy in every octave from 20 Hz [the same]
    BABBLE = "babble"  # other speakers of the same set, together [the same]
    TELEPHONE = "telephone"  # 300 to 3400 Hz through 8 kHz [none]
    MULAW = "mulaw"  # the same, and G.711 mu-law: 8 bits a sample [none]
    GAIN = "gain"  # louder or quieter [dB]
    CLIPPING = "clipping"  # cut off so far below the clip's own peak [dB]
    REVERB = "reverb"  # a room [RT60 in seconds]
    SPEED = "speed"  # played so much faster, the pitch with it [factor]


NOISES = (Kind.WHITE, Kind.PINK, Kind.BABBLE)
PLAIN = (Kind.TELEPHONE, Kind.MULAW)  # without a level

_TITLES = {
    Kind.WHITE: "White noise",
    Kind.PINK: "Pink noise",
    Kind.BABBLE: "Babble",
    Kind.TELEPHONE: "Telephone band",
    Kind.MULAW: "Telephone band",
    Kind.GAIN: "Gain",
    Kind.CLIPPING: "Clipping",
    Kind.REVERB: "Reverberation",
    Kind.SPEED: "Speed",
}


class Treatment(NamedTuple):
    """One kind at one level."""

    kind: Kind
    level: float = 0.0  # as `Kind` says; 0 where it has none

    def __str__(self) -> str:
        """Return the name under which transcripts are stored."""
        return self.kind.value if self.kind in PLAIN else f"{self.kind.value} {self.level:g}"

    @classmethod
    def read(cls, name: str) -> Self:
        """Read a name that `str` wrote.

        Raises:
            ValueError: it is none.
        """
        kind, _, level = name.partition(" ")
        return cls(Kind(kind), float(level or 0))

    @property
    def title(self) -> str:
        """Name the kind for a person."""
        return _TITLES[self.kind]

    @property
    def amount(self) -> str:
        """Write how much of it for a person."""
        match self.kind:
            case Kind.TELEPHONE:
                return "linear"
            case Kind.MULAW:
                return "mu-law"
            case Kind.GAIN:
                return f"{self.level:+g} dB"
            case Kind.CLIPPING:
                return f"{self.level:g} dB"
            case Kind.REVERB:
                return f"RT60 {self.level:g} s"
            case Kind.SPEED:
                return f"× {self.level:g}"
            case _:
                return f"SNR {self.level:g} dB"
