"""Read the inputs of a folder again and again, and see whether the memory of the process grows:

    python -m tests.fuzz.replay ENTRY FOLDER

The fuzzer's own process grows by the inputs that it keeps; this one keeps none. One JSON object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.fuzz.entries import ENTRIES

WARMUP, ROUNDS = 2, 8
MOST_INPUTS = 2_000


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def main() -> None:
    entry = ENTRIES[sys.argv[1]]
    inputs = [file.read_bytes() for file in sorted(Path(sys.argv[2]).iterdir())[:MOST_INPUTS]]
    before = accepted = 0
    for number in range(WARMUP + ROUNDS):
        if number == WARMUP:
            before = resident()
        accepted = sum(map(entry.try_one, inputs))
    print(
        json.dumps(
            {
                "inputs": len(inputs),
                "accepted": accepted,
                "rounds": ROUNDS,
                "grown": resident() - before,
            }
        )
    )


if __name__ == "__main__":
    main()
