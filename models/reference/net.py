"""The recogniser: tokeniser (log-mel -> codes), core (codes -> features), text decoder.

    log_mel [B, 80, 1024] --tokeniser--> codes [B, 16, 128] --core--> mel_features [B, C, 1024]
    mel_features --text decoder--> log_probs [B, 512, 35]

Codes come from finite scalar quantisation (Mentzer et al. 2023, arXiv:2309.15505): 16 codebooks of
four scalars with 8, 8, 8 and 4 levels, 2048 codes each. Text is learnt by connectionist temporal
classification (Graves et al. 2006). The first 80 channels of `mel_features` are the log-mel
picture again; the text decoder reads the others.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from agents.features import MELS
from models.reference.text import SYMBOLS

CODEBOOKS = 16
LEVELS = (8, 8, 8, 4)
CODEBOOK_SIZE = 2048  # product of LEVELS
SCALARS = CODEBOOKS * len(LEVELS)
STRIDE = 8  # mel frames in one code frame: 80 ms
TEXT_CHANNELS = 64  # of mel_features, behind the 80 mels
CHANNELS = MELS + TEXT_CHANNELS
MEL_OFFSET, MEL_SCALE = 9.0, 4.0  # log-mels are shifted and scaled into about -1..3


class Residual(nn.Module):
    """Depthwise convolution and two-layer perceptron, added to its input. [B, C, T] -> same."""

    def __init__(self, width: int, kernel: int, expand: int, dropout: float = 0.05) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, width * expand)
        self.down = nn.Linear(width * expand, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.norm(self.depthwise(x).transpose(1, 2))
        return x + self.dropout(self.down(F.silu(self.up(hidden)))).transpose(1, 2)


class Downsample(nn.Module):
    """Convolution of stride two, normalised over channels. [B, C, T] -> [B, D, T / 2]."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, 5, stride=2, padding=2)
        self.norm = nn.LayerNorm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(self.norm(self.conv(x).transpose(1, 2))).transpose(1, 2)


class Tokeniser(nn.Module):
    """log_mel float32 [B, 80, T] -> codes int64 [B, 16, T / 8], each 0..2047."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            Downsample(MELS, 112),
            Downsample(112, 160),
            Residual(160, 5, 2),
            Downsample(160, 192),
            Residual(192, 5, 2),
            Residual(192, 5, 2),
        )
        self.norm = nn.LayerNorm(192)
        self.project = nn.Linear(192, SCALARS)
        self.register_buffer("steps", (torch.tensor(LEVELS * CODEBOOKS) - 1).float())
        radix = torch.tensor(
            [1, LEVELS[0], LEVELS[0] * LEVELS[1], LEVELS[0] * LEVELS[1] * LEVELS[2]]
        )
        self.register_buffer("radix", radix)

    def digits(self, log_mel: Tensor) -> Tensor:
        """Return float [B, T / 8, 64]: each scalar's digit, 0..level - 1, not yet rounded."""
        hidden = self.layers((log_mel + MEL_OFFSET) / MEL_SCALE).transpose(1, 2)
        squashed = torch.tanh(self.project(self.norm(hidden)).float())
        return (squashed + 1) / 2 * self.steps

    def quantise(self, log_mel: Tensor) -> Tensor:
        """Return the scalars float [B, T / 8, 64] in -1..1, rounded, gradient straight through."""
        digits = self.digits(log_mel)
        rounded = digits + (digits.round() - digits).detach()
        return rounded / self.steps * 2 - 1

    def forward(self, log_mel: Tensor) -> Tensor:
        digits = self.digits(log_mel).round().long().unflatten(2, (CODEBOOKS, len(LEVELS)))
        return (digits * self.radix).sum(3).transpose(1, 2)


class Core(nn.Module):
    """codes int64 [B, 16, T] -> mel_features float32 [B, 144, 8 T]."""

    def __init__(self, width: int = 224, hidden: int = 176) -> None:
        super().__init__()
        self.register_buffer("levels", torch.tensor(LEVELS))
        self.register_buffer("radix", torch.tensor([1, 8, 64, 512]))
        self.enter = nn.Conv1d(SCALARS, width, 3, padding=1)
        self.blocks = nn.Sequential(Residual(width, 7, 2), Residual(width, 7, 2))
        self.norm = nn.LayerNorm(width)
        self.memory = nn.LSTM(
            width, hidden, num_layers=2, bidirectional=True, batch_first=True, dropout=0.1
        )
        joined = width + 2 * hidden
        self.text = nn.Linear(joined, 4 * 96)
        self.text_mix = nn.Conv1d(96, 96, 5, padding=2)
        self.text_norm = nn.LayerNorm(96)
        self.text_out = nn.Linear(96, TEXT_CHANNELS)
        self.mel = nn.Linear(joined, 8 * 32)
        self.mel_mix = nn.Conv1d(32, 64, 5, padding=2)
        self.mel_out = nn.Conv1d(64, MELS, 5, padding=2)

    def scalars(self, codes: Tensor) -> Tensor:
        """Return float [B, T, 64] in -1..1: the digits that the codes stand for."""
        digits = torch.div(codes.transpose(1, 2)[..., None], self.radix, rounding_mode="floor")
        digits = torch.remainder(digits, self.levels).float()
        return (digits / (self.levels - 1) * 2 - 1).flatten(2)

    def features(self, scalars: Tensor) -> tuple[Tensor, Tensor]:
        """Return (log_mel [B, 80, 8 T], text features [B, 4 T, 64]) of scalars [B, T, 64]."""
        x = self.norm(self.blocks(self.enter(scalars.transpose(1, 2))).transpose(1, 2))
        x = torch.cat([x, self.memory(x)[0]], 2)
        text = F.silu(self.text(x).unflatten(2, (4, 96)).flatten(1, 2))
        text = text + self.text_mix(text.transpose(1, 2)).transpose(1, 2)
        mel = F.silu(self.mel(x).unflatten(2, (8, 32)).flatten(1, 2)).transpose(1, 2)
        mel = self.mel_out(F.silu(self.mel_mix(mel))) * MEL_SCALE - MEL_OFFSET
        return mel, self.text_out(F.silu(self.text_norm(text)))

    def forward(self, codes: Tensor) -> Tensor:
        mel, text = self.features(self.scalars(codes))
        return torch.cat(
            [mel, text.transpose(1, 2).unsqueeze(3).expand(-1, -1, -1, 2).flatten(2)], 1
        )


class TextDecoder(nn.Module):
    """mel_features float32 [B, 144, T] -> log_probs float32 [B, T / 2, 35], natural logarithm."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv1d(TEXT_CHANNELS, 96, 3, padding=1)
        self.out = nn.Linear(96, len(SYMBOLS))

    def logits(self, text: Tensor) -> Tensor:
        """Return [B, T, 35] of text features [B, T, 64]."""
        return self.out(F.silu(self.mix(text.transpose(1, 2)).transpose(1, 2)))

    def forward(self, mel_features: Tensor) -> Tensor:
        text = mel_features[:, MELS:, ::2].transpose(1, 2)
        return self.logits(text).float().log_softmax(2)


class Recogniser(nn.Module):
    """The three networks together, with the phoneme head that is used in training alone."""

    def __init__(self, phonemes: int) -> None:
        super().__init__()
        self.tokeniser = Tokeniser()
        self.core = Core()
        self.decoder = TextDecoder()
        self.phoneme = nn.Linear(TEXT_CHANNELS, phonemes)

    def forward(self, log_mel: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return (CTC logits [B, T / 2, 35], phoneme logits [B, T / 2, P], log_mel [B, 80, T])."""
        mel, text = self.core.features(self.tokeniser.quantise(log_mel))
        return self.decoder.logits(text), self.phoneme(text), mel
