"""Speech by espeak-ng, through its C library, with the phonemes' times.

libespeak-ng holds one voice per process: use one process per core, never threads. Unknown voice
variants fall back to the plain voice without a word, so `voices` tells variants apart by the
digest of what they say.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from agents.features import SAMPLE_RATE

_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_EVENTS_IN_IPA = 0x0001, 0x0003
_UTF8, _MNEMONICS = 1, 0x100
_RATE, _VOLUME, _PITCH, _RANGE, _WORD_GAP = 1, 2, 3, 4, 7
_PHONEME = 7


@dataclass(frozen=True, kw_only=True)
class Voice:
    """One setting of the synthesiser; two utterances share a voice when all of these agree."""

    language: str  # "es" (Castilian) or "es-419" (Latin American)
    variant: str  # name of an espeak-ng variant, "" for the plain voice
    rate: int = 165  # words per minute
    pitch: int = 50  # 0..99
    range: int = 50  # 0..99, liveliness of the pitch
    gap: int = 0  # pause between words, in 10 ms

    @property
    def name(self) -> str:
        return f"{self.language}+{self.variant}" if self.variant else self.language


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What espeak-ng said."""

    samples: NDArray[np.float32]  # [n], mono at SAMPLE_RATE, range -1..1
    phonemes: tuple[tuple[float, str], ...]  # (start in seconds, IPA symbol or espeak-ng's name)


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # milliseconds
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class Espeak:
    """The synthesiser of this process.

    Raises:
        OSError: libespeak-ng is not installed (Debian: `apt-get install espeak-ng`).
        RuntimeError: the library refuses to start.
    """

    def __init__(self, *, ipa: bool = True) -> None:
        self._lib = ctypes.CDLL("libespeak-ng.so.1")
        events = _PHONEME_EVENTS_IN_IPA if ipa else _PHONEME_EVENTS
        self.sample_rate = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, None, events)
        if self.sample_rate <= 0:
            raise RuntimeError("espeak_Initialize failed: is the package espeak-ng-data installed?")
        self._audio: list[NDArray[np.int16]] = []
        self._phonemes: list[tuple[float, str]] = []
        self._callback = _CALLBACK(self._receive)
        self._lib.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, voice: Voice, *, volume: int = 100, mnemonics: bool = False) -> Speech:
        """Synthesise `text`, resampled to SAMPLE_RATE.

        Args:
            text: Spanish.
            voice: one setting of the synthesiser.
            volume: 0..200, 100 is the usual amplitude.
            mnemonics: read what stands in [[ ]] as espeak-ng's names of phonemes.
        """
        if self._lib.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise RuntimeError(f"espeak-ng knows no voice {voice.name!r}")
        parameters = ((_RATE, voice.rate), (_PITCH, voice.pitch), (_RANGE, voice.range))
        for parameter, value in (*parameters, (_VOLUME, volume), (_WORD_GAP, voice.gap)):
            self._lib.espeak_SetParameter(parameter, value, 0)
        self._audio.clear()
        self._phonemes.clear()
        data = text.encode() + b"\0"
        flags = _UTF8 | (_MNEMONICS if mnemonics else 0)
        self._lib.espeak_Synth(data, len(data), 0, 0, 0, flags, None, None)
        heard = np.concatenate([*self._audio, np.zeros(1, np.int16)]).astype(np.float32) / 32_768
        samples = soxr.resample(heard, self.sample_rate, SAMPLE_RATE)
        return Speech(samples=samples, phonemes=tuple(self._phonemes))

    def _receive(self, wav, count: int, events) -> int:  # type: ignore[no-untyped-def]
        if wav and count > 0:
            self._audio.append(np.ctypeslib.as_array(wav, (count,)).copy())
        index = 0
        while events[index].type != 0:
            event = events[index]
            if event.type == _PHONEME:
                name = event.id.string.decode("utf-8", "ignore")
                self._phonemes.append((event.audio_position / 1_000, name))
            index += 1
        return 0
