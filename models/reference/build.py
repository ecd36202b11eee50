"""The whole recipe, from nothing to the shipped files: `make model-reference`.

Every step keeps what it has made, so that the same command goes on after an interruption. Two
seeds are trained side by side, one core each, and both are scored; the one with the lower WER on
the tuning set goes on alone for a while, on all cores, and is exported to models/onnx/reference.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BUILD = Path("build/reference")
BUNDLE = Path("models/onnx/reference")
SEEDS = (1, 2)
MINUTES = 76  # of training, each seed on one core
MINUTES_OF_BEST = 98  # of training in all, for the better seed


def command(module: str, *arguments: object) -> list[str]:
    """Return the command line of one step."""
    return [sys.executable, "-m", f"models.reference.{module}", *map(str, arguments)]


def step(module: str, *arguments: object) -> None:
    """Run one step to its end; a failure ends the build."""
    line = command(module, *arguments)
    print("$", " ".join(line[1:]), flush=True)
    subprocess.run(line, check=True)


def train(seed: int, tuning: Path, minutes: int, threads: int) -> list[str]:
    """Return the command that trains one seed until `minutes` are used up."""
    where = ("--corpus", BUILD / "corpus", "--tuning", tuning, "--out", BUILD / f"seed{seed}")
    return command("train", *where, "--seed", seed, "--minutes", minutes, "--threads", threads)


def together(lines: Sequence[Sequence[str]]) -> None:
    """Run several steps at once; a failure ends the build."""
    running = [subprocess.Popen(line) for line in lines]
    failed = [process.args for process in running if process.wait() != 0]
    if failed:
        raise SystemExit(f"failed: {failed}")


def export(seed: int, tuning: Path, bundle: Path) -> None:
    """Write the bundle of a seed, its language model included, and tune its decoder."""
    checkpoint = BUILD / f"seed{seed}" / "checkpoint.pt"
    step("language_model", "--out", bundle / "language_model.npz")
    step("export", "--checkpoint", checkpoint, "--tuning", tuning, "--out", bundle)
    step("tune", "--bundle", bundle, "--tuning", tuning)


def best(seeds: Sequence[int]) -> int:
    """Return the seed whose curve ends lowest on the tuning set."""

    def last(seed: int) -> float:
        lines = (BUILD / f"seed{seed}" / "curve.jsonl").read_text("utf-8").splitlines()
        return float(json.loads(lines[-1])["dev_greedy_wer"])

    return min(seeds, key=last)


def main() -> None:
    """Run every step."""
    BUILD.mkdir(parents=True, exist_ok=True)
    tuning = BUILD / "tuning.npz"
    step("corpus", "--out", BUILD / "corpus")
    step("tuning", "--out", tuning)
    together([train(seed, tuning, MINUTES, 1) for seed in SEEDS])
    bundles = [BUILD / f"seed{seed}" / "bundle" for seed in SEEDS]
    for seed, bundle in zip(SEEDS, bundles, strict=True):
        export(seed, tuning, bundle)
    step("evaluate", *bundles)
    chosen = best(SEEDS)
    together([train(chosen, tuning, MINUTES_OF_BEST, os.cpu_count() or 1)])
    export(chosen, tuning, BUNDLE)
    step("evaluate", BUNDLE)


if __name__ == "__main__":
    main()
