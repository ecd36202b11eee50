"""What the history of 1 000 runs costs: drawn in 3 s, a page of at most 2 MB.

    python -m benchmarks.history_speed [--runs 1000] [--rounds 3] [--keep FOLDER]

Written first are so many runs of two bundles on three classes of machine, with summaries as a bench
leaves them: 14 figures with a budget, 17 without, 5 shifts, a tenth of the runs on other branches.
Timed is `harness history` in a process of its own, from its start to its end; the process that
writes the runs is not. Ends with 1 where the median or the size is beyond its limit, which hold for
1 000 runs or fewer.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import numpy as np

from harness.records import Outcome, Statistic
from harness.report.history_page import INDEX
from harness.store import RunWriter
from harness.summaries import Figure, Summary, keep_summary
from harness.units import MB, Unit, show
from harness.verbs.common import MISSED, PASSED

SECONDS, BYTES, LARGEST = 3.0, 2 * MB, 1000
MACHINES = {  # and how much longer everything takes there
    "AMD EPYC · 2 of 2 cores · 25.3 GB · 71fd": 1.0,
    "Intel Xeon · 4 of 4 cores · 16.8 GB · 0c2e": 1.4,
    "Neoverse-N1 · 4 of 4 cores · 16.5 GB · a941": 1.9,
}
STAGES = {  # seconds of each part of a request
    "load_warm": 0.094,
    "first_result": 0.146,
    "audio_to_codes": 0.016,
    "inference": 0.0103,
    "post_processing": 0.0154,
    "end_to_end": 0.0408,
    "unattributed": 0.0009,
}
MORE = ("imports", "load_cold", "first_inference", "decode_audio", "resample_audio", "log_mel")
WEIGHED = {"peak": 113e6, "load_peak": 98.7e6, "first_run_peak": 111e6, "steady": 103e6}
HEARD = ("es_synthetic", "es_prose", "es_long", "es_pico")


@click.command()
@click.option("--runs", type=click.IntRange(min=1), default=LARGEST, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Leave runs and page here.")
def history_speed(runs: int, rounds: int, keep: Path | None) -> None:
    """Time the history."""
    with tempfile.TemporaryDirectory() as scratch:
        reports = keep or Path(scratch)
        write_runs(reports / "runs", runs)
        taken, used = timed(reports, rounds)
        size = (reports / INDEX).stat().st_size
    middle = statistics.median(taken)
    kept = middle <= SECONDS and size <= BYTES
    outcome = "" if runs > LARGEST else f", {'PASS' if kept else 'FAIL'}"
    click.echo(
        f"{runs} runs: {show(middle, Unit.SECONDS)} of {SECONDS:g} s (median of {rounds}; of CPU "
        f"{show(statistics.median(used), Unit.SECONDS)}), page {show(size, Unit.BYTES)} of "
        f"{show(BYTES, Unit.BYTES)}{outcome}; load average {os.getloadavg()[0]:.1f} on "
        f"{os.cpu_count()} cores"
    )
    sys.exit(PASSED if kept or runs > LARGEST else MISSED)


def timed(reports: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Return what each of `rounds` calls took: seconds by the clock, and of the processor."""
    line = [sys.executable, "-c", "from harness.cli import main; main()", "history"]
    walls, used = [], []
    for _ in range(rounds):
        start, before = time.perf_counter(), os.times()
        words = [*line, "--reports", str(reports)]
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        walls.append(time.perf_counter() - start)
        cpu = after.children_user + after.children_system
        used.append(cpu - before.children_user - before.children_system)
    return walls, used


def write_runs(runs: Path, number: int) -> None:
    """Write so many runs: a header each, and a summary."""
    rng = np.random.default_rng(0)
    for at in range(number):
        started = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=7 * at)
        bundle = ("reference", "sarai")[at // 3 % 2]
        with RunWriter(
            runs,
            verb="bench",
            bundle=bundle,
            config=f"config/{bundle}.yaml",
            started=started,
            mark=f"{at:04x}",
        ) as writer:
            writer.seal()
        keep_summary(writer.folder, summary(writer.id, at, number, bundle, rng))


def summary(name: str, at: int, number: int, bundle: str, rng: np.random.Generator) -> Summary:
    """Return the summary of run `at`: what it measured, times the changes until then."""
    machine, slower = list(MACHINES.items())[at % len(MACHINES)]
    level = slower * (20.0 if bundle == "sarai" else 1.0)
    level *= 1.12 if at > number // 3 else 1.0
    level *= 0.93 if at > 2 * number // 3 else 1.0
    started = f"{name[:4]}-{name[4:6]}-{name[6:8]}T{name[9:11]}:{name[11:13]}:{name[13:15]}Z"
    return Summary(
        id=name,
        verb="bench",
        bundle=bundle,
        config=f"config/{bundle}.yaml",
        started=started,
        commit=f"{at:08x}" * 5,
        branch="main" if rng.random() < 0.9 else f"feature/{at % 5}",
        machine=machine,
        quick=False,
        complete=True,
        decision="PASSED",
        sentence="14 of 14 budgets kept, 54 of 54 rules seen to hold.",
        figures=tuple(figures(level, rng)),
        ceilings={"yardstick": 0.0055 * slower * float(rng.normal(1, 0.02)), "read": 3.0e10},
        place={"kernel": "Linux 6.18", "package numpy": "2.4.6", "bundle": "3b68a5cd" * 8},
    )


def figures(level: float, rng: np.random.Generator) -> list[Figure]:
    """Return the figures of one run, each with noise of its own around what they share."""
    shared = float(rng.normal(1, 0.015)) * (1.3 if rng.random() < 0.05 else 1.0)

    def value(middle: float, spread: float = 0.015) -> float:
        return middle * shared * float(rng.normal(1, spread))

    timed = [
        _figure(f"latency.{name}", Statistic.P95, Unit.SECONDS, value(level * s), level * s * 1.4)
        for name, s in STAGES.items()
    ]
    weighed = [
        _figure(
            f"memory.{name}",
            Statistic.MAX,
            Unit.BYTES,
            size * float(rng.normal(1, 0.002)),
            size * 1.3,
        )
        for name, size in WEIGHED.items()
    ]
    heard = [
        _figure(
            f"accuracy.wer.{name}", Statistic.RATE, Unit.RATIO, 0.019, 0.03 if at == 0 else None
        )
        for at, name in enumerate(HEARD)
    ]
    middle = [
        _figure(f"latency.{name}", Statistic.P50, Unit.SECONDS, value(level * 0.01), None)
        for name in (*STAGES, *MORE)
    ]
    whole = _figure("accuracy.end_to_end", Statistic.RATE, Unit.RATIO, 0.95, 0.9, at_most=False)
    return [*timed, *weighed, *heard, whole, *middle]


def _figure(
    metric: str,
    statistic: Statistic,
    unit: Unit,
    value: float,
    limit: float | None,
    *,
    at_most: bool = True,
) -> Figure:
    return Figure(
        metric=metric,
        statistic=statistic,
        unit=unit,
        title=metric,
        value=value,
        low=value * 0.98,
        high=value * 1.02,
        limit=limit,
        at_most=at_most,
        outcome=None if limit is None else Outcome.PASS,
    )


if __name__ == "__main__":
    history_speed()
