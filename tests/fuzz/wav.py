"""The entry of audio: `agents.audio.decode`, with limits that keep an input quick."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import soundfile

from agents.audio import Decoded, decode
from agents.audio_limits import AudioLimits
from agents.errors import AudioOmniError
from tests.fuzz.entry import Entry

LIMITS = AudioLimits(megabytes=1, seconds=10)
FORMATS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3", "AIFF", "AU", "W64", "CAF", "VOC", "NIST")


def read(data: bytes) -> Decoded:
    """Decode, and hold the result to what `Decoded` promises."""
    heard = decode(data, LIMITS)
    assert heard.samples.dtype == np.float32
    assert heard.samples.ndim == 1
    assert 0 < len(heard.samples) <= LIMITS.seconds * heard.rate * 1.02
    assert np.isfinite(heard.samples).all()
    return heard


def seeds() -> Iterator[bytes]:
    """A twentieth of a second in every container, and the sample types of WAV."""
    time = np.arange(800) / 16_000
    samples = (0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    stereo = np.stack([samples, -samples], axis=1)
    for name in FORMATS:
        file = io.BytesIO()
        soundfile.write(file, samples, 16_000, format=name)
        yield file.getvalue()
    for kind in ("PCM_U8", "PCM_24", "FLOAT", "DOUBLE", "ULAW", "IMA_ADPCM", "MS_ADPCM", "GSM610"):
        file = io.BytesIO()
        soundfile.write(file, samples if kind == "GSM610" else stereo, 16_000, kind, format="WAV")
        yield file.getvalue()


ENTRY = Entry(
    name="wav",
    read=read,
    refused=AudioOmniError,
    seeds=seeds,
    words=(
        *b"RIFF WAVE data LIST fact fLaC OggS ID3 FORM COMM SSND ds64 RF64 caff".split(),
        *(b"fmt ", b"\xff\xff\xff\xff", b"\xff\xfb\x90"),
    ),
    longest=8_192,
)
