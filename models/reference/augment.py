"""What rooms, microphones and bystanders do to speech, applied to log-mel frames.

Everything works on powers [B, 80, T], so that noise and echoes add as they do in air. Ranges are
wide on purpose: the model hears one synthesiser in training and must not lean on its sound.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from agents.features import FLOOR, HOP, MELS, SAMPLE_RATE, log_mel

DECIBEL = math.log(10) / 10  # one decibel of power, in natural-log units
SILENCE = math.log(FLOOR)
NOISE_FRAMES = 40_000
ECHO_FRAMES = 48


class Augment:
    """Seeded augmentation of batches.

    Args:
        seed: of every random draw.
    """

    def __init__(self, seed: int) -> None:
        self.random = torch.Generator().manual_seed(seed)
        self.warps = torch.stack([_warp(f) for f in torch.linspace(0.88, 1.14, 14).tolist()])
        self.noise = _noise_bank(seed)

    def __call__(self, clean: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        """Disturb a batch.

        Args:
            clean: float32 [B, 80, T], log-mel of the speech, SILENCE around it.
            heard: int64 [B], frames of each row that a microphone recorded; digital silence after.

        Returns:
            (disturbed log-mel, log-mel of the same speech without noise and echo), both [B, 80, T].
        """
        voiced = self._colour(clean)
        power = self._echo(voiced.exp())
        power = self._bystanders(power)
        power = power + self._noise(power)
        recorded = torch.arange(clean.shape[2]) < heard[:, None, None]
        disturbed = torch.where(recorded, (power + FLOOR).log(), SILENCE)
        return self._mask(disturbed), voiced

    def _uniform(self, size: int, low: float, high: float) -> Tensor:
        return torch.rand(size, 1, 1, generator=self.random) * (high - low) + low

    def _chance(self, size: int, probability: float) -> Tensor:
        return (torch.rand(size, 1, 1, generator=self.random) < probability).float()

    def _colour(self, clean: Tensor) -> Tensor:
        """Vocal tract length, loudness, and the microphone's frequency response."""
        size = len(clean)
        which = torch.randint(len(self.warps), (size,), generator=self.random)
        warped = torch.bmm(self.warps[which], clean)
        axis = torch.linspace(-1, 1, MELS)[:, None]
        tilt = self._uniform(size, -6, 6) * axis
        phase, waves = self._uniform(size, 0, 2 * math.pi), self._uniform(size, 0.5, 3)
        ripple = self._uniform(size, 0, 4) * torch.sin(phase + waves * math.pi * axis)
        gain = self._uniform(size, -25, 8)
        narrow = self._chance(size, 0.08)  # telephone: about 300 to 3 400 Hz
        band = narrow * -40 * ((axis < -0.72) | (axis > 0.36)).float()
        speech = (clean > SILENCE + 1e-3).float()
        changed = warped + speech * (tilt + ripple + gain + band) * DECIBEL
        return changed.clamp(min=SILENCE)

    def _echo(self, power: Tensor) -> Tensor:
        """Add an exponential tail: a room of 0.15 to 0.7 s reverberation time."""
        size = len(power)
        decay = 60 * DECIBEL * HOP / SAMPLE_RATE / self._uniform(size, 0.15, 0.7)
        tail = torch.exp(-decay * torch.arange(1, ECHO_FRAMES))
        level = self._chance(size, 0.3) * 10 ** self._uniform(size, -1.5, -0.3) * decay
        kernel = torch.cat([torch.ones(size, 1, 1), level * tail], 2).flip(2)
        padded = F.pad(power.transpose(0, 1), (ECHO_FRAMES - 1, 0))
        return F.conv1d(padded, kernel, groups=size).transpose(0, 1)

    def _bystanders(self, power: Tensor) -> Tensor:
        """Another utterance of the batch, far behind."""
        size = len(power)
        others = power.roll(1, 0) + power.roll(2, 0).roll(40, 2)
        ratio = _mean_power(power) / _mean_power(others)
        level = self._chance(size, 0.1) * 10 ** (-self._uniform(size, 8, 25) / 10)
        return power + level * ratio * others

    def _noise(self, power: Tensor) -> Tensor:
        """White to brown noise at 0 to 45 dB below the speech, on two utterances of three."""
        size, _, frames = power.shape
        first = torch.randint(NOISE_FRAMES - frames, (size,), generator=self.random)
        white = torch.stack([self.noise[:, f : f + frames] for f in first.tolist()])
        slope = self._uniform(size, -14, 2) * torch.linspace(0, 1, MELS)[:, None]
        time = torch.arange(frames) / 100
        swell = self._uniform(size, 0, 4) * torch.sin(
            self._uniform(size, 0.3, 3) * 2 * math.pi * time + self._uniform(size, 0, 6.3)
        )
        noise = white * torch.exp((slope + swell) * DECIBEL)
        below = 10 ** (-self._uniform(size, 0, 45) / 10) * self._chance(size, 0.66)
        return noise * below * _mean_power(power) / _mean_power(noise)

    def _mask(self, log_mel_frames: Tensor) -> Tensor:
        """Blank a few mel bands on half of the utterances (SpecAugment, Park et al. 2019)."""
        size = len(log_mel_frames)
        first = self._uniform(size, 0, MELS - 8)
        width = self._uniform(size, 0, 8) * self._chance(size, 0.5)
        band = torch.arange(MELS)[:, None]
        hidden = (band >= first) & (band < first + width)
        return torch.where(hidden, log_mel_frames.mean((1, 2), keepdim=True), log_mel_frames)


def _mean_power(power: Tensor) -> Tensor:
    return power.mean((1, 2), keepdim=True) + 1e-9


def _warp(factor: float) -> Tensor:
    """Return [80, 80], linear interpolation of the mel axis stretched by `factor`."""
    source = (torch.arange(MELS) * factor).clamp(max=MELS - 1)
    low = source.floor().long().clamp(max=MELS - 2)
    share = source - low
    rows = torch.arange(MELS)
    matrix = torch.zeros(MELS, MELS)
    matrix[rows, low] += 1 - share
    matrix[rows, low + 1] += share
    return matrix


def _noise_bank(seed: int) -> Tensor:
    """Return float32 [80, NOISE_FRAMES], mel powers of white noise."""
    samples = np.random.default_rng(seed).standard_normal(NOISE_FRAMES * HOP).astype(np.float32)
    return torch.from_numpy(log_mel(samples * 0.1, NOISE_FRAMES)).exp()
