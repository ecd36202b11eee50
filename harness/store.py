"""Runs on disk: one folder per run, with an append-only journal of JSON lines.

    reports/runs/20261123T192559Z-reference-bench-1a2b/journal.jsonl

    {"type": "header", "format": 2, "id": "...", "verb": "bench", "bundle": "reference", ...}
    {"type": "environment", ...}          one record of `harness.records` per line, flushed to
    {"type": "measurement", ...}          the disk before the next is taken
    {"type": "fact", "name": "settings", "value": {...}}
    {"type": "doubt", "text": "..."}
    {"type": "seal", "records": 4}        last line; a run without it reads as incomplete

A process that is killed while it writes leaves a torn last line, which reading drops. Anything
else that does not fit is an error that names the line: a journal is never read by guessing.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from harness.errors import StoreError
from harness.records import Environment, Finding, Measurement, Run, Transcript

# Format of the journal. History:
#   1  2026-11  first
#   2  2026-11  `arm` of measurements and transcripts; absent in 1, and read as ""
#   3  2026-11  `treatment` of transcripts; absent before, and read as ""
FORMAT = 3
READABLE = (1, 2, 3)
JOURNAL = "journal.jsonl"
PAGE = "page.html"

Record = Measurement | Transcript | Finding | Environment

_RECORDS: Mapping[str, TypeAdapter[Any]] = {
    "measurement": TypeAdapter(Measurement),
    "transcript": TypeAdapter(Transcript),
    "finding": TypeAdapter(Finding),
    "environment": TypeAdapter(Environment),
}


class RunWriter:
    """The journal of one run in progress. Each call returns when its record is on the disk.

    Use as a context manager: the journal is closed at the end, and sealed only by `seal`.
    """

    def __init__(self, runs: Path, *, verb: str, bundle: str, config: str) -> None:
        """Create the run's folder under `runs` and write the header.

        Raises:
            StoreError: the folder cannot be made or written to.
        """
        started = datetime.now(UTC)
        self.id = f"{started:%Y%m%dT%H%M%SZ}-{_word(bundle)}-{_word(verb)}-{secrets.token_hex(2)}"
        self.folder = runs / self.id
        self._records = 0
        try:
            self.folder.mkdir(parents=True)
            self._file = open(self.folder / JOURNAL, "xb", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise _cannot_write(self.folder, error) from error
        _lock(self._file, self.folder)
        second = f"{started:%Y-%m-%dT%H:%M:%SZ}"
        header = {"verb": verb, "bundle": bundle, "config": config, "started": second}
        self._append({"type": "header", "format": FORMAT, "id": self.id, **header})

    @classmethod
    def reopen(cls, folder: Path) -> Self:
        """Go on with a run that is not sealed, a torn last line cut off; StoreError as above."""
        self, file = cls.__new__(cls), folder / JOURNAL
        self.id, self.folder = folder.name, folder
        try:
            self._file = open(file, "r+b", buffering=0)  # noqa: SIM115
            _lock(self._file, folder)
            self._file.truncate(file.read_bytes().rfind(b"\n") + 1)
            self._file.seek(0, os.SEEK_END)
            self._records = len(_rows(file)) - 1
        except OSError as error:
            raise _cannot_write(folder, error) from error
        return self

    def write(self, record: Record) -> None:
        """Append one record.

        Raises:
            StoreError: the disk refuses, or a number of the record is not finite.
        """
        self._records += 1
        self._append({"type": type(record).__name__.lower(), **asdict(record)})

    def fact(self, name: str, value: Any) -> None:
        """Append a fact about the run: anything that JSON can hold. The last of a name counts."""
        self._records += 1
        self._append({"type": "fact", "name": name, "value": value})

    def doubt(self, text: str) -> None:
        """Append what a reader should not trust, with its remedy."""
        self._records += 1
        self._append({"type": "doubt", "text": text})

    def seal(self) -> None:
        """Say that the run came to its end and close the journal."""
        self._append({"type": "seal", "records": self._records})
        self.close()

    def close(self) -> None:
        """Close the journal as it is."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, row: Mapping[str, Any]) -> None:
        """Write one line by one system call, and wait until it is on the disk."""
        try:
            line = json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        except ValueError as error:
            raise StoreError(
                f"{self.folder}: a {row['type']} cannot be kept: {error}. {row}"
            ) from None
        try:
            written = self._file.write(line)
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _cannot_write(self.folder, error) from error
        if written != len(line):
            raise StoreError(
                f"{self.folder}: the disk took {written} of {len(line)} bytes. Free some."
            )


def read_run(path: Path) -> Run:
    """Read a run from its folder or its journal.

    Raises:
        StoreError: absent, unreadable, of an unknown format, or damaged; names file and line.
    """
    file = path / JOURNAL if path.is_dir() else path
    rows = _rows(file)
    if not rows:
        raise StoreError(f"{file}: no header; the run ended before it began. Remove its folder.")
    return replace(_run(rows[0], file), **_contents(rows[1:], file))


def keep_page(folder: Path, html: str) -> Path:
    """Put the page of a run beside its journal, whole or not at all, and return its path.

    Raises:
        StoreError: the folder cannot be written to.
    """
    page, half = folder / PAGE, folder / f"{PAGE}.half"
    try:
        half.write_text(html, "utf-8")
        half.replace(page)
    except OSError as error:
        raise _cannot_write(page, error) from error
    return page


def find_run(runs: Path, name: str) -> Path:
    """Find a run by path, by id, by the start of an id, as "latest", or as "latest~2".

    Raises:
        StoreError: no such run, or the name fits several.
    """
    if (Path(name) / JOURNAL).is_file():
        return Path(name)
    journals = runs.glob(f"*/{JOURNAL}")
    known = sorted(file.parent for file in journals if file.stat().st_size)  # 0: killed at once
    if age := re.fullmatch(r"latest(?:~(\d+))?", name):
        fitting = known[::-1][int(age[1] or 0) :][:1]
    else:
        fitting = [run for run in known if run.name.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(run.name for run in fitting)
        raise StoreError(f"{runs}: {name!r} fits several runs: {names}. Give more of the id.")
    newest = ", ".join(run.name for run in known[-3:]) or "none: `make bench` makes one"
    raise StoreError(f"{runs}: no run {name!r}. Newest: {newest}.")


def _lock(file: FileIO, folder: Path) -> None:
    """Keep a second writer away until this process ends or closes the journal."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreError(f"{folder}: another process still writes this run. Wait for it.") from None


def _rows(file: Path) -> list[dict[str, Any]]:
    """Parse every line; a last one that does not parse was torn and is dropped."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise StoreError(
            f"{file}: cannot be read: {error.strerror}. Expected a run folder."
        ) from None
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(_row(line))
        except ValueError as error:
            if number < len(lines):
                raise StoreError(f"{file}:{number}: damaged: {error}. Restore the file.") from None
    return rows


def _row(line: bytes) -> dict[str, Any]:
    row = json.loads(line)
    if not isinstance(row, dict) or "type" not in row:
        raise ValueError(f"expected an object with a type, got {line[:40]!r}")
    return row


def _run(header: Mapping[str, Any], file: Path) -> Run:
    if header["type"] != "header":
        raise StoreError(
            f"{file}:1: expected a header, got {header['type']!r}. No journal of a run."
        )
    if header.get("format") not in READABLE:
        raise StoreError(
            f"{file}: format {header.get('format')!r}; this version reads "
            f"{' and '.join(map(str, READABLE))}. "
            "Read it with the version that wrote it."
        )
    names = ("id", "verb", "bundle", "config", "started")
    try:
        given: dict[str, Any] = {name: str(header[name]) for name in names}
    except KeyError as error:
        raise StoreError(f"{file}:1: the header lacks {error}.") from None
    return Run(**given, environment=None)


def _contents(rows: list[dict[str, Any]], file: Path) -> dict[str, Any]:
    """The fields of `Run` that the lines after the header hold."""
    kept: dict[str, list[Any]] = {kind: [] for kind in (*_RECORDS, "fact", "doubt", "seal")}
    for number, row in enumerate(rows, start=2):
        kind = row.pop("type")
        if kind not in kept:
            raise StoreError(f"{file}:{number}: unknown record {kind!r} in format {FORMAT}.")
        try:
            kept[kind].append(_content(kind, row))
        except (ValidationError, KeyError) as error:
            raise StoreError(f"{file}:{number}: not a {kind}: {_reason(error)}.") from None
    return {
        "environment": kept["environment"][-1] if kept["environment"] else None,
        "measurements": tuple(kept["measurement"]),
        "transcripts": tuple(kept["transcript"]),
        "findings": tuple(kept["finding"]),
        "doubts": tuple(kept["doubt"]),
        "facts": dict(kept["fact"]),
        "complete": bool(kept["seal"]),
    }


def _content(kind: str, row: Mapping[str, Any]) -> Any:
    match kind:
        case "fact":
            return str(row["name"]), row["value"]
        case "doubt":
            return str(row["text"])
        case "seal":
            return int(row["records"])
    return _RECORDS[kind].validate_python(row)


def _reason(error: ValidationError | KeyError) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _cannot_write(folder: Path, error: OSError) -> StoreError:
    reason = error.strerror or str(error)
    return StoreError(
        f"{folder}: cannot be written: {reason}. Give yourself write permission, or name another "
        "folder with --reports."
    )


def _word(text: str) -> str:
    """`text` as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9._]+", "_", text)
