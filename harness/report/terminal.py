"""What the terminal shows: the table that closes a run, and the table of a comparison.

Both are plain text of at most 100 columns, so that they read the same in a log; colour is added
only when asked for. rich is imported when a table is drawn, never by importing this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.judge.change import Change
from harness.judge.compare import Comparison
from harness.records import Run, Verdict
from harness.report import cost_rows, heard_rows, roof_rows, rows, speech_rows
from harness.report.change_rows import GROUPS, note_text, size_text, spread_text, value_text
from harness.report.names import WORD_STYLES
from harness.report.tables import Row, drawn, table

if TYPE_CHECKING:
    from rich.console import RenderableType

COMPARED = tuple(GROUPS)  # metrics that a comparison has a table for


def closing_table(
    run: Run, verdicts: tuple[Verdict, ...], *, page: str = "", colour: bool = False
) -> str:
    """Return the table that closes a run: every stage, memory, WER, what missed, the page's path.

    Args:
        run: sealed, or it reads as interrupted.
        verdicts: of the budgets that were judged.
        page: path of the page; "" leaves the line out.
        colour: with ANSI colours, for a terminal.
    """
    parts: list[RenderableType] = [*_opening(run, verdicts)]
    parts += _times(run, verdicts) + _memory(run, verdicts) + _speech(run, verdicts)
    parts += _others(verdicts) + _remarks(run, verdicts)
    if page:
        parts.append(f"Page: {page}")
    return drawn(parts, colour)


def comparison_table(comparison: Comparison, *, colour: bool = False) -> str:
    """Return old, new and change of every metric, and what else differs between the two runs."""
    parts: list[RenderableType] = [
        f"{comparison.old.id}  (old)",
        f"{comparison.new.id}  (new)",
        *(f"UNLIKE {line}" for line in comparison.unlike),
        *(f"changed: {line}" for line in comparison.identity),
        *(f"budget changed: {line}" for line in comparison.budgets),
        *_changes("Time", "latency.", comparison.changes),
        *_changes("Memory", "memory.", comparison.changes),
        *_changes("Understanding", "accuracy.", comparison.changes),
        *_notes(comparison.changes),
        "The runs were not interleaved: what differs between two sessions is in no interval.",
    ]
    return drawn(parts, colour)


def _opening(run: Run, verdicts: tuple[Verdict, ...]) -> list[RenderableType]:
    first = rows.headline(run, verdicts)
    text = f"{first.word}  {run.verb} of {run.bundle}: {first.sentence}"
    return ["INCOMPLETE: the run was not sealed.", text] if first.incomplete else [text]


def _times(run: Run, verdicts: tuple[Verdict, ...]) -> list[RenderableType]:
    starts, stages = cost_rows.start_rows(run, verdicts), cost_rows.time_rows(run, verdicts)
    found: list[Row] = []
    for row in (*starts, *stages):
        figures = (row.p50, row.p95, row.bound, row.highest, row.limit, row.outcome)
        found.append((("  " * row.part + row.title, *figures), row.style))
    heads = ("Time", "p50", "p95", "p95 bound", "max", "Budget", "Verdict")
    return [table(heads, found)] if found else []


def _memory(run: Run, verdicts: tuple[Verdict, ...]) -> list[RenderableType]:
    found = [
        ((row.title, row.processes, row.lowest, row.highest, row.limit, row.outcome), row.style)
        for row in cost_rows.memory_rows(run, verdicts)
    ]
    heads = ("Memory", "Processes", "lowest", "highest", "Budget", "Verdict")
    return [table(heads, found)] if found else []


def _speech(run: Run, verdicts: tuple[Verdict, ...]) -> list[RenderableType]:
    found: list[Row] = []
    scores = speech_rows.score_rows(run, verdicts)
    for row in scores:
        decoded = (row.set, row.clips, "decoded", row.decoded, row.decoded_interval, row.limit)
        greedy = ("", "", "greedy", row.greedy, row.greedy_interval, "", "")
        found += [((*decoded, row.outcome), row.style), (greedy, "none")]
    heads = ("Understanding", "Clips", "Text", "WER", "95 % interval", "Budget", "Verdict")
    broken = heard_rows.catastrophe_sentence(run)
    told = [
        speech_rows.drawn_text(run),
        speech_rows.power_text(scores),
        f"CATASTROPHES  {broken}" if broken else "",
    ]
    return [table(heads, found), *(line for line in told if line)] if found else []


def _others(verdicts: tuple[Verdict, ...]) -> list[RenderableType]:
    """Draw the budgets that stand in none of the other tables."""
    elsewhere = ("latency.", "memory.")
    left = [
        v
        for v in verdicts
        if not v.budget.metric.startswith(elsewhere)
        and not (v.budget.metric.startswith("accuracy.wer") and v.value is not None)
    ]
    found = [
        ((row.title, row.value, row.interval, row.limit, row.outcome), row.style)
        for row in rows.budget_rows(tuple(left))
    ]
    return [table(("Other", "Value", "95 % interval", "Budget", "Verdict"), found)] if found else []


def _remarks(run: Run, verdicts: tuple[Verdict, ...]) -> list[RenderableType]:
    lines = [f"{r.outcome}  {r.title}. {r.sentence}" for r in rows.failing(verdicts)]
    lines += [f"{r.outcome}  {r.title.rstrip('.')}. {r.detail}" for r in rows.broken_rules(run)]
    lines += [f"{r.outcome}  {r.title}. {r.sentence}" for r in rows.undecided(verdicts)]
    lines += [f"{r.outcome}  {r.title.rstrip('.')}. {r.detail}" for r in rows.unchecked_rules(run)]
    doubts = (*run.doubts, *roof_rows.refutations(roof_rows.budgets_of(verdicts), run))
    return [*lines, *(f"DOUBT  {doubt}" for doubt in doubts)]


def _changes(name: str, prefix: str, changes: Iterable[Change]) -> list[RenderableType]:
    found = [_change(change) for change in changes if change.metric.startswith(prefix)]
    size = "Points" if prefix == "accuracy." else "Change"
    heads = (name, "Old", "New", size, "95 % interval", "Verdict")
    return [table(heads, found)] if found else []


def _change(change: Change) -> Row:
    cells = (
        change.metric.partition(".")[2],
        value_text(change.old, change.unit),
        value_text(change.new, change.unit),
        size_text(change),
        spread_text(change),
        str(change.word),
    )
    return cells, WORD_STYLES[change.word]


def _notes(changes: Iterable[Change]) -> list[str]:
    return [
        f"{change.metric}: {note}"
        for change in changes
        if change.metric.startswith(COMPARED) and (note := note_text(change))
    ]
