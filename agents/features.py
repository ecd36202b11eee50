"""Log-mel spectrogram of one window: the tokeniser's input, in training and in production alike.

The mel scale is HTK's (Young et al., The HTK Book, section 5.4), with triangular filters of
peak one. Everything is single precision: the codes must not depend on which machine rounds.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000  # Hz, mono
HOP = 160  # samples between frames: 10 ms
WINDOW = 400  # samples in the Hann window: 25 ms
FFT = 512
FRAMES = 1024  # frames in one window: 10.24 s
SAMPLES = FRAMES * HOP
MELS = 80
LOW, HIGH = 20.0, 7_600.0  # Hz, edges of the lowest and highest filter
FLOOR = 1e-6  # added to the power before the logarithm: digital silence is log(FLOOR)

Float32 = NDArray[np.float32]


def log_mel(samples: Float32, frames: int = FRAMES) -> Float32:
    """Return the natural-log mel power spectrogram of `samples`, padded with silence.

    Args:
        samples: float32 [n], n <= frames * HOP, mono at SAMPLE_RATE, range -1..1.
        frames: length of the result; FRAMES in production, shorter when training.

    Returns:
        float32 [MELS, frames].

    Raises:
        ValueError: more samples than `frames` can hold.
    """
    if len(samples) > frames * HOP:
        raise ValueError(f"one window holds {frames * HOP} samples; got {len(samples)}")
    heard = min(frames, -(-len(samples) // HOP) + 2)  # frames that touch the audio
    padded = np.zeros((heard - 1) * HOP + WINDOW, np.float32)
    padded[WINDOW // 2 : WINDOW // 2 + len(samples)] = samples[: len(padded) - WINDOW // 2]
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectrum = np.fft.rfft(windows * _hann(), FFT)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    mel = np.full((MELS, frames), np.log(np.float32(FLOOR)), np.float32)
    mel[:, :heard] = np.log(band_powers(power).T + np.float32(FLOOR))
    return mel


def filters() -> Float32:
    """Return float32 [FFT // 2 + 1, MELS]: how much of each FFT bin's power a mel band takes."""
    return band_powers(np.eye(FFT // 2 + 1, dtype=np.float32))


def band_powers(power: Float32) -> Float32:
    """Return float32 [frames, MELS] of the power in FFT bins, float32 [frames, FFT // 2 + 1].

    A triangle rises between its first two edges and falls between the next two, so a sum over the
    bins between neighbouring edges serves two triangles. A matrix product would be a millisecond
    quicker on an idle machine; on a busy one its threads wait for each other.
    """
    starts, rising, falling = _triangles()
    rise = np.add.reduceat(power * rising, starts, axis=1)
    fall = np.add.reduceat(power * falling, starts, axis=1)
    empty = np.diff(starts, append=power.shape[1]) == 0  # narrower than a bin: nothing to sum
    rise[:, empty] = fall[:, empty] = 0.0
    return rise[:, :MELS] + fall[:, 1 : MELS + 1]


@functools.cache
def _hann() -> Float32:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@functools.cache
def _triangles() -> tuple[NDArray[np.intp], Float32, Float32]:
    """Return the first bin at or above each filter edge but the last, and each bin's weights.

    The weights, float32 [FFT // 2 + 1], are those in the filter that rises and in the one that
    falls over the bin; zero outside LOW..HIGH.
    """
    edges = _hertz(np.linspace(_mel(LOW), _mel(HIGH), MELS + 2))
    bins = np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT
    below = np.clip(np.searchsorted(edges, bins, side="right") - 1, 0, MELS)
    inside = (bins >= edges[0]) & (bins < edges[-1])
    rising = (bins - edges[below]) / (edges[below + 1] - edges[below])
    weights = np.where(inside, rising, 0.0), np.where(inside, 1.0 - rising, 0.0)
    starts = np.searchsorted(bins, edges[:-1])
    return starts, weights[0].astype(np.float32), weights[1].astype(np.float32)


def _mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
