"""A pipeline that speaks tones and hears which text they are: what a test wants of it.

The config is a JSON object: `refuse`, a word at which it raises; `controls`, whether the emotion
moves the tone; `garble`, words that it says as others. Standard library only.
"""

from __future__ import annotations

import io
import json
import struct
import time
import wave
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

RATE = 16_000
MARK = b"said"  # the chunk behind the samples that holds the text


class Talker:
    """Says each word for 0.35 s, gliding upwards."""

    @classmethod
    def from_file(cls, path: str) -> Talker:
        with open(path) as file:
            return cls(json.load(file))

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = told

    def text_front_end(self, text: str) -> str:
        if self.told.get("refuse") and self.told["refuse"] in text:
            raise ValueError(f"no such word: {text}")
        return text

    def acoustic_model(self, tokens: str, emotion: Sequence[float] | None = None) -> dict[str, Any]:
        rate, pitch, spread, energy = emotion or (0.0, 0.0, 0.0, 0.0)
        if not self.told.get("controls", True):
            rate = pitch = spread = energy = 0.0
        words = tokens.split()
        return {
            "text": " ".join(self.told.get("garble", {}).get(word, word) for word in words),
            "seconds": 0.35 * len(words) * 2 ** (-0.5 * rate),
            "hertz": 120 * 2 ** (0.5 * pitch),
            "octaves": 0.2 * 2**spread,
            "peak": 0.3 * 2 ** (0.5 * energy),
        }

    def vocoder(self, mel: Any) -> bytes:
        count, samples, phase = int(mel["seconds"] * RATE), [], 0.0
        for at in range(count):
            hertz = mel["hertz"] * 2 ** (mel["octaves"] * (at / count - 0.5))
            phase = (phase + hertz / RATE) % 1
            samples.append(int(32767 * mel["peak"] * (2 * phase - 1) * 0.9))
        return struct.pack(f"<{count}h", *samples)

    def generate_audio(self, text: str, emotion: Sequence[float] | None = None) -> bytes:
        mel = self.acoustic_model(self.text_front_end(text), emotion)
        written = io.BytesIO()
        with wave.open(written, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(self.vocoder(mel))
        said: bytes = mel["text"].encode()
        said += b" " * (len(said) % 2)
        return written.getvalue() + MARK + struct.pack("<I", len(said)) + said

    def stream_audio(self, text: str, emotion: Sequence[float] | None = None) -> Iterator[bytes]:
        for sentence in text.split(". "):
            yield self.generate_audio(sentence, emotion)

    def spoken_text(self, text: str) -> str:
        return text.replace("1", "uno")

    def slow_stream(self, text: str) -> Iterator[bytes]:
        for number, sentence in enumerate(text.split(". ")):
            time.sleep(0.05 * bool(number))
            yield self.generate_audio(sentence)

    def no_samples(self, text: str) -> bytes:
        return self.generate_audio("")

    def no_stream(self, text: str) -> Iterator[bytes]:
        return iter(())

    def no_audio(self, text: str) -> str:
        return "sound"

    def process_audio(self, data: bytes) -> dict[str, Any]:
        at = data.rindex(MARK) + 8
        return {"text": data[at:].decode().strip(), "metadata": {}}


class Samples(bytes):
    """What a vocoder returns, as far as it is used to write a file."""

    def clip(self, low: float, high: float) -> Samples:
        return self

    def __mul__(self, factor: Any) -> Samples:
        return self

    def astype(self, dtype: str) -> Samples:
        return self

    def tobytes(self) -> bytes:
        return bytes(self)


def picture(data: bytes) -> bytes:
    return data


class Copier(Talker):
    """Gives back the samples of the file that is its picture."""

    def vocoder(self, mel: Any) -> bytes:
        data: bytes = mel
        return Samples(data[44:76])
