"""What scoring costs over the alignment alone: `python -m benchmarks.scoring_speed`.

    python -m benchmarks.scoring_speed [--words 1000000] [--rounds 7] [--view strict]

Scores random Spanish-like utterances in a view, per utterance and added up by speaker, condition
and length band, and times it beside one call of jiwer on the same raw texts with its own defaults.
The two take turns, the first of a round last in the next; the figure is the median of the ratios
of CPU time of one round. Ends with 1 when it is above the limit. On a million words it is below
1, as one call of jiwer keeps every alignment to its end, and the view takes the place of jiwer's
own reading of the texts.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import click
import jiwer

from harness.accuracy.text import View, signature
from harness.accuracy.wer import score_all, total, totals
from harness.report.tables import Row, drawn, table
from harness.units import Unit, show

LIMIT = 1.3  # times the CPU time of jiwer alone

_WORDS_IN_A_CLIP = (4, 24)
_VOCABULARY = 20_000
_ERRORS = 0.05  # of the words: half of them lost, half of them heard as another
_SPEAKERS, _CONDITIONS = 60, ("clean", "noise 20 dB", "noise 5 dB", "telephone")
_BANDS = ((5, "to 5 words"), (10, "to 10"), (20, "to 20"), (sys.maxsize, "longer"))


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Utterances as they come from a run; the lists are of one length."""

    references: list[str]
    hypotheses: list[str]
    speakers: list[str]
    conditions: list[str]


def utterances(words: int, seed: int = 5) -> Heard:
    """Make utterances of `words` reference words in all, with capitals, commas and stops."""
    rng = random.Random(seed)
    vocabulary = _vocabulary(rng)
    heard = Heard(references=[], hypotheses=[], speakers=[], conditions=[])
    while words > 0:
        count = min(words, rng.randint(*_WORDS_IN_A_CLIP))
        words -= count
        # Squared, so that few words are said often and many seldom, as in speech.
        said = [vocabulary[int(rng.random() ** 2 * _VOCABULARY)] for _ in range(count)]
        said[count // 2] += ","
        kept = [word for word in said if rng.random() > _ERRORS / 2]
        kept = [rng.choice(vocabulary) if rng.random() < _ERRORS / 2 else word for word in kept]
        heard.references.append(" ".join(said).capitalize() + ".")
        heard.hypotheses.append(" ".join(kept).capitalize() + ".")
        heard.speakers.append(f"speaker {rng.randrange(_SPEAKERS)}")
        heard.conditions.append(rng.choice(_CONDITIONS))
    return heard


def scored(heard: Heard, view: View) -> None:
    """Count every utterance, the whole, and each speaker, condition and length band."""
    counts = score_all(heard.references, heard.hypotheses, view)
    bands = [next(name for words, name in _BANDS if c.length <= words) for c in counts]
    for names in (heard.speakers, heard.conditions, bands):
        totals(names, counts)
    total(counts)


def rounds_of(heard: Heard, view: View, rounds: int) -> list[tuple[float, float]]:
    """Time scoring and jiwer alone in turns; CPU seconds of each, a pair a round."""
    jobs: list[Callable[[], object]] = [
        lambda: scored(heard, view),
        lambda: jiwer.process_words(heard.references, heard.hypotheses),
    ]
    taken = []
    for number in range(rounds):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        seconds = {job: _timed(jobs[job]) for job in order}
        taken.append((seconds[0], seconds[1]))
    return taken


@click.command()
@click.option("--words", type=click.IntRange(min=1), default=1_000_000, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=7, show_default=True)
@click.option(
    "--view", type=click.Choice([v.value for v in View]), default="strict", show_default=True
)
def main(words: int, rounds: int, view: str) -> None:
    """Time the scoring of random utterances beside jiwer alone on the same texts."""
    heard = utterances(words)
    taken = rounds_of(heard, View(view), rounds)
    ratios = [ours / alone for ours, alone in taken]
    rows: list[Row] = [
        ((str(n), *(show(value, Unit.SECONDS) for value in pair), show(ratio, Unit.FACTOR)), "none")
        for n, (pair, ratio) in enumerate(zip(taken, ratios, strict=True), start=1)
    ]
    heads = ("Round", "Scored, CPU", "jiwer alone, CPU", "Ratio")
    click.echo(drawn([table(heads, rows)], colour=False), nl=False)
    within = median(ratios) <= LIMIT
    click.echo(
        f"{show(words, Unit.COUNT)} words in {show(len(heard.references), Unit.COUNT)} utterances, "
        f"{signature(View(view))}: {show(median(ratios), Unit.FACTOR)} "
        f"({show(min(ratios), Unit.FACTOR)} to {show(max(ratios), Unit.FACTOR)}), "
        f"{'within' if within else 'above'} {show(LIMIT, Unit.FACTOR)}"
    )
    sys.exit(0 if within else 1)


def _timed(job: Callable[[], object]) -> float:
    gc.collect()  # what the other job left behind is not this one's cost
    start = time.process_time()
    job()
    return time.process_time() - start


def _vocabulary(rng: random.Random) -> list[str]:
    onsets = ["b", "c", "d", "f", "g", "l", "m", "n", "ñ", "p", "r", "rr", "s", "t", "tr", "v", ""]
    vowels = ["a", "e", "i", "o", "u", "á", "é", "í", "ó", "ie", "ue"]
    closings = ["", "", "", "s", "n", "r"]
    return [
        "".join(
            rng.choice(onsets) + rng.choice(vowels) + rng.choice(closings)
            for _ in range(rng.randint(1, 4))
        )
        for _ in range(_VOCABULARY)
    ]


if __name__ == "__main__":
    main()
