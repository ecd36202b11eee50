"""Training of the voice: seeded, resumable, for a given time.

    python -m models.voice.train --corpus build/voice/corpus --out build/voice/seed1

`curve.jsonl` keeps the losses on utterances that are not trained on, `checkpoint.pt` everything
that is needed to go on.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from models.voice.data import Batch, Utterance, batches, read
from models.voice.net import MEL_SCALE, PITCH_SCALE, AcousticModel

PEAK_RATE = 2e-3
WARM_UP = 200  # steps
DURATION_WEIGHT, PITCH_WEIGHT = 1.0, 0.3
EVALUATE = 200  # steps


@dataclass(kw_only=True)
class State:
    """Everything that a checkpoint holds."""

    model: AcousticModel
    average: AcousticModel  # exponential moving average of the weights: what is exported
    optimiser: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0
    epoch: int = 0

    def save(self, path: Path) -> None:
        """Write the checkpoint whole or not at all."""
        parts = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "epoch": self.epoch,
        }
        partial = path.with_suffix(".partial")
        torch.save(parts, partial)
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint."""
        parts = torch.load(path, weights_only=True)
        self.model.load_state_dict(parts["model"])
        self.average.load_state_dict(parts["average"])
        self.optimiser.load_state_dict(parts["optimiser"])
        self.step, self.seconds, self.epoch = parts["step"], parts["seconds"], parts["epoch"]


def losses(model: AcousticModel, batch: Batch) -> dict[str, Tensor]:
    """Return the mean errors: mel in log power, durations in log frames, pitch in octave parts."""
    with torch.autocast("cpu", torch.bfloat16):
        durations, pitch, mel, heard = model.learn(
            batch.tokens, batch.emotion, batch.counts, batch.lengths, batch.pitch
        )
    frames = heard.sum()
    there = (torch.arange(batch.tokens.shape[1])[None] < batch.counts[:, None]).float()
    wanted = torch.log1p(batch.lengths)
    return {
        "mel": ((mel.float() - batch.mel).abs().mean(2) * heard).sum() / frames,
        "duration": ((durations.float() - wanted).abs() * there).sum() / there.sum(),
        "pitch": ((pitch.float() - batch.pitch).abs() * heard).sum() / frames,
    }


def rate(progress: float, step: int) -> float:
    """Return the learning rate: linear warm-up, then a cosine down to one percent."""
    cosine = 0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, progress))) / 2
    return PEAK_RATE * min(1.0, (step + 1) / WARM_UP) * cosine


def follow(average: nn.Module, model: nn.Module, step: int) -> None:
    """Move the averaged weights towards the model's, slower as training goes on."""
    share = max(0.003, 1 / (step / 10 + 1))
    with torch.no_grad():
        for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
            slow.lerp_(fast, share)


def endless(utterances: list[Utterance], state: State, seed: int) -> Iterator[Batch]:
    """Yield batches pass after pass; an interrupted pass starts again."""
    while True:
        yield from batches(utterances, f"{seed}/{state.epoch}")
        state.epoch += 1


def train(options: argparse.Namespace) -> None:
    """Run until `options.minutes` of training or `options.steps` are used up."""
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    heard, held_back = read(options.corpus)
    model = AcousticModel()
    optimiser = torch.optim.AdamW(model.parameters(), PEAK_RATE, (0.9, 0.98), weight_decay=0.01)
    state = State(model=model, average=copy.deepcopy(model), optimiser=optimiser)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"
    if checkpoint.exists():
        state.load(checkpoint)
    print(f"{len(heard)} utterances, from step {state.step}", flush=True)
    dealt, last = endless(heard, state, options.seed), time.monotonic()
    while (progress := max(state.step / options.steps, state.seconds / 60 / options.minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate(progress, state.step)
        model.train()
        parts = losses(model, next(dealt))
        total = parts["mel"] + DURATION_WEIGHT * parts["duration"] + PITCH_WEIGHT * parts["pitch"]
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        state.step += 1
        follow(state.average, model, state.step)
        state.seconds, last = state.seconds + time.monotonic() - last, time.monotonic()
        if state.step % EVALUATE == 0:
            report(state, parts, held_back, options.out)
            state.save(checkpoint)
            last = time.monotonic()
    report(state, parts, held_back, options.out)
    state.save(checkpoint)


def report(state: State, parts: dict[str, Tensor], held_back: list[Utterance], out: Path) -> None:
    """Add a line to the curve and print it."""
    state.average.eval()
    with torch.no_grad():
        found = [losses(state.average, batch) for batch in batches(held_back, "curve")]
    mean = {name: float(torch.stack([f[name] for f in found]).mean()) for name in found[0]}
    line = {
        "step": state.step,
        "minutes": round(state.seconds / 60, 2),
        "train_mel": round(float(parts["mel"].detach()) * MEL_SCALE, 4),  # natural log of power
        "mel": round(mean["mel"] * MEL_SCALE, 4),
        "duration": round(mean["duration"], 4),  # natural log of frames
        "semitones": round(mean["pitch"] * PITCH_SCALE * 12 / math.log(2), 4),
    }
    with (out / "curve.jsonl").open("a", encoding="utf-8") as curve:
        curve.write(json.dumps(line) + "\n")
    print(line, flush=True)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=40_000)
    parser.add_argument("--minutes", type=float, default=70.0)
    parser.add_argument("--threads", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
