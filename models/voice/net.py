"""The acoustic model: tokens and controls to a log-mel picture, all frames at once.

After FastSpeech 2 (Y. Ren et al., ICLR 2021): an encoder, a predictor of durations, a length
regulator, a predictor of the pitch of each frame, a decoder. Two things are our own: a comb that
shows the decoder where the harmonics of the pitch fall among the mel bands, and the place of each
frame in its token. The length regulator is a comparison with the summed durations, so that the
graph holds no loop. Everything is laid out [N, time, channels].
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.features import FFT, MELS, SAMPLE_RATE, filters
from agents.voice.emotion import MEANING
from agents.voice.tokens import SYMBOLS

WIDTH, DEEP, RECURRENT, PROSODY = 160, 176, 80, 96
ENCODER, DECODER = (5, 5, 5, 5), (7, 7, 7, 7, 7)  # kernel of each block
PLACES = 3  # values that tell where in its token a frame stands
COMB = 48  # lowest mel bands, where single harmonics stand apart
MEL_MEAN, MEL_SCALE = -6.0, 3.0  # of log powers
PITCH_MEAN, PITCH_SCALE = math.log(105.0), 0.35  # of log Hz
SHORTEST, LONGEST = 0.5, 100.0  # frames of a token


class Block(nn.Module):
    """A residual block: depthwise convolution over time, normalisation, two pointwise layers."""

    def __init__(self, width: int, kernel: int, dilation: int = 1) -> None:
        super().__init__()
        padding, spread = (kernel // 2 * dilation, 0), (dilation, 1)
        # As a picture one wide: torch's depthwise Conv1d takes five times as long to train.
        self.depthwise = nn.Conv2d(
            width, width, (kernel, 1), padding=padding, dilation=spread, groups=width
        )
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        y = self.depthwise((x * mask).transpose(1, 2).unsqueeze(3)).squeeze(3).transpose(1, 2)
        z: Tensor = x + self.down(F.silu(self.up(self.norm(y))))
        return z


class Encoder(nn.Module):
    """Tokens [N, n] and controls [N, 4] to [N, n, WIDTH]."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(SYMBOLS), WIDTH)
        self.controls = nn.Linear(len(MEANING), WIDTH)
        self.blocks = nn.ModuleList(Block(WIDTH, kernel) for kernel in ENCODER)
        self.recurrent = nn.LSTM(WIDTH, RECURRENT, batch_first=True, bidirectional=True)
        self.norm = nn.LayerNorm(WIDTH)

    def forward(
        self, tokens: Tensor, controls: Tensor, mask: Tensor, counts: Tensor | None = None
    ) -> Tensor:
        x = self.embedding(tokens) + self.controls(controls)[:, None]
        for block in self.blocks:
            x = block(x, mask)
        z: Tensor = self.norm(x + self._both_ways(x, counts))
        return z

    def _both_ways(self, x: Tensor, counts: Tensor | None) -> Tensor:
        if counts is None:
            alone: Tensor = self.recurrent(x)[0]
            return alone
        # Training: the way back starts at each sentence's own end.
        packed = nn.utils.rnn.pack_padded_sequence(
            x, counts, batch_first=True, enforce_sorted=False
        )
        together: Tensor = nn.utils.rnn.pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=x.shape[1]
        )[0]
        return together


class Predictor(nn.Module):
    """One value for each place of [N, T, width]."""

    def __init__(self, width: int, blocks: tuple[tuple[int, int], ...]) -> None:
        super().__init__()
        self.enter = nn.Linear(width, PROSODY)
        self.blocks = nn.ModuleList(Block(PROSODY, kernel, dilation) for kernel, dilation in blocks)
        self.leave = nn.Sequential(nn.LayerNorm(PROSODY), nn.Linear(PROSODY, 1))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.enter(x)
        for block in self.blocks:
            x = block(x, mask)
        y: Tensor = self.leave(x)[:, :, 0]
        return y


class Decoder(nn.Module):
    """Frames [N, T, WIDTH + PLACES] and their scaled pitch [N, T] to [N, T, MELS]."""

    centres: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centres", torch.from_numpy(_centres()[:COMB]), persistent=False)
        self.enter = nn.Linear(WIDTH + PLACES + COMB + 1, DEEP)
        self.blocks = nn.ModuleList(Block(DEEP, kernel) for kernel in DECODER)
        self.leave = nn.Sequential(nn.LayerNorm(DEEP), nn.Linear(DEEP, MELS))

    def forward(self, frames: Tensor, pitch: Tensor, mask: Tensor) -> Tensor:
        periods = torch.exp(-(pitch.float() * PITCH_SCALE + PITCH_MEAN))[:, :, None]  # seconds
        comb = torch.cos(2 * math.pi * self.centres * periods)
        x = self.enter(torch.cat([frames, comb, pitch[:, :, None]], 2))
        for block in self.blocks:
            x = block(x, mask)
        y: Tensor = self.leave(x)
        return y


class AcousticModel(nn.Module):
    """The whole network. `forward` is what is exported; `learn` is given durations and pitch."""

    down: Tensor
    up: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.durations = Predictor(WIDTH, ((5, 1), (5, 1)))
        self.pitch = Predictor(WIDTH + PLACES, ((7, 1), (7, 3), (7, 9)))
        self.decoder = Decoder()
        sides = [(mid - low, high - mid, high - low) for low, mid, high in MEANING.values()]
        self.register_buffer("down", torch.tensor([d / w for d, _, w in sides]), persistent=False)
        self.register_buffer("up", torch.tensor([u / w for _, u, w in sides]), persistent=False)

    def forward(self, tokens: Tensor, emotion: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log-mel float32 [1, MELS, T] and the frames of each token, int64 [1, n].

        Args:
            tokens: int64 [1, n], indices of SYMBOLS.
            emotion: float32 [1, 4]; values beyond their range are clipped to it.
        """
        ones = torch.ones_like(tokens, dtype=torch.float32)[:, :, None]
        encoded = self.encoder(tokens, self._scaled(emotion), ones)
        lengths = (torch.exp(self.durations(encoded, ones)) - 1).clamp(SHORTEST, LONGEST)
        # The running sum is rounded, so that the whole is as long as it was predicted.
        ends = torch.round(torch.cumsum(lengths, 1))
        frames = stretch(encoded, ends, torch.arange(ends[0, -1].to(torch.int64)))
        mask = torch.ones_like(frames[:, :, :1])
        mel = self.decoder(frames, self.pitch(frames, mask), mask)
        starts = torch.cat([torch.zeros_like(ends[:, :1]), ends[:, :-1]], 1)
        return mel.transpose(1, 2) * MEL_SCALE + MEL_MEAN, (ends - starts).to(torch.int64)

    def learn(
        self, tokens: Tensor, emotion: Tensor, counts: Tensor, lengths: Tensor, pitch: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return predicted log(1 + frames) [N, n], pitch [N, T], mel [N, T, MELS]; mask [N, T].

        Args:
            tokens: int64 [N, n].
            emotion: float32 [N, 4].
            counts: int64 [N], tokens of each row.
            lengths: float32 [N, n], true frames of each token, 0 beyond the row's end.
            pitch: float32 [N, T], true pitch, scaled.
        """
        mask = (torch.arange(tokens.shape[1]) < counts[:, None]).float()[:, :, None]
        encoded = self.encoder(tokens, self._scaled(emotion), mask, counts)
        ends = torch.cumsum(lengths, 1)
        time = torch.arange(pitch.shape[1])
        heard = (time < ends[:, -1:]).float()
        frames = stretch(encoded, ends, time)
        return (
            self.durations(encoded, mask),
            self.pitch(frames, heard[:, :, None]),
            self.decoder(frames, pitch, heard[:, :, None]),
            heard,
        )

    def _scaled(self, emotion: Tensor) -> Tensor:
        """Return the controls in parts of their whole span, so that a step means one thing."""
        clipped = emotion.clamp(-1.0, 1.0)
        return torch.where(clipped > 0, clipped * self.up, clipped * self.down)


def stretch(encoded: Tensor, ends: Tensor, time: Tensor) -> Tensor:
    """Repeat each token for its frames, and say where in its token each frame stands.

    Args:
        encoded: [N, n, C].
        ends: float32 [N, n], the frame where each token ends, rising.
        time: int64 [T], the frames' numbers.

    Returns:
        [N, T, C + PLACES]; frames after the last end repeat the last token.
    """
    after = (time[None, :, None] >= ends[:, None]).to(torch.int64).sum(2)
    index = after.clamp(max=ends.shape[1] - 1)
    starts = torch.cat([torch.zeros_like(ends[:, :1]), ends[:, :-1]], 1)
    now = time.to(torch.float32) + 0.5
    since = (now - torch.gather(starts, 1, index)) / 10
    left = (torch.gather(ends, 1, index) - now) / 10
    places = torch.stack([since / (since + left + 1e-3), since, left], 2)
    wide = index[:, :, None].expand(-1, -1, encoded.shape[2])
    return torch.cat([torch.gather(encoded, 1, wide), places], 2)


def _centres() -> np.ndarray:
    """Return the centre of gravity of each mel band in Hz, float32 [MELS]."""
    weights = filters()
    bins = np.arange(FFT // 2 + 1, dtype=np.float32) * SAMPLE_RATE / FFT
    return np.asarray(bins @ weights / weights.sum(0), np.float32)
