"""Runs as text: a line each, or one with its figures and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.records import Outcome
from harness.report.names import style_of
from harness.report.tables import NOTHING, drawn, table
from harness.summaries import Figure, Issued, Summary
from harness.units import show

_DECISIONS = {"PASSED": "pass", "MISSED": "fail", "NOT PROVEN": "not-proven"}


def runs_table(runs: Sequence[Summary], baselines: Mapping[str, str], colour: bool) -> str:
    """Return one line for each run."""
    if not runs:
        return "No run is kept here: `make bench` makes one."
    rows = []
    for run in runs:
        names = ", ".join(name for name, other in baselines.items() if other == run.id)
        word = run.decision if run.complete else f"{run.decision}, incomplete"
        about = " ".join(filter(None, (run.commit[:8], run.branch, names and f"[{names}]")))
        rows.append(((run.id, about or NOTHING, word), _DECISIONS.get(run.decision, "none")))
    return drawn([table(("Run", "Commit", "Verdict"), rows)], colour)


def run_text(run: Summary, decisions: Sequence[Issued], colour: bool) -> str:
    """Return a run's figures and what was decided about it."""
    heads = ("Figure", "Value", "95 % interval", "Limit", "Verdict")
    rows = [_figure(figure) for figure in run.figures]
    said = [
        f"{one.at}  {one.decision}: {one.sentence} (harness {one.harness})" for one in decisions
    ]
    head = [f"{run.id}", f"{run.decision}: {run.sentence}", f"machine: {run.machine}"]
    tables = [table(heads, rows)] if rows else ["No figure is about a budget, a time or a set."]
    return drawn([*head, *tables, *(said or ["No decision was issued."])], colour)


def _figure(figure: Figure) -> tuple[tuple[str, ...], str]:
    ends = [NOTHING if end is None else show(end, figure.unit) for end in (figure.low, figure.high)]
    interval = NOTHING if ends == [NOTHING, NOTHING] else " – ".join(ends)
    value = NOTHING if figure.value is None else show(figure.value, figure.unit)
    limit = NOTHING
    if figure.limit is not None:
        limit = f"{'≤' if figure.at_most else '≥'} {show(figure.limit, figure.unit)}"
    outcome = figure.outcome
    word, style = (outcome.value, style_of(Outcome(outcome))) if outcome else ("", "none")
    return (figure.name, value, interval, limit, word), style
