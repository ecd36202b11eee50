"""How far two workers are from twice as quick, and what each takes of the memory.

    python -m benchmarks.scaling [--workers 1 --workers 2] [--rounds 5] [--clips 60]

Each round hears the same clips with each number of workers, in turn, so that what else happens on
the machine falls on both alike. One thread a worker: the config must say `intra_op_threads: 1`.
Prints the ratio of every round, or JSON with --json; ends with 1 if a worker heard other words.
"""

from __future__ import annotations

import statistics
import sys
from dataclasses import asdict
from pathlib import Path

import click

from harness.accuracy.sets import read_set
from harness.config import read_settings
from harness.errors import ConfigError, HarnessError
from harness.measure.host import allowed_cores, load_average
from harness.report.tables import drawn, table
from harness.run.jobs import job_of
from harness.run.plan import draw
from harness.run.score.scaling import Trial, scaling
from harness.run.score.weight import Weight, weigh
from harness.units import Unit, show
from harness.verbs import common

SPREAD = ("lowest", "highest")
HEADS = ("Workers", "Rounds", "Clips/s", *SPREAD, "Ratio", *SPREAD, "Worker")


@click.command()
@click.option("--set", "name", default="es_synthetic", show_default=True, help="Whose clips.")
@click.option("--clips", type=click.IntRange(min=4), default=60, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), multiple=True, default=(1, 2))
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@common.config
@common.as_json
def main(
    name: str, clips: int, workers: tuple[int, ...], rounds: int, config: str, as_json: bool
) -> None:
    """Hear the same clips with one worker, two, ..., in turn."""
    settings = read_settings(Path(config))
    if settings.threads != 1:
        raise ConfigError(f"{config}: expected intra_op_threads: 1, got {settings.threads}.")
    chosen = draw(read_set(Path(settings.suite.sets) / name), clips, settings.suite.seed)
    job = job_of(settings, chosen, timeout_s=300.0)
    weight = weigh(job, chosen)
    trials = tuple(scaling(job, chosen, workers=workers, rounds=rounds))
    same = all(trial.texts == trials[0].texts for trial in trials)
    if as_json:
        told = [{k: v for k, v in asdict(t).items() if k != "texts"} for t in trials]
        click.echo(common.to_json({"weight": asdict(weight), "same": same, "trials": told}))
    else:
        click.echo(_text(trials, workers, weight, same=same))
    sys.exit(common.PASSED if same else common.MISSED)


def _text(
    trials: tuple[Trial, ...], workers: tuple[int, ...], weight: Weight, *, same: bool
) -> str:
    base = {trial.round: trial.rate for trial in trials if trial.workers == workers[0]}
    rows = []
    for many in workers:
        taken = [trial for trial in trials if trial.workers == many]
        rates = [trial.rate for trial in taken]
        ratios = [trial.rate / base[trial.round] for trial in taken]
        figures = [f"{value:.3g}" for row in (rates, ratios) for value in _spread(row)]
        peak = show(max(trial.peak for trial in taken), Unit.BYTES)
        rows.append(((str(many), str(len(taken)), *figures, peak), "none"))
    own, shared = show(weight.own, Unit.BYTES), show(weight.shared, Unit.BYTES)
    words = "The words are the same in all." if same else "NOT THE SAME WORDS in all."
    sums = ", ".join(f"{many}: {show(weight.of(many), Unit.BYTES)}" for many in workers)
    return drawn(
        [
            table(HEADS, rows),
            f"{words} Memory: {own} a worker and {shared} of files that all share ({sums}). "
            f"Cores: {allowed_cores()}. Load average: {load_average()}.",
        ],
        common.colour(),
    )


def _spread(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)


if __name__ == "__main__":
    try:
        main()
    except HarnessError as error:
        click.echo(f"harness: {error}", err=True)
        sys.exit(common.COULD_NOT_WORK)
