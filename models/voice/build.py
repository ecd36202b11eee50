"""The whole recipe, from nothing to the shipped files: `make model-voice`.

Every step keeps what it has made, so that the same command goes on after an interruption.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BUILD = Path("build/voice")
BUNDLE = Path("models/onnx/voice")
SEED = 1
MINUTES = 70  # of training, on one core


def step(module: str, *arguments: object) -> None:
    """Run one step to its end; a failure ends the build."""
    line = [sys.executable, "-m", f"models.voice.{module}", *map(str, arguments)]
    print("$", " ".join(line[1:]), flush=True)
    subprocess.run(line, check=True)


def main() -> None:
    """Run every step."""
    corpus, trained = BUILD / "corpus", BUILD / f"seed{SEED}"
    step("corpus", "--out", corpus)
    step("record", "--corpus", corpus)
    step("train", "--corpus", corpus, "--out", trained, "--seed", SEED, "--minutes", MINUTES)
    step("export", "--checkpoint", trained / "checkpoint.pt", "--out", BUNDLE)
    step("evaluate")


if __name__ == "__main__":
    main()
