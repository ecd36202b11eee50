"""Finished rows of the memory ledger: where the bytes of the highest process are."""

from __future__ import annotations

from dataclasses import dataclass

from harness.records import Run, Verdict
from harness.report import names
from harness.units import Unit, show

PREFIX = "memory.ledger."
TOTAL = "total"

# Line: name, what it holds. Indented ones are parts of the line above them.
LINES = {
    "model": ("Model", "weights in memory"),
    "weights_resident": ("mapped and resident", "pages of the bundle's files"),
    "weights_copied": ("copied", "private memory of the load, up to the size of the weights"),
    "runtime": ("Runtime overhead", "what the process needs beside the model"),
    "libraries": ("interpreter and libraries", "after the imports, and library pages read since"),
    "working": ("kept working memory", "sessions, arena, tables, buffers"),
    "output": ("Output", "the arrays of one result; no line of the budget, charged to the total"),
    "audio": ("Audio buffers", "what audio to codes takes above its start"),
    "left_over": ("Left over", "peak less all of these; below zero where they do not meet in time"),
    TOTAL: ("Total", "highest resident memory of this process"),
}
PARTS = ("weights_resident", "weights_copied", "libraries", "working")
SUMMANDS = tuple(name for name in LINES if name not in (*PARTS, TOTAL))


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One line of the ledger."""

    title: str
    about: str
    value: str
    limit: str
    outcome: str  # "" without a budget
    style: str
    part: bool  # a part of the line above it


def lines_of(run: Run) -> dict[str, float]:
    """Return the lines in bytes of the process with the highest total; {} without a ledger."""
    processes: dict[int, dict[str, float]] = {}
    for taken in run.measurements:
        if taken.metric.startswith(PREFIX) and taken.samples:
            line = taken.metric.removeprefix(PREFIX)
            processes.setdefault(taken.process, {})[line] = taken.samples[-1]
    whole = [lines for lines in processes.values() if set(LINES) <= set(lines)]
    return max(whole, key=lambda lines: lines[TOTAL], default={})


def ledger_rows(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[LedgerRow, ...]:
    """Return every line in its order; () without a ledger."""
    lines = lines_of(run)
    return tuple(_row(name, lines[name], verdicts) for name in LINES if lines)


def ledger_sentence(run: Run) -> str:
    """Say in one sentence where most of the memory is."""
    lines = lines_of(run)
    most = max(SUMMANDS, key=lambda name: lines[name])
    share = show(lines[most] / lines[TOTAL], Unit.RATIO)
    return (
        f"Of {show(lines[TOTAL], Unit.BYTES)}, {LINES[most][0].lower()} holds the most: "
        f"{show(lines[most], Unit.BYTES)} ({share}). The lines add up to the total."
    )


def mapped_text(run: Run) -> str:
    """Say how much of the bundle is mapped, cached and swapped; "" without a ledger."""
    highest = {
        name: max(v for m in run.measurements if m.metric == f"memory.{name}" for v in m.samples)
        for name in ("ledger.weights_mapped", "cached", "swap")
        if any(m.metric == f"memory.{name}" for m in run.measurements)
    }
    told = []
    if "ledger.weights_mapped" in highest:
        mapped = show(highest["ledger.weights_mapped"], Unit.BYTES)
        told.append(f"{mapped} of the bundle's files are mapped")
    if "cached" in highest:
        told.append(f"{show(highest['cached'], Unit.RATIO)} of them lay in the page cache")
    if "swap" in highest:
        told.append(f"{show(highest['swap'], Unit.BYTES)} of the process were swapped out")
    return f"{', '.join(told)}." if told else ""


def _row(name: str, value: float, verdicts: tuple[Verdict, ...]) -> LedgerRow:
    title, about = LINES[name]
    metric = "memory.peak" if name == TOTAL else PREFIX + name
    given = names.verdicts_on(metric, verdicts)
    outcome = names.worst(given)
    return LedgerRow(
        title=title,
        about=about,
        value=show(value, Unit.BYTES),
        limit=names.limits_text(given),
        outcome=outcome or "",
        style=names.style_of(outcome),
        part=name in PARTS,
    )
