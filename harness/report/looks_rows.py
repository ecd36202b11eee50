"""How the timed runs were judged while they were taken: finished sentences."""

from __future__ import annotations

from harness.records import Run
from harness.report.cost_rows import P95_FROM


def times_caption(run: Run) -> str:
    """Say what the table of times shows, how its bound holds, and when the run looked at it."""
    text = (
        "Warm runs. The p95 bound holds with 95 % confidence, whenever one looks; it needs "
        f"{P95_FROM} runs and counts the spread between processes."
    )
    return f"{text} {looks_sentence(run)}".rstrip()


def looks_sentence(run: Run) -> str:
    """Say after how many processes the run looked, and why it ended; "" where it did not look."""
    looks = run.facts.get("looks")
    if not looks:
        return ""
    *before, last = [str(look["processes"]) for look in looks["taken"]]
    numbers = f"{', '.join(before)} and {last}" if before else last
    why = looks["ended"] or "the run was interrupted"
    return f"Looked after {numbers} processes, and ended because {why}."
