"""What a page needs of a clip so that it can be played and seen: kept among the run's facts."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from harness.accuracy.speech_quality.loudness import Floats
from harness.accuracy.speech_quality.signal import read_mono

RATE, HOP, FFT, BANDS = 16_000, 256, 512, 80  # of the picture: 16 ms a column, to 8 kHz
DEEP = 70.0  # dB from the loudest of a clip to black
SHADE = 8  # of 256 levels: what the eye does not part is not kept
QUALITY = 0.7  # libsndfile's compression level of Vorbis, 0 is the best: about 60 kbit/s
ROOM = 2_200_000  # letters for all clips of a run, so that its page stays below 3 MB


def size_of(clip: Mapping[str, Any]) -> int:
    """Return the letters that a clip takes on a page."""
    return len(clip["audio"]) + len(clip["mel"])


def shown_clip(path: Path) -> dict[str, Any]:
    """Return a clip as Ogg Vorbis and its log-mel picture, each as base64.

    `mel` is uint8 [bands, columns], the lowest band first, 0 is 70 dB below the loudest; deflated.
    """
    samples, rate = read_mono(path)
    picture = mel_picture(samples, rate)
    return {
        "audio": _text(_vorbis(samples, rate)),
        "mel": _text(zlib.compress(picture.tobytes(), 9)),
        "bands": picture.shape[0],
        "columns": picture.shape[1],
    }


def mel_picture(samples: Floats, rate: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return uint8 [80, columns] of float64 [n] samples: the level of each band in 16 ms."""
    import librosa
    import soxr

    heard = soxr.resample(samples, rate, RATE) if rate != RATE else samples
    power = librosa.feature.melspectrogram(
        y=heard, sr=RATE, n_fft=FFT, hop_length=HOP, n_mels=BANDS, fmax=RATE / 2
    )
    level = librosa.power_to_db(power, ref=np.max, top_db=DEEP)
    shade = np.round(255 * (level / DEEP + 1)).astype(np.uint8)
    return np.asarray(shade // SHADE * SHADE, np.uint8)


def _vorbis(samples: Floats, rate: int) -> bytes:
    import soundfile

    written = io.BytesIO()
    soundfile.write(
        written, samples, rate, format="OGG", subtype="VORBIS", compression_level=QUALITY
    )
    return written.getvalue()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
