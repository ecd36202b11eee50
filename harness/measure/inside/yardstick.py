"""A fixed piece of work, timed in every measured process: how fast this machine is just now.

Limits that are set on one machine can be held on another of its kind, and on the same one at
another clock, when they are stretched by what the same work takes there. Interpreter work only:
table look-ups, sums and sorting, as in decoding a text. Standard library only.
"""

from __future__ import annotations

import time

ROUNDS = 5  # times that the work is done in each process
STEPS = 20_000  # about 5 ms


def yardstick() -> list[int]:
    """Return the ns of each round."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        _work()
        taken.append(time.perf_counter_ns() - start)
    return taken


def _work() -> float:
    table: dict[int, float] = {}
    place = 1
    for _ in range(STEPS):
        place = place * 75 % 65_537  # Lehmer's generator: the same places on every machine
        table[place] = table.get(place >> 1, 0.5) + 1.0 / place
    return sum(sorted(table.values()))
