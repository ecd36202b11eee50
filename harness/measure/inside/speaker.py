"""A pipeline that speaks: what a text costs, and the audio that it becomes.

Standard library only: the measured process imports this file from beside the probe. A request is a
JSON object in place of an audio file:

    text      what is to be said
    emotion   numbers that the pipeline takes as such; null: none
    keep      path where the audio goes, after the clock has stopped; null: nowhere
    source    path of a recording, for the mode `copy` alone

Modes: `speak` times a whole text and its stages; `stream` the way to the first audio of it; `read`
asks for the words that are said; `copy` makes a recording anew from its features (`order["copy"]`:
the function that gives what the vocoder takes), and so shows what the vocoder alone costs.
"""

from __future__ import annotations

import io
import json
import time
import wave
from collections.abc import Mapping
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from harness.measure.inside import counters
    from harness.measure.inside.instruments import Call, Instrument, Seen, Stopwatch
else:
    import counters
    from instruments import Instrument, Stopwatch


class Speaker(Stopwatch):
    """Time per stage and for the whole text, and the length of the audio."""

    def call(self, process: Call, data: bytes) -> Seen:
        request = json.loads(data)
        self._taken.clear()
        before = counters.outside(self.order["throttling"])
        wav = process(*_said(request))
        after = counters.outside(self.order["throttling"])
        stages: dict[str, int] = {}
        for stage, ns in self._taken:
            stages[stage] = stages.get(stage, 0) + ns
        seconds = seconds_of(wav)
        _keep(request, wav)
        apart = counters.difference(before, after)
        return {"stages": stages, "audio": seconds, "outside": apart}


class Streamer(Instrument):
    """Time until the first piece of audio is there, and until the last is."""

    wraps = False

    def call(self, process: Call, data: bytes) -> Seen:
        request = json.loads(data)
        before = counters.outside(self.order["throttling"])
        start, first, lengths = time.perf_counter_ns(), 0, []
        for piece in process(*_said(request)):
            first = first or time.perf_counter_ns() - start
            lengths.append(seconds_of(piece))
        whole = time.perf_counter_ns() - start
        after = counters.outside(self.order["throttling"])
        if not lengths:
            raise ValueError("expected an iterator of audio, got one without a piece")
        apart = counters.difference(before, after)
        return {"first": first, "whole": whole, "pieces": lengths, "outside": apart}


class Copier(Instrument):
    """A recording made anew by the vocoder: `end_to_end` is the vocoder here."""

    wraps = False

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._told = order["copy"]

    def call(self, process: Call, data: bytes) -> Seen:
        request = json.loads(data)
        with open(request["source"], "rb") as file:
            features = resolve_name(self._told["features"])(file.read())
        samples = process(features)
        wav = wave_of((samples.clip(-1.0, 1.0) * 32767).astype("<i2").tobytes(), self._told["rate"])
        _keep(request, wav)
        return {"audio": seconds_of(wav)}


class Reader(Instrument):
    """The words that the pipeline makes of a text before it says them."""

    wraps = False

    def call(self, process: Call, data: bytes) -> Seen:
        words = process(json.loads(data)["text"])
        if not isinstance(words, str):
            raise TypeError(f"expected the words as text, got {type(words).__name__}")
        return {"words": words}


INSTRUMENTS: dict[str, type[Instrument]] = {
    "speak": Speaker,
    "stream": Streamer,
    "copy": Copier,
    "read": Reader,
}


def seconds_of(wav: Any) -> float:
    """Return the length of a WAV file in memory.

    Raises:
        TypeError, ValueError: it is none, or holds no sample.
    """
    if not isinstance(wav, bytes | bytearray):
        raise TypeError(f"expected a WAV file as bytes, got {type(wav).__name__}")
    try:
        with wave.open(io.BytesIO(wav)) as file:
            frames, rate, width = file.getnframes(), file.getframerate(), file.getsampwidth()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"expected a 16-bit WAV file, got {wav[:12]!r}: {error}") from None
    if width != 2 or not frames:
        raise ValueError(f"expected 16-bit samples, got {frames} of {8 * width} bits")
    return float(frames / rate)


def wave_of(samples: bytes, rate: int) -> bytes:
    """Return 16-bit mono samples as a WAV file of `rate` Hz."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return written.getvalue()


def _said(request: Mapping[str, Any]) -> tuple[Any, ...]:
    emotion = request.get("emotion")
    return (request["text"],) if emotion is None else (request["text"], emotion)


def _keep(request: Mapping[str, Any], wav: bytes) -> None:
    if request.get("keep"):
        with open(request["keep"], "wb") as file:
            file.write(wav)
