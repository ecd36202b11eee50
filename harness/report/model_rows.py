"""Finished rows about which model was measured, and what a drift of its answers costs in words."""

from __future__ import annotations

from harness.records import Run, Verdict
from harness.report import names
from harness.report.rows import Fact, facts
from harness.units import show

SILENT = "not said"


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
