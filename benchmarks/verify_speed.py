"""What checking a bundle costs, beside `openssl dgst -sha256` of its data: a ratio from one run.

    python -m benchmarks.verify_speed MODEL [--rounds 5]

Openssl, `harness verify` and `harness verify --fast` take turns on the same files, in the page
cache. Wall time and peak resident memory are those of the whole process, start-up included. Ends
with 1 where the median of the ratios, or the memory, is beyond its limit.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

import click

from harness.errors import BundleError, HarnessError
from harness.integrity.bundle import bundle_files
from harness.records import Outcome
from harness.report.tables import NOTHING, Row, drawn, table
from harness.units import Unit, show
from harness.verbs.common import COULD_NOT_WORK, MISSED, PASSED, colour, tell

PASS, FAIL = str(Outcome.PASS), str(Outcome.FAIL)
OPENSSL, WHOLE, FAST = "openssl dgst -sha256", "harness verify", "harness verify --fast"
LIMITS = {WHOLE: 1.15, FAST: 0.35}  # multiples of openssl's time
MEMORY = 200_000_000  # bytes
LARGE = 1_000_000_000  # bytes of data from which on the limits hold

# The peak that wait4 tells includes that of the process which started the command: a small one.
STARTER = """
import os, sys, time
start = time.perf_counter()
nothing = os.open(os.devnull, os.O_WRONLY)
child = os.posix_spawnp(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nothing, 1)]
)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--rounds", type=click.IntRange(min=3), default=5, show_default=True)
def verify_speed(model: Path, rounds: int) -> None:
    """Time the checks of a sealed bundle against openssl, in turns."""
    data = max(bundle_files(model), key=lambda path: path.stat().st_size)
    verify = [sys.executable, "-c", "from harness.cli import main; main()", "verify", str(model)]
    commands = {
        OPENSSL: ["openssl", "dgst", "-sha256", str(data)],
        WHOLE: verify,
        FAST: [*verify, "--fast"],
    }
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in commands}
    measured(commands[OPENSSL])  # fills the page cache
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        for name, command in commands.items():
            taken[name].append(measured(command))
    size = data.stat().st_size
    rows, kept = judged(taken, judges=size >= LARGE)
    heads = ["Command", "Median", "× openssl", "Lowest – highest", "Limit", "Peak", "Verdict"]
    note = "" if size >= LARGE else " Start-up counts most: nothing is judged below 1 GB."
    told = f"{data}: {show(size, Unit.BYTES)}, {rounds} rounds.{note}\n"
    click.echo(drawn([told, table(heads, rows)], colour()), nl=False)
    sys.exit(PASSED if kept else MISSED)


def measured(command: list[str]) -> tuple[float, int]:
    """Run a command to its end: seconds, and the peak of its resident memory in bytes.

    Raises:
        BundleError: it fails, so that its time says nothing.
    """
    starter = [sys.executable, "-ISc", STARTER, *command]
    done = subprocess.run(starter, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing said"])[-1]
        raise BundleError(f"{' '.join(command)} failed, so that its time says nothing: {said}")
    seconds, kilobytes = done.stdout.split()
    return float(seconds), int(kilobytes) * 1024


def judged(taken: dict[str, list[tuple[float, int]]], *, judges: bool) -> tuple[list[Row], bool]:
    """Return the rows of the table, and whether each check keeps its limits (where it `judges`)."""
    base = [seconds for seconds, _ in taken[OPENSSL]]
    rows: list[Row] = []
    for name, seen in taken.items():
        ratios = [seconds / other for (seconds, _), other in zip(seen, base, strict=True)]
        middle, peak = statistics.median(ratios), max(memory for _, memory in seen)
        limit = LIMITS.get(name) if judges else None
        outcome = "" if limit is None else PASS if middle <= limit and peak <= MEMORY else FAIL
        cells = [
            name,
            show(statistics.median(seconds for seconds, _ in seen), Unit.SECONDS),
            f"{middle:.3f}",
            f"{min(ratios):.3f} – {max(ratios):.3f}",
            f"≤ {limit:g}" if limit else NOTHING,
            show(peak, Unit.BYTES),
            outcome,
        ]
        rows.append((cells, {PASS: "pass", FAIL: "fail"}.get(outcome, "none")))
    return rows, all(cells[-1] != FAIL for cells, _ in rows)


if __name__ == "__main__":
    try:
        verify_speed()
    except HarnessError as error:
        click.echo(f"harness: {error}", err=True)
        sys.exit(COULD_NOT_WORK)
