"""Faults of the journal of a run: what is read after them, and what is refused."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from harness.errors import HarnessError
from harness.faults import Fault, Sight
from harness.records import Measurement
from harness.store import JOURNAL, RunWriter, find_run, read_run
from harness.units import Unit

Look = Callable[[], str]  # reads or writes, and says what came of it
MOMENTS = 40  # at which a writer is killed
RECORDS = 30  # that it would have written


def told(look: Look) -> Sight:
    """See what is read, or which error of the harness comes of it."""
    try:
        return Sight(alarms={}, notes={"read": look()})
    except HarnessError as error:
        return Sight(alarms={type(error).__name__: str(error)})


def sample(number: float = 1.0) -> Measurement:
    """A measurement of one sample."""
    return Measurement(metric="m", unit=Unit.SECONDS, samples=(number,))


def written(folder: Path, records: int = 3) -> Path:
    """Write a whole run and return its journal."""
    with RunWriter(folder, verb="bench", bundle="b", config="c.yaml") as writer:
        for number in range(records):
            writer.write(sample(float(number)))
        writer.seal()
    return writer.folder / JOURNAL


def counted(folder: Path) -> str:
    """Read the newest run and say how much there is of it."""
    run = read_run(find_run(folder, "latest"))
    return f"{len(run.measurements)} measurements, {'whole' if run.complete else 'incomplete'}"


def refused(title: str, spoil: Callable[[bytes], bytes], *names: str) -> Fault[Look]:
    """A journal that is no longer one: an error that names file and line."""

    def plant(folder: Path) -> Look:
        journal = written(folder)
        journal.write_bytes(spoil(journal.read_bytes()))
        return lambda: str(len(read_run(journal).measurements))

    return Fault(
        name=title, title=title, plant=plant, see=told, expect=("StoreError",), names=names
    )


def line(number: int, old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Replace something in one line, counted from 1."""

    def spoil(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        assert old in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return b"".join(lines)

    return spoil


def torn(folder: Path) -> Look:
    """Tear the last line, the seal, in two."""
    journal = written(folder)
    journal.write_bytes(journal.read_bytes()[:-12])
    return lambda: counted(folder)


def killed_at_once(folder: Path) -> Look:
    """Leave a run of which nothing was written beside a whole one."""
    written(folder)
    (folder / "20990101T000000Z-b-bench-0000").mkdir()
    (folder / "20990101T000000Z-b-bench-0000" / JOURNAL).touch()
    return lambda: counted(folder)


def in_the_way(folder: Path) -> Look:
    """Put a file where the runs are to be kept."""
    (folder / "runs").write_text("")
    return lambda: str(written(folder / "runs"))


def not_finite(folder: Path) -> Look:
    """Measure something that is no number."""

    def look() -> str:
        with RunWriter(folder, verb="bench", bundle="b", config="c.yaml") as writer:
            writer.write(sample(float("nan")))
        return "kept"

    return look


def twice(folder: Path) -> Look:
    """Write a run that another process still writes."""
    writer = RunWriter(folder, verb="bench", bundle="b", config="c.yaml")

    def look() -> str:
        with writer, RunWriter.reopen(writer.folder):
            return "both write"

    return look


def two_at_once(folder: Path) -> Look:
    """Let two runs be written at one time."""

    def look() -> str:
        children = [_write_in_child(folder) for _ in range(2)]
        for child in children:
            os.waitpid(child, 0)
        runs = [read_run(journal) for journal in folder.glob(f"*/{JOURNAL}")]
        return ", ".join(f"{len(run.measurements)} {run.complete}" for run in runs)

    return look


def killed(folder: Path) -> Look:
    """Kill writers (SIGKILL) at moments drawn by a seed, and read what is there."""

    def look() -> str:
        dice, holes = random.Random(20261125), 0
        for _ in range(MOMENTS):
            child = _write_in_child(folder)
            time.sleep(dice.uniform(0, 0.03))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for journal in folder.glob(f"*/{JOURNAL}"):
            if journal.stat().st_size:  # not killed before its header
                numbers = [m.samples[0] for m in read_run(journal).measurements]
                holes += numbers != list(map(float, range(len(numbers))))
        after = read_run(written(folder))
        return f"{holes} runs with a hole; the next: {len(after.measurements)} {after.complete}"

    return look


def _write_in_child(folder: Path) -> int:
    child = os.fork()
    if child == 0:
        try:
            written(folder, RECORDS)
        finally:
            os._exit(0)  # whatever happens: the tests are the parent's
    return child


def read(title: str, plant: Callable[[Path], Look], *names: str) -> Fault[Look]:
    """A fault after which all that was written before it is read."""
    return Fault(name=title, title=title, plant=plant, see=told, notes=("read",), names=names)


def stopped(title: str, plant: Callable[[Path], Look], *names: str) -> Fault[Look]:
    """A fault that ends in a clear error of the store."""
    return Fault(
        name=title, title=title, plant=plant, see=told, expect=("StoreError",), names=names
    )


def _foreign(content: bytes) -> bytes:
    return json.dumps({"type": "measurement"}).encode() + b"\n" + content


STORE: tuple[Fault[Look], ...] = (
    read("a journal whose last line is torn", torn, "3 measurements, incomplete"),
    read("a run that was killed before its header", killed_at_once, "3 measurements, whole"),
    read(f"{MOMENTS} writers killed at random moments", killed, "0 runs with", "3 True"),
    read("two runs written at one time", two_at_once, f"{RECORDS} True, {RECORDS} True"),
    refused("a damaged line within a journal", line(3, b'"samples"', b"\xff"), ":3: damaged"),
    refused("a journal of an unknown format", line(1, b'"format": ', b'"format": 9'), "format 9"),
    refused("a journal without a header", _foreign, ":1: expected a header"),
    refused("a header without a verb", line(1, b'"verb"', b'"verv"'), "lacks 'verb'"),
    refused("a record of an unknown kind", line(2, b"measurement", b"guess"), ":2: unknown record"),
    refused("a record of a wrong type", line(2, b"[0.0]", b'"x"'), ":2: not a measurement"),
    refused("an empty journal", lambda content: b"", "no header"),
    refused("a journal that is no JSON", lambda content: b"hola\nhola\n", ":1: damaged"),
    stopped("a run that another process still writes", twice, "another process still writes"),
    stopped("a file where runs are to be kept", in_the_way, "cannot be written"),
    stopped("a sample that is no number", not_finite, "cannot be kept"),
)
