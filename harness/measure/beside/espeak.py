"""espeak-ng with the interface of a pipeline that speaks: the system beside ours.

Its library is called within the process, so that no start of a program counts as synthesis. The
config is a JSON object: `voice`, espeak-ng's name of it. Standard library only: the measured
process imports this file, and nothing else of the harness.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import io
import json
import re
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path

LIBRARY = "espeak-ng"
NAMES = ("libespeak-ng.so.1", "libespeak-ng.1.dylib", "libespeak-ng.dll")
INSTALL = "Install it: `apt-get install espeak-ng`."

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: the callback is called before espeak_Synth returns
_UTF8 = 1  # espeakCHARS_UTF8
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4  # espeak_PARAMETER
_WORDS_A_MINUTE, _LOUDNESS, _MIDDLE = 175, 100, 50  # espeak-ng's own defaults
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class EspeakError(Exception):
    """espeak-ng is absent, or refuses a voice or a text."""


def library() -> str | None:
    """Return the name under which espeak-ng's library can be loaded; None where it is absent."""
    for name in (*NAMES, ctypes.util.find_library(LIBRARY)):
        try:
            if name:
                ctypes.CDLL(name)
                return name
        except OSError:
            continue
    return None


class Espeak:
    """One voice of espeak-ng. One thread at a time: the library keeps its state for all."""

    def __init__(self, voice: str) -> None:
        """Load the library and choose the voice.

        Raises:
            EspeakError: the library is not there, or has no such voice.
        """
        name = library()
        if name is None:
            raise EspeakError(f"{LIBRARY}: its library cannot be loaded. {INSTALL}")
        self._library = ctypes.CDLL(name)
        self._library.espeak_Synth.argtypes = [
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint),
            *(ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p),
        ]
        self.rate = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, 0))  # Hz
        if self.rate <= 0 or self._library.espeak_SetVoiceByName(voice.encode()):
            raise EspeakError(f"{LIBRARY} has no voice {voice!r}. See `espeak-ng --voices`.")
        self._samples = bytearray()
        self._hear = _CALLBACK(self._take)  # kept: the library holds no reference to it
        self._library.espeak_SetSynthCallback(self._hear)

    @classmethod
    def from_file(cls, path: str) -> Espeak:
        """Return the voice that a config names."""
        return cls(json.loads(Path(path).read_text("utf-8"))["voice"])

    def generate_audio(self, text: str, emotion: Sequence[float] | None = None) -> bytes:
        """Return `text` as a WAV file: 16 bit, mono.

        Args:
            text: what is said.
            emotion: rate, pitch, pitch range, energy, each from -1 (least) to 1 (most); 0 is the
                voice as it is, and so is None.
        """
        return self._wav(self._spoken(text, emotion))

    def stream_audio(self, text: str, emotion: Sequence[float] | None = None) -> Iterator[bytes]:
        """Yield a WAV file for each sentence of `text`, in order."""
        for sentence in _SENTENCE.split(text):
            yield self._wav(self._spoken(sentence, emotion))

    def _spoken(self, text: str, emotion: Sequence[float] | None) -> bytes:
        rate, pitch, spread, energy = emotion or (0.0, 0.0, 0.0, 0.0)
        for what, value in (
            (_RATE, _WORDS_A_MINUTE * 2 ** (0.5 * rate)),
            (_PITCH, _MIDDLE * (1 + 0.6 * pitch)),
            (_RANGE, _MIDDLE * (1 + 0.8 * spread)),
            (_VOLUME, _LOUDNESS * 10 ** (0.15 * energy)),  # 3 dB
        ):
            self._library.espeak_SetParameter(what, round(value), 0)
        self._samples.clear()
        data = text.encode() + b"\0"
        if self._library.espeak_Synth(data, len(data), 0, 0, 0, _UTF8, None, None):
            raise EspeakError(f"{LIBRARY} does not say {text[:60]!r}.")
        return bytes(self._samples)

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: int) -> int:
        if samples and count > 0:
            self._samples += ctypes.string_at(samples, 2 * count)
        return 0

    def _wav(self, samples: bytes) -> bytes:
        written = io.BytesIO()
        with wave.open(written, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.rate)
            file.writeframes(samples)
        return written.getvalue()
