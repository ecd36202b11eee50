"""What audio must be before anything is made of it: bounds, and a header that its content fits.

Everything that a header says is held against the limits before a sample is decoded: a file of 1 kB
can promise hours. What it promises is then held against what there is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.errors import AudioFormatError, AudioTooLongError, AudioValuesError, explain

Float32 = NDArray[np.float32]

LOUDEST = 16.0  # times full scale, +24 dB: a float file beyond it holds no samples of -1..1
OFFSET = 0.005  # of full scale: a larger constant offset is taken out (it costs words, measured)
SHORT = 0.01  # share of a file that may lack: lossy formats only estimate how long they are

# How libsndfile tells, in its log, that a header promises more bytes than the file has.
_CUT = re.compile(r"(?:data|SSND|Data Size)\s*: (\d+) \(should be (\d+)\)")
_ENDLESS = 0x7FFFFF00  # bytes; from here on a header says that its writer did not know the length


@dataclass(frozen=True, kw_only=True)
class AudioLimits:
    """How much audio one request may bring."""

    megabytes: int = 100  # 10^6 bytes, as sent
    seconds: int = 600
    channels: int = 8
    lowest_rate: int = 4_000  # Hz
    highest_rate: int = 192_000


def check_size(size: int, limits: AudioLimits) -> None:
    """Refuse more bytes than a request may bring.

    Raises:
        AudioTooLongError: there are more.
    """
    if size > limits.megabytes * 1_000_000:
        raise AudioTooLongError(
            explain(
                "Audio too long",
                expected=f"at most max_audio_mb = {limits.megabytes}",
                got=f"{size / 1e6:.1f} MB ({size} bytes)",
                do="Send it in parts, or raise max_audio_mb.",
            )
        )


def check_header(rate: int, channels: int, frames: int, limits: AudioLimits) -> None:
    """Refuse what a header promises: rate in Hz, channels, length in frames.

    Raises:
        AudioFormatError: rate or channels are out of range.
        AudioTooLongError: it lasts longer than a request may.
    """
    if not limits.lowest_rate <= rate <= limits.highest_rate:
        raise _unfit(
            f"a sample rate of {limits.lowest_rate} to {limits.highest_rate} Hz", f"{rate} Hz"
        )
    if channels > limits.channels:
        raise _unfit(f"at most {limits.channels} channels", str(channels))
    if frames > limits.seconds * rate:
        raise AudioTooLongError(
            explain(
                "Audio too long",
                expected=f"at most max_audio_seconds = {limits.seconds}",
                got=f"a header that promises {frames / rate:.0f} s",
                do="Send it in parts, or raise max_audio_seconds.",
            )
        )


def check_whole(found: int, promised: int, log: str) -> None:
    """Refuse a file that ends before its header says.

    Args:
        found: frames that were decoded.
        promised: frames that the header states.
        log: what libsndfile noted about the file.

    Raises:
        AudioFormatError: part of it is missing.
    """
    if promised - found > SHORT * promised:
        raise _truncated(f"{promised} frames", str(found))
    for stated, there in _CUT.findall(log):
        if int(there) < int(stated) < _ENDLESS:
            raise _truncated(f"{stated} bytes of samples", there)


def check_values(samples: Float32, rate: int) -> None:
    """Refuse what is no sound: NaN, infinity, numbers far beyond full scale.

    Raises:
        AudioValuesError: names how many, and the first with its time.
    """
    bad = ~(np.abs(samples) <= LOUDEST)  # true for NaN too
    if bad.any():
        first = int(np.argmax(bad))
        raise AudioValuesError(
            explain(
                "Samples out of range",
                expected=f"finite numbers of at most {LOUDEST:g} times full scale",
                got=f"{int(bad.sum())} others of {len(samples)}, the first {samples[first]} at "
                f"{first / rate:.3f} s",
                do="Write float samples in -1..1; integers belong into an integer format.",
            )
        )


def without_offset(samples: Float32) -> tuple[Float32, float]:
    """Return the samples without their constant offset where it is more than OFFSET, and it."""
    offset = float(samples.mean(dtype=np.float64))
    return (samples - np.float32(offset) if abs(offset) > OFFSET else samples), offset


def _unfit(expected: str, got: str) -> AudioFormatError:
    return AudioFormatError(
        explain("Format not recognised", expected=expected, got=got, do="Convert the audio.")
    )


def _truncated(expected: str, got: str) -> AudioFormatError:
    what = "Format not recognised: the file is cut off"
    return AudioFormatError(explain(what, expected=expected, got=got, do="Send the whole file."))
