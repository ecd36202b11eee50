"""Training: seeded, resumable, for a given time.

    python -m models.reference.train --corpus build/reference/corpus \
        --tuning build/reference/tuning.npz --out build/reference/seed1 --seed 1

Every `EVALUATE` steps the averaged weights transcribe a tuning set in voices that training never
hears; `curve.jsonl` keeps the figures and `checkpoint.pt` everything that is needed to go on.
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

import jiwer
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.reference.augment import Augment
from models.reference.data import Batch, Corpus
from models.reference.net import Recogniser
from models.reference.text import SYMBOLS

PEAK_RATE = 2e-3
WARM_UP = 400  # steps
MEL_WEIGHT, PHONEME_WEIGHT = 0.2, 0.3
EVALUATE = 500  # steps


@dataclass(kw_only=True)
class State:
    """Everything that a checkpoint holds."""

    model: Recogniser
    average: Recogniser  # exponential moving average of the weights: what is exported
    optimiser: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0
    epoch: int = 0

    def save(self, path: Path, phonemes: tuple[str, ...]) -> None:
        """Write the checkpoint whole or not at all."""
        parts = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "epoch": self.epoch,
            "phonemes": phonemes,
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


def loss(model: Recogniser, batch: Batch, augment: Augment) -> tuple[Tensor, Tensor]:
    """Return (total loss, its CTC part) of one batch."""
    disturbed, clean = augment(batch.mel, batch.heard)
    with torch.autocast("cpu", torch.bfloat16):
        text, phonemes, mel = model(disturbed)
    frames = torch.full_like(batch.lengths, text.shape[1])
    log_probs = text.float().log_softmax(2).transpose(0, 1)
    ctc = F.ctc_loss(log_probs, batch.letters, frames, batch.lengths, zero_infinity=True)
    picture = F.l1_loss(mel.float(), clean)
    spoken = F.cross_entropy(phonemes.float().flatten(0, 1), batch.phonemes.flatten())
    return ctc + MEL_WEIGHT * picture + PHONEME_WEIGHT * spoken, ctc


def rate(progress: float, step: int) -> float:
    """Return the learning rate: linear warm-up, then a cosine down to one percent."""
    cosine = 0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, progress))) / 2
    return PEAK_RATE * min(1.0, (step + 1) / WARM_UP) * cosine


def follow(average: nn.Module, model: nn.Module, step: int) -> None:
    """Move the averaged weights towards the model's, slower as training goes on."""
    share = max(0.002, 1 / (step / 10 + 1))
    with torch.no_grad():
        for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
            slow.lerp_(fast, share)


def endless(corpus: Corpus, state: State, seed: int) -> Iterator[Batch]:
    """Yield batches pass after pass; an interrupted pass starts again."""
    while True:
        yield from corpus.batches(state.epoch, seed)
        state.epoch += 1


def greedy(log_probs: Tensor) -> str:
    """Return the best path's letters of [T, 35]."""
    best = torch.unique_consecutive(log_probs.argmax(1)).tolist()
    return " ".join("".join(SYMBOLS[i] for i in best if i).split())


def evaluate(model: Recogniser, tuning: Path) -> float:
    """Return the greedy WER on the tuning set (arrays `mel` [N, 80, 1024] and `text` [N])."""
    with np.load(tuning) as arrays:
        mels, texts = arrays["mel"], arrays["text"].tolist()
    model.eval()
    with torch.no_grad():
        text = [model(torch.from_numpy(m).float()[None])[0][0] for m in mels]
    return float(jiwer.wer(texts, [greedy(t) for t in text]))


def train(options: argparse.Namespace) -> None:
    """Run until `options.minutes` of training or `options.steps` are used up."""
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    corpus, augment = Corpus(options.corpus), Augment(options.seed)
    model = Recogniser(len(corpus.phonemes))
    optimiser = torch.optim.AdamW(model.parameters(), PEAK_RATE, (0.9, 0.98), weight_decay=0.01)
    state = State(model=model, average=copy.deepcopy(model), optimiser=optimiser)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"
    if checkpoint.exists():
        state.load(checkpoint)
    print(f"{len(corpus.utterances)} utterances, from step {state.step}", flush=True)
    batches, last, heard = endless(corpus, state, options.seed), time.monotonic(), 0.0
    while (progress := max(state.step / options.steps, state.seconds / 60 / options.minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate(progress, state.step)
        model.train()
        total, ctc = loss(model, next(batches), augment)
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        state.step += 1
        follow(state.average, model, state.step)
        heard += (float(ctc.detach()) - heard) / min(100, state.step % EVALUATE or EVALUATE)
        state.seconds, last = state.seconds + time.monotonic() - last, time.monotonic()
        if state.step % EVALUATE == 0:
            report(state, heard, options)
            state.save(checkpoint, corpus.phonemes)
            last = time.monotonic()
    report(state, heard, options)
    state.save(checkpoint, corpus.phonemes)


def report(state: State, ctc: float, options: argparse.Namespace) -> None:
    """Add a line to the curve and print it."""
    line = {
        "step": state.step,
        "minutes": round(state.seconds / 60, 2),
        "ctc": round(ctc, 4),
        "dev_greedy_wer": round(evaluate(state.average, options.tuning), 4),
    }
    with (options.out / "curve.jsonl").open("a", encoding="utf-8") as curve:
        curve.write(json.dumps(line) + "\n")
    print(line, flush=True)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--tuning", type=Path, required=True, help="npz of models.reference.tuning")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=40_000)
    parser.add_argument("--minutes", type=float, default=76.0)
    parser.add_argument("--threads", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
