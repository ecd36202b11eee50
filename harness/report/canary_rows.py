"""Finished rows about what a model answers to its canaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.records import Run


@dataclass(frozen=True, kw_only=True)
class CanaryRow:
    """One canary."""

    canary: str
    of: str
    max_abs: str
    relative: str
    limit: str
    cosine: str
    outcome: str  # HOLDS | BROKEN
    style: str


def canary_rows(run: Run) -> tuple[CanaryRow, ...]:
    """Return each canary's drift, in the order stored; () where none was answered."""
    return tuple(map(canary_row, run.facts.get("canaries", ())))


def canary_row(drift: Mapping[str, Any]) -> CanaryRow:
    """Return one canary's drift, as a run or `harness verify --json` has it."""
    apart = drift["apart"]
    held = apart["relative"] <= drift["limit"]
    return CanaryRow(
        canary=drift["canary"],
        of=drift["of"],
        max_abs=f"{apart['max_abs']:.1e}" if apart["max_abs"] else "0",
        relative=f"{apart['relative']:.1e}" if apart["relative"] else "0",
        limit=f"{drift['limit']:.0e}",
        cosine=f"{apart['cosine']:.6f}",
        outcome="HOLDS" if held else "BROKEN",
        style="pass" if held else "fail",
    )
