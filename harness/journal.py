"""A journal as it is read: line by line, within limits, each line held to the schema of its kind.

See `harness.store` for the format. A run file may come from anybody: what is not of the schema is
refused with file and line, and nothing of it is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.errors import StoreError
from harness.records import Environment, Finding, Measurement, Run, Transcript
from harness.untrusted import parse_json

# Format of the journal. History:
#   1  2026-11  first
#   2  2026-11  `arm` of measurements and transcripts; absent in 1, and read as ""
#   3  2026-11  `treatment` of transcripts; absent before, and read as ""
FORMAT = 3
READABLE = (1, 2, 3)

MOST_BYTES = 1_000_000_000  # of a journal: two million transcripts
MOST_LINE = 64_000_000  # bytes of a line: the facts of the largest graph

_KINDS = {
    "measurement": Measurement,
    "transcript": Transcript,
    "finding": Finding,
    "environment": Environment,
}
_RECORDS: Mapping[str, TypeAdapter[Any]] = {
    name: TypeAdapter(kind) for name, kind in _KINDS.items()
}
_KEYS = {
    **{name: {field.name for field in fields(kind)} for name, kind in _KINDS.items()},
    "fact": {"name", "value"},
    "doubt": {"text"},
    "seal": {"records"},
}
_HEADER = ("id", "verb", "bundle", "config", "started")


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Parse every line; a last one that does not parse was torn and is dropped.

    Raises:
        StoreError: it cannot be read, a line is damaged, or it is larger than a journal may be.
    """
    rows, torn = [], ""
    for number, line in enumerate(_lines(file), start=1):
        if torn:
            raise StoreError(f"{file}:{torn}. Restore the file.")
        try:
            rows.append(_row(line))
        except ValueError as error:
            torn = f"{number}: damaged: {error}"
    return rows


def header_of(row: Mapping[str, Any], file: Path) -> Run:
    """Return the run that a header begins, without its records.

    Raises:
        StoreError: it is no header, or of a format that this version does not read.
    """
    if row["type"] != "header":
        raise StoreError(f"{file}:1: expected a header, got {row['type']!r}. No journal of a run.")
    if row.get("format") not in READABLE:
        raise StoreError(
            f"{file}: format {str(row.get('format'))[:40]}; this version reads "
            f"{' and '.join(map(str, READABLE))}. Read it with the version that wrote it."
        )
    if lacking := [name for name in _HEADER if name not in row]:
        raise StoreError(f"{file}:1: the header lacks {lacking[0]!r}.")
    if odd := [name for name in _HEADER if not isinstance(row[name], str)]:
        raise StoreError(f"{file}:1: {odd[0]!r} of the header is a text, got {row[odd[0]]!r:.40}.")
    if not _is_time(row["started"]):
        raise StoreError(
            f"{file}:1: 'started' is an ISO date and time, got {row['started']!r:.40}."
        )
    return Run(**{name: row[name] for name in _HEADER}, environment=None)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def contents_of(rows: list[dict[str, Any]], file: Path) -> dict[str, Any]:
    """Return the fields of `Run` that the lines after the header hold.

    Raises:
        StoreError: a line is not of the schema of its kind.
    """
    kept: dict[str, list[Any]] = {kind: [] for kind in _KEYS}
    for number, row in enumerate(rows, start=2):
        kind = row.pop("type")
        if not isinstance(kind, str) or kind not in kept:
            raise StoreError(f"{file}:{number}: unknown record {kind!r:.40} in format {FORMAT}.")
        try:
            kept[kind].append(_content(kind, row))
        except (ValidationError, KeyError, ValueError) as error:
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


def _lines(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            left = MOST_BYTES
            while line := opened.readline(MOST_LINE + 1):
                left -= len(line)
                if len(line) > MOST_LINE or left < 0:
                    raise StoreError(
                        f"{file}: expected lines of at most {MOST_LINE} bytes and at most "
                        f"{MOST_BYTES} in all; found more. No journal of a run."
                    )
                yield line
    except OSError as error:
        raise StoreError(
            f"{file}: cannot be read: {error.strerror}. Expected a run folder."
        ) from None


def _row(line: bytes) -> dict[str, Any]:
    row = parse_json(line)
    if not isinstance(row, dict) or "type" not in row:
        raise ValueError(f"expected an object with a type, got {line[:40]!r}")
    return row


def _content(kind: str, row: dict[str, Any]) -> Any:
    if unknown := row.keys() - _KEYS[kind]:
        raise ValueError(f"unknown key {min(unknown)!r:.40}")
    match kind:
        case "fact":
            return _text(row["name"]), row["value"]
        case "doubt":
            return _text(row["text"])
        case "seal":
            return _count(row["records"])
    record = _RECORDS[kind].validate_python(row)
    if rule := _RANGES.get(kind):
        rule(record)
    return record


def _check_measurement(record: Measurement) -> None:
    for name in ("clips", "tainted"):
        if (found := len(getattr(record, name))) not in (0, len(record.samples)):
            raise ValueError(f"{found} {name} for {len(record.samples)} samples")
    if record.process < 0:
        raise ValueError(f"process: expected 0 or more, got {record.process}")


def _check_transcript(record: Transcript) -> None:
    for name in ("seconds", "elapsed"):
        if getattr(record, name) < 0:
            raise ValueError(f"{name}: expected 0 or more, got {getattr(record, name)}")


_RANGES: Mapping[str, Callable[[Any], None]] = {
    "measurement": _check_measurement,
    "transcript": _check_transcript,
}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a text, got {value!r:.40}")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"expected a count, got {value!r:.40}")
    return value


def _reason(error: ValidationError | KeyError | ValueError) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))[:80]}: {first['msg']}"
