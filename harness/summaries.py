"""What a run came to, in a few kilobytes beside its journal: the summary, and each decision.

    reports/runs/<id>/summary.json      derived from journal and budgets; made again when absent
    reports/runs/<id>/decisions.jsonl   one line per gate that judged the run; never rewritten

The history reads summaries, since a thousand journals take minutes. A decision says what was
issued, on which budgets, by which version: `harness compare` lists what differs between two.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness.errors import StoreError
from harness.records import Outcome, Statistic
from harness.units import Unit
from harness.untrusted import parse_json

SUMMARY, DECISIONS = "summary.json", "decisions.jsonl"
FORMAT = 1  # of both files; a summary of another one is made again
LARGEST = 4_000_000  # bytes of either file: a thousand times what a run of today needs


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a run with its interval, and its budget where it has one."""

    metric: str
    statistic: Statistic
    unit: Unit
    title: str
    value: float | None  # exact; None: not measured, or from too few runs
    low: float | None = None  # of the interval; None: open, or there is none
    high: float | None = None
    limit: float | None = None  # None: no budget
    at_most: bool = True
    outcome: Outcome | None = None  # None: no budget
    waiver: str = ""  # "until 2027-01-31: reason"; "": none

    @property
    def name(self) -> str:
        """What tells it from every other figure of a run: "latency.end_to_end p95"."""
        return f"{self.metric} {self.statistic}"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A run as the history shows it."""

    id: str
    verb: str
    bundle: str
    config: str
    started: str  # ISO 8601 UTC
    commit: str
    branch: str  # "": not known
    machine: (
        str  # class of the machine, by what decides its speed: "AMD EPYC · 2 of 2 cores · 1f3a"
    )
    quick: bool
    complete: bool
    decision: str  # PASSED | MISSED | NOT PROVEN
    sentence: str
    figures: tuple[Figure, ...]
    ceilings: Mapping[str, float]  # rates of the machine by name, and "yardstick" in seconds
    place: Mapping[str, str]  # versions and digests a change may come from


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A decision as a gate issued it."""

    at: str  # ISO 8601 UTC
    harness: str  # version that judged
    decision: str
    sentence: str
    journal: str  # sha256 of the journal that was judged
    budgets: str  # sha256 of the budgets that judged
    figures: tuple[Figure, ...]  # those with a budget, each with its outcome


_SUMMARY, _ISSUED = TypeAdapter(Summary), TypeAdapter(Issued)


def keep_summary(folder: Path, summary: Summary) -> None:
    """Put the summary beside the journal, whole or not at all.

    Raises:
        StoreError: the folder cannot be written to.
    """
    half = folder / f"{SUMMARY}.half"
    text = json.dumps({"format": FORMAT, **asdict(summary)}, ensure_ascii=False, allow_nan=False)
    try:
        half.write_text(text, "utf-8")
        half.replace(folder / SUMMARY)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}.") from error


def read_summary(folder: Path) -> Summary | None:
    """Read the summary; None when it is absent, damaged, of another format or of another run."""
    try:
        data = _bytes(folder / SUMMARY)
    except StoreError:
        return None
    if data is None:
        return None
    try:
        row = parse_json(data)
        if row.pop("format") != FORMAT:
            return None
        found = _SUMMARY.validate_python(row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if found.id == folder.name else None


def keep_decision(folder: Path, issued: Issued) -> None:
    """Append a decision to those of the run; what stands there is never touched.

    Raises:
        StoreError: the file cannot be written.
    """
    text = json.dumps({"format": FORMAT, **asdict(issued)}, ensure_ascii=False, allow_nan=False)
    try:
        with open(folder / DECISIONS, "ab", buffering=0) as file:
            file.write(text.encode() + b"\n")
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"{folder / DECISIONS}: cannot be written: {error.strerror}.") from error


def read_decisions(folder: Path) -> tuple[Issued, ...]:
    """Read every decision about a run in the order issued; () where none was kept.

    A torn last line is dropped, as in the journal.

    Raises:
        StoreError: a line is damaged; names it.
    """
    lines = (_bytes(folder / DECISIONS) or b"").splitlines()
    return tuple(
        issued
        for number, line in enumerate(lines, start=1)
        if (issued := _issued(line, folder, number, torn=number == len(lines))) is not None
    )


def _issued(line: bytes, folder: Path, number: int, *, torn: bool) -> Issued | None:
    try:
        row: dict[str, Any] = parse_json(line)
        if row.pop("format") != FORMAT:
            raise ValueError(f"expected format {FORMAT}")
        return _ISSUED.validate_python(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if torn:
            return None
        reason = " ".join(str(error).split())[:200]
        raise StoreError(
            f"{folder / DECISIONS}:{number}: not a decision: {reason}. Restore the file."
        ) from None


def _bytes(file: Path) -> bytes | None:
    try:
        if file.stat().st_size > LARGEST:
            raise StoreError(f"{file}: {file.stat().st_size} bytes; expected at most {LARGEST}.")
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{file}: cannot be read: {error.strerror}.") from None
