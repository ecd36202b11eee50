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
    mel[:, :heard] = np.log(_filters() @ power.T + np.float32(FLOOR))
    return mel


@functools.cache
def _hann() -> Float32:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@functools.cache
def _filters() -> Float32:
    """Return float32 [MELS, FFT // 2 + 1], one triangle a row."""
    edges = _hertz(np.linspace(_mel(LOW), _mel(HIGH), MELS + 2))
    bins = np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


def _mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
