"""A pipeline that speaks tones and hears which text they are: what a test wants of it.

The config is a JSON object: `refuse`, a word at which it raises; `controls`, the emotion moves the
tone; `garble`, a word that it says as another.
"""

import io
import json
import struct
import wave

RATE = 16_000


class Talker:
    @classmethod
    def from_file(cls, path):
        with open(path) as file:
            return cls(json.load(file))

    def __init__(self, told):
        self.told = told

    def text_front_end(self, text):
        if self.told.get("refuse") and self.told["refuse"] in text:
            raise ValueError(f"no such word: {text}")
        return text

    def acoustic_model(self, tokens, emotion=None):
        rate, pitch, spread, energy = emotion or (0, 0, 0, 0)
        if not self.told.get("controls", True):
            rate, pitch, spread, energy = 0, 0, 0, 0
        words = tokens.split()
        return {
            "text": " ".join(self.told.get("garble", {}).get(word, word) for word in words),
            "seconds": 0.35 * len(words) * 2 ** (-0.5 * rate),
            "hertz": 120 * 2 ** (0.5 * pitch),
            "octaves": 0.2 * 2**spread,
            "peak": 0.3 * 2 ** (0.5 * energy),
        }

    def vocoder(self, mel):
        count, samples, phase = int(mel["seconds"] * RATE), [], 0.0
        for at in range(count):
            hertz = mel["hertz"] * 2 ** (mel["octaves"] * (at / count - 0.5))
            phase = (phase + hertz / RATE) % 1
            samples.append(int(32767 * mel["peak"] * (2 * phase - 1) * 0.9))
        return struct.pack(f"<{count}h", *samples)

    def generate_audio(self, text, emotion=None):
        mel = self.acoustic_model(self.text_front_end(text), emotion)
        written = io.BytesIO()
        with wave.open(written, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(self.vocoder(mel))
        said = mel["text"].encode()
        said += b" " * (len(said) % 2)
        return written.getvalue() + b"said" + struct.pack("<I", len(said)) + said

    def stream_audio(self, text, emotion=None):
        for sentence in text.split(". "):
            yield self.generate_audio(sentence, emotion)

    def no_stream(self, text, emotion=None):
        return iter(())

    def no_audio(self, text, emotion=None):
        return "sound"

    def process_audio(self, data):
        at = data.rindex(b"said")
        return {"text": data[at + 8 :].decode().strip(), "metadata": {}}


def spoken_text(text):
    return text.replace("1", "uno")


class Samples(bytes):
    """What a vocoder returns, as far as the copier uses it."""

    def clip(self, low, high):
        return self

    def __mul__(self, factor):
        return self

    def astype(self, dtype):
        return self

    def tobytes(self):
        return bytes(self)


def picture(data):
    return data


class Copier(Talker):
    def vocoder(self, mel):
        if isinstance(mel, bytes):
            return Samples(mel[44:76])
        return super().vocoder(mel)
