"""Log-mel to samples: the fast Griffin-Lim algorithm on the picture's own grid.

Source: N. Perraudin, P. Balazs, P. L. Søndergaard, "A fast Griffin-Lim algorithm" (WASPAA 2013).
The magnitudes behind the mel bands come from multiplicative updates (D. Lee and H. Seung,
"Algorithms for non-negative matrix factorization", NIPS 2000, the divergence's rule).

The first phases are drawn from a fixed seed, so that the same picture gives the same samples.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from agents.features import FFT, FLOOR, HOP, WINDOW, band_powers, filters

ROUNDS = 24  # of Griffin-Lim
MOMENTUM = 0.99  # the paper's alpha
UPDATES = 12  # of the magnitudes
SEED = 1
_PARTS = -(-WINDOW // HOP)  # hops that a window reaches over

Float32 = NDArray[np.float32]
Complex64 = NDArray[np.complex64]


def griffin_lim(log_mel: Float32, rounds: int = ROUNDS) -> Float32:
    """Return the samples of a picture.

    Args:
        log_mel: float32 [80, T], T >= 1, as `agents.features.log_mel` makes it.
        rounds: more of them bring the phases closer to those of a real signal.

    Returns:
        float32 [T * HOP] at 16 kHz; loud pictures may exceed -1..1.
    """
    magnitudes = np.sqrt(powers(log_mel))
    draw = np.random.default_rng(SEED).random(magnitudes.shape, np.float32)
    phases = np.exp(np.float32(2 * np.pi) * 1j * draw).astype(np.complex64)
    before = np.zeros_like(phases)
    guess: Complex64 = (magnitudes * phases).astype(np.complex64)
    for _ in range(rounds):
        projected = _stft(_istft(guess), len(guess))
        moved = projected + np.float32(MOMENTUM) * (projected - before)
        before = projected
        guess = (magnitudes * moved / np.maximum(np.abs(moved), np.float32(1e-12))).astype(
            np.complex64, copy=False
        )
    return _istft(guess)[WINDOW // 2 :][: len(guess) * HOP]


def powers(log_mel: Float32) -> Float32:
    """Return float32 [T, FFT // 2 + 1]: powers whose mel bands are those of [80, T]."""
    bands = np.maximum(np.exp(log_mel.T) - np.float32(FLOOR), np.float32(FLOOR) / 100)
    lower, upper, in_lower, in_upper, total = _two_bands()

    def spread(ratios: Float32) -> Float32:
        """Return the mean ratio of the two bands that hold each bin."""
        both = ratios[:, lower] * in_lower + ratios[:, upper] * in_upper
        return np.asarray(both / total, np.float32)

    found = spread(np.asarray(bands / filters().sum(0), np.float32))
    for _ in range(UPDATES):
        seen = np.maximum(band_powers(found), np.float32(1e-20))
        found *= spread(np.asarray(bands / seen, np.float32))
    return found


@functools.cache
def _two_bands() -> tuple[NDArray[np.intp], NDArray[np.intp], Float32, Float32, Float32]:
    """Return the two bands that each FFT bin is in, its share in both, and the sum of these.

    A product with the whole matrix of filters would be as quick on an idle machine; on a busy one
    its threads wait for each other.
    """
    weights = filters()
    order = np.argsort(weights, axis=1, kind="stable")[:, -2:]
    lower, upper = order[:, 0], order[:, 1]
    bins = np.arange(len(weights))
    in_lower, in_upper = weights[bins, lower], weights[bins, upper]
    return lower, upper, in_lower, in_upper, np.maximum(in_lower + in_upper, np.float32(1e-6))


def _stft(samples: Float32, frames: int) -> Complex64:
    """Return complex64 [frames, FFT // 2 + 1]."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP][:frames]
    return np.asarray(np.fft.rfft(windows * _hann(), FFT), np.complex64)


def _istft(spectrum: Complex64) -> Float32:
    """Return the samples nearest to [T, FFT // 2 + 1] in the least squares sense."""
    frames = np.zeros((len(spectrum) + _PARTS - 1, _PARTS * HOP), np.float32)
    inverse = np.fft.irfft(spectrum, FFT)[:, :WINDOW]
    frames[: len(spectrum), :WINDOW] = inverse * _hann()
    blocks = frames.reshape(len(frames), _PARTS, HOP)
    total = sum(np.roll(blocks[:, part], part, axis=0) for part in range(_PARTS))
    return np.asarray(total / _overlap(len(spectrum)), np.float32).reshape(-1)


@functools.cache
def _hann() -> Float32:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@functools.lru_cache(8)
def _overlap(frames: int) -> Float32:
    """Return float32 [frames + _PARTS - 1, HOP]: the sum of the squared windows at each sample."""
    square = np.zeros(_PARTS * HOP, np.float32)
    square[:WINDOW] = np.square(_hann())
    total = np.zeros((frames + _PARTS - 1, HOP), np.float32)
    for part, block in enumerate(square.reshape(_PARTS, HOP)):
        total[part : part + frames] += block
    return np.maximum(total, np.float32(1e-3))
