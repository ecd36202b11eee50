"""The corpus in memory, dealt in batches of like length."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from agents.features import MELS
from models.voice.net import MEL_MEAN, MEL_SCALE, PITCH_MEAN, PITCH_SCALE

BATCH = 6_000  # frames
HELD_BACK = 64  # utterances of the first shard that are not trained on: the curve's


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """Views into a shard: n tokens, T frames."""

    tokens: NDArray[np.int16]  # [n]
    durations: NDArray[np.int16]  # [n]
    emotion: NDArray[np.float32]  # [4]
    pitch: NDArray[np.float16]  # [T], log Hz
    log_mel: NDArray[np.float16]  # [T, MELS]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """N utterances, padded to n tokens and T frames."""

    tokens: Tensor  # int64 [N, n]
    counts: Tensor  # int64 [N]
    lengths: Tensor  # float32 [N, n]
    emotion: Tensor  # float32 [N, 4]
    pitch: Tensor  # float32 [N, T], scaled
    mel: Tensor  # float32 [N, T, MELS], scaled


def read(folder: Path) -> tuple[list[Utterance], list[Utterance]]:
    """Return the utterances to train on and those held back for the curve."""
    found: list[Utterance] = []
    for path in sorted(folder.glob("shard_*.npz")):
        with np.load(path) as arrays:
            shard = {name: arrays[name] for name in arrays.files}
        frame = token = 0
        for row, (frames, count) in enumerate(zip(shard["frames"], shard["counts"], strict=True)):
            found.append(
                Utterance(
                    tokens=shard["tokens"][token : token + count],
                    durations=shard["durations"][token : token + count],
                    emotion=shard["emotion"][row],
                    pitch=shard["pitch"][frame : frame + frames],
                    log_mel=shard["log_mel"][frame : frame + frames],
                )
            )
            frame, token = frame + frames, token + count
    if len(found) <= HELD_BACK:
        raise ValueError(f"{folder}: {len(found)} utterances; run models.voice.corpus first")
    return found[HELD_BACK:], found[:HELD_BACK]


def batches(utterances: list[Utterance], seed: str, size: int = BATCH) -> Iterator[Batch]:
    """Yield one pass in random order, like lengths together."""
    rng = random.Random(seed)
    order = sorted(utterances, key=lambda one: len(one.pitch) * rng.uniform(0.9, 1.1))
    groups: list[list[Utterance]] = [[]]
    for one in order:
        if groups[-1] and (len(groups[-1]) + 1) * len(one.pitch) > size:
            groups.append([])
        groups[-1].append(one)
    rng.shuffle(groups)
    yield from map(collate, groups)


def collate(group: list[Utterance]) -> Batch:
    """Return a group of utterances as one padded batch."""
    counts = [len(one.tokens) for one in group]
    frames = [len(one.pitch) for one in group]
    rows, wide, long = len(group), max(counts), max(frames)
    tokens = np.zeros((rows, wide), np.int64)
    lengths = np.zeros((rows, wide), np.float32)
    pitch = np.zeros((rows, long), np.float32)
    mel = np.zeros((rows, long, MELS), np.float32)
    for row, one in enumerate(group):
        tokens[row, : counts[row]] = one.tokens
        lengths[row, : counts[row]] = one.durations
        pitch[row, : frames[row]] = (one.pitch.astype(np.float32) - PITCH_MEAN) / PITCH_SCALE
        mel[row, : frames[row]] = (one.log_mel.astype(np.float32) - MEL_MEAN) / MEL_SCALE
    return Batch(
        tokens=torch.from_numpy(tokens),
        counts=torch.tensor(counts),
        lengths=torch.from_numpy(lengths),
        emotion=torch.from_numpy(np.stack([one.emotion for one in group])),
        pitch=torch.from_numpy(pitch),
        mel=torch.from_numpy(mel),
    )
