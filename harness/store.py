"""Runs on disk: one folder per run, with an append-only journal of JSON lines.

    reports/runs/20261123T192559Z-reference-bench-1a2b/journal.jsonl

    {"type": "header", "format": 3, "id": "...", "verb": "bench", "bundle": "reference", ...}
    {"type": "environment", ...}          one record of `harness.records` per line, flushed to
    {"type": "measurement", ...}          the disk before the next is taken
    {"type": "fact", "name": "settings", "value": {...}}
    {"type": "doubt", "text": "..."}
    {"type": "seal", "records": 4}        last line; a run without it reads as incomplete

A process that is killed while it writes leaves a torn last line, which reading drops. Anything
else that does not fit is an error that names the line: a journal is never read by guessing.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any, Self

from harness.errors import StoreError
from harness.journal import FORMAT, MOST_LINE, contents_of, header_of, read_rows
from harness.records import Environment, Finding, Measurement, Run, Transcript

JOURNAL = "journal.jsonl"
PAGE = "page.html"
DRAWS = 20  # marks that are tried for a run

Record = Measurement | Transcript | Finding | Environment


class RunWriter:
    """The journal of one run in progress. Each call returns when its record is on the disk.

    Use as a context manager: the journal is closed at the end, and sealed only by `seal`.
    """

    def __init__(
        self,
        runs: Path,
        *,
        verb: str,
        bundle: str,
        config: str,
        started: datetime | None = None,
        mark: str = "",
    ) -> None:
        """Create the run's folder under `runs` and write the header.

        Args:
            runs: where runs are kept.
            verb, bundle, config: as in `Run`.
            started: aware; None: now.
            mark: ends the id and tells runs of one second apart; "": drawn.

        Raises:
            StoreError: the folder cannot be made or written to, or is there already.
        """
        started = (started or datetime.now(UTC)).astimezone(UTC)
        start = f"{started:%Y%m%dT%H%M%SZ}-{_word(bundle)}-{_word(verb)}-"
        self._records = 0
        try:
            self.folder = _new_folder(runs, start, mark)
            self.id = self.folder.name
            self._file = open(self.folder / JOURNAL, "xb", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise _cannot_write(runs, error) from error
        _lock(self._file, self.folder)
        second = f"{started:%Y-%m-%dT%H:%M:%SZ}"
        header = {"verb": verb, "bundle": bundle, "config": config, "started": second}
        try:
            self._append({"type": "header", "format": FORMAT, "id": self.id, **header})
        except StoreError:
            self.close()
            raise

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
            self._records = len(read_rows(file)) - 1
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
        if len(line) > MOST_LINE:  # nobody would read the run again
            raise StoreError(
                f"{self.folder}: a {row['type']} of {len(line)} bytes cannot be kept; expected at "
                f"most {MOST_LINE}. {row!r:.200}"
            )
        before = os.fstat(self._file.fileno()).st_size
        try:
            written = self._file.write(line)
            os.fsync(self._file.fileno())
            if written != len(line):
                full = os.strerror(errno.ENOSPC)
                raise OSError(errno.ENOSPC, f"{full} ({written} of {len(line)} bytes were)")
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(before)  # what comes next must not follow half a line,
                self._file.seek(before)  # nor a gap
            lost = line.decode().strip()
            told = f"{_cannot_write(self.folder, error)} What was measured before is kept."
            raise StoreError(f"{told} Not kept: {lost}") from error


def read_run(path: Path) -> Run:
    """Read a run from its folder or its journal.

    Raises:
        StoreError: absent, unreadable, of an unknown format, or damaged; names file and line.
    """
    file = path / JOURNAL if path.is_dir() else path
    rows = read_rows(file)
    if not rows:
        raise StoreError(f"{file}: no header; the run ended before it began. Remove its folder.")
    return replace(header_of(rows[0], file), **contents_of(rows[1:], file))


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
        with suppress(OSError):
            half.unlink(missing_ok=True)
        told = f"The run itself is kept; its page is drawn by: harness report {folder}"
        raise StoreError(f"{_cannot_write(page, error)} {told}") from error
    return page


def find_run(runs: Path, name: str) -> Path:
    """Find a run by path, by id, by the start of an id, as "latest", or as "latest~2".

    Raises:
        StoreError: no such run, or the name fits several.
    """
    if (Path(name) / JOURNAL).is_file():
        return Path(name)
    known = journals(runs)
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


def journals(runs: Path) -> list[Path]:
    """Return the folder of every run under `runs`, the oldest first."""
    found = runs.glob(f"[!.]*/{JOURNAL}")
    return sorted(file.parent for file in found if file.stat().st_size)  # 0: killed at once


def _new_folder(runs: Path, start: str, mark: str) -> Path:
    """Make the folder of a run, with a mark that no other run of its second has."""
    for _ in range(DRAWS):
        folder = runs / f"{start}{mark or secrets.token_hex(2)}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if mark or not folder.is_dir():  # a file stands where runs are to be kept
                raise
        else:
            return folder
    raise FileExistsError(errno.EEXIST, "every mark that was drawn is taken")


def _lock(file: FileIO, folder: Path) -> None:
    """Keep a second writer away until this process ends or closes the journal."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StoreError(f"{folder}: another process still writes this run. Wait for it.") from None


def _cannot_write(folder: Path, error: OSError) -> StoreError:
    reason = error.strerror or str(error)
    do = _REMEDIES.get(error.errno or 0, "Give yourself write permission, or name another folder")
    return StoreError(f"{folder}: cannot be written: {reason}. {do} with --reports.")


_FULL = "Free some space, or name a folder on another disk"
_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _FULL),
    errno.EROFS: "The disk is read-only: name another folder",
}


def _word(text: str) -> str:
    """`text` as a part of a file name."""
    return re.sub(r"[^A-Za-z0-9._]+", "_", text)
