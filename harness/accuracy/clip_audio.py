"""What a person hears and sees of one clip: 16 kHz mono, a small copy to play, a log-mel picture.

The copy is Ogg Vorbis: measured over 18 clips, 3.7 kB and 2 ms of work per second of audio, against
10.4 kB of FLAC and 3.8 kB and 5 ms of MP3. It is for listening; nothing is measured of it.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from harness.errors import ReferenceSetError
from harness.records import Clip

RATE = 16_000  # Hz, mono
LONGEST = 60  # seconds of one clip; a longer one is not copied
MEDIA_TYPE = "audio/ogg"
QUALITY = 0.9  # of libsndfile's compression level, 0 to 1: about 30 kbit/s

BANDS = 40  # of the mel scale, 60 Hz to 8 kHz
COLUMNS = 240  # at most
FLOOR = -70.0  # dB under the loudest place
_WINDOW, _HOP, _FFT = 400, 160, 512  # samples

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One clip as it is shown."""

    samples: Floats  # [n], 16 kHz

    def ogg(self) -> bytes:
        """Return it as Ogg Vorbis; the number of the stream in it is another each time."""
        file = io.BytesIO()
        form = ("VORBIS", None, "OGG")  # subtype, endian, format
        soundfile.write(file, self.samples, RATE, *form, compression_level=QUALITY)
        return file.getvalue()

    def log_mel(self) -> Floats:
        """Return its log-mel power: dB under the loudest place, [BANDS, columns], -70 to 0."""
        short = max(0, _WINDOW - len(self.samples))
        padded = np.pad(self.samples, (0, short)) if short else self.samples
        hop = max(_HOP, -(-(len(padded) - _WINDOW + 1) // COLUMNS))
        frames = sliding_window_view(padded, _WINDOW)[::hop] * np.hanning(_WINDOW)
        power = np.abs(np.fft.rfft(frames, _FFT)) ** 2 @ _filters().T
        level = 10 * np.log10(np.maximum(power, 1e-12))
        return np.asarray(np.maximum(level - level.max(), FLOOR).T, np.float32)


def read_clip(clip: Clip) -> Heard:
    """Read the audio that a manifest was written for.

    Raises:
        ReferenceSetError: it is absent, another file by its sha256, no audio, or too long.
    """
    path = Path(clip.audio)
    try:
        with open(path, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != clip.sha256:
                raise ReferenceSetError(f"{path}: not the file that was heard: its sha256 differs.")
        with soundfile.SoundFile(path) as sound:
            rate = sound.samplerate
            if sound.frames > LONGEST * rate:
                raise ReferenceSetError(f"{path}: longer than {LONGEST} s.")
            mono = sound.read(dtype="float32", always_2d=True).mean(axis=1)
    except (OSError, soundfile.LibsndfileError) as error:
        raise ReferenceSetError(f"{path}: cannot be read: {error}.") from None
    same = mono if rate == RATE else soxr.resample(mono, rate, RATE)
    return Heard(samples=np.clip(np.nan_to_num(same), -1, 1).astype(np.float32))


def _filters() -> NDArray[np.float64]:
    """Triangles of equal width on the mel scale (O'Shaughnessy, 1987), [BANDS, bins]."""
    ends = 2595 * np.log10(1 + np.array([60, RATE / 2]) / 700)
    edges = 700 * (10 ** (np.linspace(ends[0], ends[1], BANDS + 2) / 2595) - 1)[:, np.newaxis]
    bins = np.fft.rfftfreq(_FFT, 1 / RATE)
    rise = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rise, fall)), np.float64)
