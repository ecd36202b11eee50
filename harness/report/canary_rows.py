"""Finished rows about where the model comes from, and what it answers to its canaries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.records import Run, Verdict
from harness.report import names
from harness.report.rows import Fact, facts
from harness.units import show

SILENT = "not said"


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
    return tuple(map(_row, run.facts.get("canaries", ())))


def canary_sentence(run: Run, verdicts: tuple[Verdict, ...]) -> str:
    """Say what the rows show, and the word error rate of the same run beside them."""
    heard = [v for v in verdicts if v.budget.metric.startswith("accuracy.wer.")]
    rates = [f"{v.budget.title}: {_rate(v)}" for v in heard if v.value is not None]
    cost = "; ".join(rates) if rates else "not measured in this run"
    return (
        "Fixed codes, and how far the answers are from those that were stored when the bundle was "
        f"sealed, over the values that text is read from. What it costs in words: {cost}."
    )


def provenance(run: Run) -> tuple[Fact, ...]:
    """Return what the model says of itself, by its manifest and its graph."""
    model = run.facts.get("model")
    if not isinstance(model, dict):
        return ()
    manifest, metadata = model.get("manifest") or {}, model.get("metadata") or {}
    seal = manifest.get("sealed") or {}
    told = {
        "name": manifest.get("name"),
        "description": manifest.get("description"),
        "source": manifest.get("source"),
        "licence": manifest.get("license"),
        "producer": model.get("producer"),
        "sealed": f"by {seal['by']} at {seal['at']}, {seal['tool']}" if seal else "",
        **{f"metadata {key}": value for key, value in metadata.items()},
    }
    return facts({key: str(value or SILENT) for key, value in told.items()})


def _rate(verdict: Verdict) -> str:
    value = show(verdict.value or 0.0, verdict.budget.unit)
    return f"{value} (budget {names.limit_text(verdict.budget)})"


def _row(drift: dict[str, Any]) -> CanaryRow:
    apart = drift["apart"]
    held = apart["relative"] <= drift["limit"]
    return CanaryRow(
        canary=drift["canary"],
        of=drift["of"],
        max_abs=f"{apart['max_abs']:.1e}",
        relative=f"{apart['relative']:.1e}",
        limit=f"{drift['limit']:.0e}",
        cosine=f"{apart['cosine']:.6f}",
        outcome="HOLDS" if held else "BROKEN",
        style="pass" if held else "fail",
    )
