"""Runs that travel: one file for a run, and runs from elsewhere taken in.

    <id>.tar.gz     the folder of one run: journal, page, summary, decisions, nothing else

What comes from elsewhere is not trusted: only plain files of those names are taken, each of a
bounded size, and a journal that does not read as one is refused before anything lands.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.records import Measurement
from harness.store import JOURNAL, PAGE, RunWriter, read_run
from harness.summaries import DECISIONS, SUMMARY
from harness.units import Unit
from harness.untrusted import parse_json

NAMES = (JOURNAL, PAGE, SUMMARY, DECISIONS)
LARGEST = 1_000_000_000  # bytes of one file of a run
BENCHMARK = "pytest-benchmark"  # the verb of what was taken in from there


def export_run(folder: Path, to: Path) -> Path:
    """Write the folder of a run into `to` (a file, or a folder for `<id>.tar.gz`).

    Raises:
        StoreError: it cannot be written, or is there already.
    """
    file = to / f"{folder.name}.tar.gz" if to.is_dir() else to
    try:
        with open(file, "xb") as opened, tarfile.open(fileobj=opened, mode="w:gz") as tar:
            for name in NAMES:
                if (folder / name).is_file():
                    tar.add(folder / name, f"{folder.name}/{name}", recursive=False)
    except FileExistsError:
        raise StoreError(f"{file}: is there already. Remove it, or name another file.") from None
    except OSError as error:
        raise StoreError(f"{file}: cannot be written: {error.strerror}.") from error
    return file


def import_runs(source: Path, runs: Path) -> tuple[list[str], list[str]]:
    """Take in a run folder, a folder of such, an archive, or a JSON file of pytest-benchmark.

    Returns:
        Ids of the runs that were taken in, and of those that were there already, equal to the byte.

    Raises:
        StoreError: nothing fits, a journal is damaged, or another run of that id is there.
    """
    taken: list[str] = []
    known: list[str] = []
    if source.suffix == ".json":
        new, name = _benchmark(source, runs)
        (taken if new else known).append(name)
        return taken, known
    with tempfile.TemporaryDirectory() as scratch:
        folders = list(_folders(source, Path(scratch)))
        if not folders:
            raise StoreError(
                f"{source}: no run in it. Expected a folder with {JOURNAL}, a folder of such, a "
                f".tar.gz of `harness runs export`, or a JSON file of {BENCHMARK}."
            )
        for folder in folders:
            name = read_run(folder).id
            (taken if _land(folder, runs / _plain(name, folder)) else known).append(name)
    return taken, known


def _folders(source: Path, scratch: Path) -> Iterator[Path]:
    if source.is_file():
        source = _unpacked(source, scratch)
    if (source / JOURNAL).is_file():
        yield source
    elif source.is_dir():
        yield from sorted(file.parent for file in source.glob(f"*/{JOURNAL}"))


def _unpacked(file: Path, scratch: Path) -> Path:
    """Unpack the files of runs, by their names alone: no link, no path that leads elsewhere."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            for member in tar:
                folder, _, name = member.name.partition("/")
                if not member.isfile() or name not in NAMES:
                    continue
                if member.size > LARGEST:
                    raise StoreError(f"{file}: {member.name} has {member.size} bytes; refused.")
                place = scratch / _plain(folder, file)
                place.mkdir(exist_ok=True)
                with open(place / name, "wb") as out:
                    shutil.copyfileobj(tar.extractfile(member) or io.BytesIO(), out)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise StoreError(f"{file}: cannot be read as .tar.gz: {error}.") from None
    return scratch


def _plain(name: str, where: Path) -> str:
    """`name` as the name of one folder."""
    if not name or name != Path(name).name or name.startswith("."):
        raise StoreError(f"{where}: {name!r} is no name of a run. Refused.")
    return name


def _land(folder: Path, at: Path) -> bool:
    """Copy a run into its place, whole or not at all; False when the same one is there."""
    if at.exists():
        if (at / JOURNAL).read_bytes() == (folder / JOURNAL).read_bytes():
            return False
        raise StoreError(f"{at}: another run of this id is there. Nothing was overwritten.")
    half = at.with_name(f".{at.name}.half")
    try:
        half.mkdir(parents=True)
        for name in NAMES:
            if (folder / name).is_file() and not (folder / name).is_symlink():
                shutil.copyfile(folder / name, half / name)
        half.rename(at)
    except OSError as error:
        shutil.rmtree(half, ignore_errors=True)
        raise StoreError(f"{at}: cannot be written: {error.strerror}.") from error
    return True


def _benchmark(file: Path, runs: Path) -> tuple[bool, str]:
    """Make a run of the raw rounds in a file of `pytest --benchmark-json`."""
    try:
        data = file.read_bytes()
        told = parse_json(data)
        started = datetime.fromisoformat(told["datetime"])
        rows = [_function(row) for row in told["benchmarks"]]
    except OSError as error:
        raise StoreError(f"{file}: cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{file}: not a file of {BENCHMARK} with raw rounds ({error!r}). Write it by "
            "`pytest --benchmark-json=FILE --benchmark-save-data`."
        ) from None
    mark, commit = hashlib.sha256(data).hexdigest()[:8], told.get("commit_info") or {}
    named = {"verb": BENCHMARK, "bundle": "functions", "config": file.name}
    if found := next(runs.glob(f"*-{mark}/{JOURNAL}"), None):
        return False, found.parent.name
    with RunWriter(runs, started=started, mark=mark, **named) as writer:
        for row in rows:
            writer.write(row)
        writer.fact("machine_info", told.get("machine_info"))
        writer.fact("commit", str(commit.get("id", "")))
        writer.seal()
    return True, writer.id


def _function(row: dict[str, Any]) -> Measurement:
    """Return the seconds of every round of one benchmark."""
    rounds = tuple(float(value) for value in row["stats"]["data"])
    if not rounds:
        raise ValueError(f"{row['name']}: no round")
    return Measurement(metric=f"function.{row['name']}", unit=Unit.SECONDS, samples=rounds)
