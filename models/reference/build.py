"""The whole recipe, from nothing to the shipped files: `make model-reference`.

Every step keeps what it has made, so that the same command goes on after an interruption. Two
seeds are trained side by side, one core each, and both are scored; the one with the lower WER on
the tuning set goes on alone for a while and is exported to models/onnx/reference.
"""

from __future__ import annotations

import json
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


def train(seed: int, curve: Path, minutes: int) -> list[str]:
    """Return the command that trains one seed until `minutes` are used up."""
    where = ("--corpus", BUILD / "corpus", "--tuning", curve, "--out", BUILD / f"seed{seed}")
    return command("train", *where, "--seed", seed, "--minutes", minutes)


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
    curve, tuning = BUILD / "curve.npz", BUILD / "tuning.npz"
    step("corpus", "--out", BUILD / "corpus")
    step("tuning", "--out", curve, "--each", 1)
    step("tuning", "--out", tuning, "--each", 8)
    together([train(seed, curve, MINUTES) for seed in SEEDS])
    bundles = [BUILD / f"seed{seed}" / "bundle" for seed in SEEDS]
    for seed, bundle in zip(SEEDS, bundles, strict=True):
        export(seed, tuning, bundle)
    step("evaluate", *bundles)
    chosen = best(SEEDS)
    together([train(chosen, curve, MINUTES_OF_BEST)])
    export(chosen, tuning, BUNDLE)
    step("evaluate", BUNDLE)


if __name__ == "__main__":
    main()
