"""The whole recipe, from nothing to the shipped files: `make model-reference`.

Every step keeps what it has made, so that the same command goes on after an interruption. Two
seeds are trained side by side, one core each; the one with the lower WER on the tuning set is
exported to models/onnx/reference.
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


def command(module: str, *arguments: object) -> list[str]:
    """Return the command line of one step."""
    return [sys.executable, "-m", f"models.reference.{module}", *map(str, arguments)]


def step(module: str, *arguments: object) -> None:
    """Run one step to its end; a failure ends the build."""
    line = command(module, *arguments)
    print("$", " ".join(line[1:]), flush=True)
    subprocess.run(line, check=True)


def train(seeds: Sequence[int], tuning: Path) -> None:
    """Train all seeds at once."""
    options = ("--corpus", BUILD / "corpus", "--tuning", tuning)
    running = [
        subprocess.Popen(command("train", *options, "--out", BUILD / f"seed{seed}", "--seed", seed))
        for seed in seeds
    ]
    failed = [process.args for process in running if process.wait() != 0]
    if failed:
        raise SystemExit(f"training failed: {failed}")


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
    train(SEEDS, tuning)
    step("language_model", "--out", BUNDLE / "language_model.npz")
    checkpoint = BUILD / f"seed{best(SEEDS)}" / "checkpoint.pt"
    step("export", "--checkpoint", checkpoint, "--tuning", tuning, "--out", BUNDLE)
    step("tune", "--bundle", BUNDLE, "--tuning", tuning)
    step("evaluate", BUNDLE)


if __name__ == "__main__":
    main()
