"""What a paired bootstrap of word errors costs: 10 000 draws over 3 000 utterances, within 1 s.

    python -m benchmarks.bootstrap_speed [--utterances 3000] [--rounds 7]

Timed is the whole of `rate_difference`: draws, standard error and interval of two systems on the
same utterances of 3 to 39 words, of which either misses 3 %. Ends with 1 where the median is beyond
its limit, which holds for 3 000 utterances or fewer.
"""

from __future__ import annotations

import statistics
import sys
import time

import click
import numpy as np

from harness.judge.intervals import DRAWS, rate_difference
from harness.units import Unit, show
from harness.verbs.common import MISSED, PASSED

LIMIT, LARGEST = 1.0, 3000  # seconds, utterances


@click.command()
@click.option("--utterances", type=click.IntRange(min=2), default=LARGEST, show_default=True)
@click.option("--rounds", type=click.IntRange(min=3), default=7, show_default=True)
def bootstrap_speed(utterances: int, rounds: int) -> None:
    """Time the paired bootstrap."""
    taken = timed(utterances, rounds)
    middle, spread = statistics.median(taken), [show(s, Unit.SECONDS) for s in sorted(taken)]
    judges = utterances <= LARGEST
    outcome = "" if not judges else f", {'PASS' if kept(taken) else 'FAIL'} of {LIMIT:g} s"
    click.echo(
        f"{DRAWS} paired draws over {utterances} utterances: {show(middle, Unit.SECONDS)}{outcome} "
        f"(median of {rounds}; {spread[0]} to {spread[-1]})"
    )
    sys.exit(PASSED if kept(taken) or not judges else MISSED)


def kept(taken: list[float]) -> bool:
    """Return whether the median of these seconds keeps the limit."""
    return statistics.median(taken) <= LIMIT


def timed(utterances: int, rounds: int) -> list[float]:
    """Return the seconds that each of `rounds` intervals of one pair of systems took."""
    rng = np.random.default_rng(0)
    words = rng.integers(3, 40, utterances)
    pair = rng.binomial(words, 0.03), rng.binomial(words, 0.03)
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        rate_difference(pair, words)
        taken.append(time.perf_counter() - start)
    return taken


if __name__ == "__main__":
    bootstrap_speed()
