"""Bad input for a soak: files that are no audio, whatever the pipeline takes for audio."""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Mapping
from pathlib import Path

from harness.records import Clip

RATE = 16_000  # Hz
PCM, FLOAT = 1, 3  # format codes of WAV


def spoiled_clips(folder: Path) -> tuple[Clip, ...]:
    """Write one file of each kind into `folder` and return them as clips without a text."""
    made = []
    for name, data in spoiled().items():
        file = folder / f"{name.replace(' ', '_')}.wav"
        file.write_bytes(data)
        made.append(
            Clip(
                id=f"bad input: {name}",
                audio=str(file.absolute()),
                text="",
                language="",
                speaker="",
                condition="bad input",
                seconds=0.0,
                sha256=hashlib.sha256(data).hexdigest(),
            )
        )
    return tuple(made)


def spoiled() -> Mapping[str, bytes]:
    """Return bad input by its name; the same bytes every time."""
    noise = random.Random(0).randbytes(4_000)
    return {
        "empty": b"",
        "text": b"hola\n" * 100,
        "zeros": bytes(4_000),
        "noise": b"\x01" + noise,
        "header alone": wav(b"", PCM, 16, RATE),
        "half a header": wav(bytes(3_200), PCM, 16, RATE)[:30],
        "no number": wav(struct.pack("<f", float("nan")) * 1_600, FLOAT, 32, RATE),
        "beyond all scale": wav(struct.pack("<f", 1e30) * 1_600, FLOAT, 32, RATE),
        "one sample a second": wav(bytes(3_200), PCM, 16, 1),
        "noise as FLAC": b"fLaC" + noise,
        "noise as OGG": b"OggS" + noise,
    }


def wav(samples: bytes, code: int, bits: int, rate: int) -> bytes:
    """Return a WAV file of one channel whose samples are given as its bytes."""
    size = bits // 8
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, code, 1, rate, rate * size, size, bits)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI", b"RIFF", len(body)) + body
