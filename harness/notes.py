"""What people say about runs, beside them: named baselines, and changes that are meant.

    reports/baselines.json   {"v2.16.1": "20261123T192559Z-reference-bench-1a2b", ...}
    reports/accepted.jsonl   {"run": ..., "metric": ..., "because": ..., "at": ..., "by": ...}

Neither touches a run: a baseline is a name, and an accepted change moves the level that later runs
are held against, from that run on.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from harness.errors import StoreError
from harness.untrusted import parse_json, read_text

BASELINES, ACCEPTED = "baselines.json", "accepted.jsonl"
LARGEST = 4_000_000  # bytes
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,79}")


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A change of one metric that is meant, from one run on."""

    run: str  # id
    metric: str
    because: str
    at: str  # ISO 8601 UTC
    by: str  # who said so; "": not known


_NAMES = TypeAdapter(dict[str, str])
_ACCEPTED = TypeAdapter(Accepted)


def baselines(reports: Path) -> dict[str, str]:
    """Return run ids by the name of the baseline; {} where none was set.

    Raises:
        StoreError: the file is damaged.
    """
    file = reports / BASELINES
    try:
        return _NAMES.validate_python(parse_json(_text(file) or "{}"), strict=True)
    except ValueError:
        raise StoreError(f"{file}: expected names of runs by name. Restore the file.") from None


def set_baseline(reports: Path, name: str, run: str | None) -> None:
    """Give a run a name, or take the name back where `run` is None.

    Raises:
        StoreError: no such name to take back, a name that is none, or the file cannot be written.
    """
    if not _NAME.fullmatch(name) or name.startswith("latest"):
        raise StoreError(
            f"baseline {name!r}: expected at most 80 letters, digits and ._/+-, not beginning with "
            '"latest". Choose another name.'
        )
    known = baselines(reports)
    if run is None and name not in known:
        raise StoreError(f"{reports / BASELINES}: no baseline {name!r}. {_among(known)}")
    if run is None:
        del known[name]
    else:
        known[name] = run
    half = reports / f"{BASELINES}.half"
    try:
        half.write_text(json.dumps(known, indent=1, sort_keys=True), "utf-8")
        half.replace(reports / BASELINES)
    except OSError as error:
        raise StoreError(f"{reports / BASELINES}: cannot be written: {error.strerror}.") from error


def accept(reports: Path, accepted: Accepted) -> None:
    """Append one accepted change.

    Raises:
        StoreError: the file cannot be written.
    """
    file = reports / ACCEPTED
    line = json.dumps(asdict(accepted), ensure_ascii=False).encode() + b"\n"
    try:
        with open(file, "ab", buffering=0) as opened:
            opened.write(line)
            os.fsync(opened.fileno())
    except OSError as error:
        raise StoreError(f"{file}: cannot be written: {error.strerror}.") from error


def accepted(reports: Path) -> tuple[Accepted, ...]:
    """Return every accepted change in the order given; a torn last line is dropped.

    Raises:
        StoreError: a line is damaged; names it.
    """
    file = reports / ACCEPTED
    lines = _text(file).splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_ACCEPTED.validate_python(parse_json(line)))
        except ValueError:
            if number < len(lines):
                raise StoreError(
                    f"{file}:{number}: not an accepted change. Restore the file."
                ) from None
    return tuple(found)


def _among(known: dict[str, str]) -> str:
    return f"Known: {', '.join(sorted(known))}." if known else "None was set yet."


def _text(file: Path) -> str:
    """The text of a file; "" where there is none."""
    try:
        return read_text(file, LARGEST)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise StoreError(f"{file}: cannot be read: {error}. Restore the file.") from None
