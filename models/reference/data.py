"""Batches for training and tuning: corpus shards in, padded log-mels and labels out."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.features import MELS
from models.reference.augment import SILENCE
from models.reference.text import SYMBOLS

BATCH_FRAMES = 10_000  # mel frames in a batch, padding included
SHORT = 350  # frames; the first pass hears only utterances below this, to learn letters first
TEXT_STRIDE = 2  # mel frames in one frame of the text decoder: 20 ms


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One row of a shard."""

    mel: NDArray[np.float16]  # [frames, 80]
    text: str
    letters: tuple[int, ...]  # indices into SYMBOLS
    phonemes: tuple[tuple[float, int], ...]  # (start in seconds, index; 0 is silence)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What one training step reads."""

    mel: Tensor  # float32 [B, 80, T], T a multiple of 8, SILENCE around the speech
    heard: Tensor  # int64 [B], frames that count as recorded
    letters: Tensor  # int64 [B, longest], CTC targets
    lengths: Tensor  # int64 [B]
    phonemes: Tensor  # int64 [B, T / 2]


class Corpus:
    """All shards of a folder, memory-mapped.

    Raises:
        FileNotFoundError: the folder holds no shard.
    """

    def __init__(self, folder: Path) -> None:
        rows, mels = [], []
        for index in sorted(folder.glob("shard_*.jsonl")):
            frames = np.load(index.with_suffix(".npy"), mmap_mode="r")
            for line in index.read_text("utf-8").splitlines():
                row = json.loads(line)
                rows.append(row)
                mels.append(frames[row["first"] : row["first"] + row["frames"]])
        if not rows:
            raise FileNotFoundError(
                f"{folder}: no shard_*.jsonl; run models.reference.corpus first"
            )
        names = sorted({name for row in rows for _, name in row["phonemes"]} - {""})
        self.phonemes = ("", *names)
        index_of = {name: i for i, name in enumerate(self.phonemes)}
        self.utterances = [
            Utterance(
                mel=mel,
                text=row["text"],
                letters=tuple(SYMBOLS.index(c) for c in row["text"]),
                phonemes=tuple((start, index_of[name]) for start, name in row["phonemes"]),
            )
            for row, mel in zip(rows, mels, strict=True)
        ]

    def batches(self, epoch: int, seed: int) -> Iterator[Batch]:
        """Yield one pass over the corpus; the first pass holds short utterances only."""
        rng = random.Random(f"{seed}/{epoch}")
        chosen = [u for u in self.utterances if epoch or len(u.mel) < SHORT]
        chosen.sort(key=lambda u: len(u.mel) * rng.uniform(0.9, 1.1))
        groups: list[list[Utterance]] = [[]]
        for utterance in chosen:
            if (len(groups[-1]) + 1) * (len(utterance.mel) + 60) > BATCH_FRAMES:
                groups.append([])
            groups[-1].append(utterance)
        rng.shuffle(groups)
        return (_batch(group, rng) for group in groups if group)


def _batch(group: list[Utterance], rng: random.Random) -> Batch:
    before = [rng.randint(0, 40) for _ in group]
    heard = [b + len(u.mel) + rng.randint(0, 40) for b, u in zip(before, group, strict=True)]
    silence = rng.randint(0, 300) if rng.random() < 0.1 else rng.randint(0, 24)
    frames = min(1_024, -(-(max(heard) + silence) // 8) * 8)
    mel = np.full((len(group), MELS, frames), SILENCE, np.float32)
    phonemes = np.zeros((len(group), frames // TEXT_STRIDE), np.int64)
    for row, (utterance, first) in enumerate(zip(group, before, strict=True)):
        first = min(first, frames - len(utterance.mel))
        mel[row, :, first : first + len(utterance.mel)] = utterance.mel.T
        for start, name in utterance.phonemes:
            phonemes[row, int(first + start * 100) // TEXT_STRIDE :] = name
    letters = [torch.tensor(u.letters) for u in group]
    return Batch(
        mel=torch.from_numpy(mel),
        heard=torch.tensor(heard),
        letters=torch.nn.utils.rnn.pad_sequence(letters, batch_first=True),
        lengths=torch.tensor([len(t) for t in letters]),
        phonemes=torch.from_numpy(phonemes),
    )
