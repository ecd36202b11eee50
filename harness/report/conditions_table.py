"""The tables of listening conditions in the terminal."""

from __future__ import annotations

from harness.judge.conditions import Trade
from harness.records import Run
from harness.report.conditions_rows import (
    trade_line,
    trade_rows,
    treated_method,
    treated_rows,
    treated_sentence,
)
from harness.report.tables import Row, drawn, table

HEADS = ("Condition", "Level", "Clips", "WER", "95 % interval", "Over clean", "Interval of it")
TRADED = ("Condition", "Level", "Old", "New", "Points", "95 % interval", "Verdict")


def conditions_table(run: Run, *, colour: bool = False) -> str:
    """Return the WER under every treatment beside the clean one; "" without treatments."""
    found: list[Row] = [
        ((r.title, r.amount, r.clips, r.rate, r.interval, r.more, r.difference), r.style)
        for r in treated_rows(run)
    ]
    parts = [table(HEADS, found), treated_sentence(run), treated_method(run)]
    return drawn(parts, colour) if found else ""


def trade_table(trade: Trade, *, colour: bool = False) -> str:
    """Return both runs under every treatment, and the line that says what is won and lost."""
    found: list[Row] = [
        ((r.title, r.amount, r.old, r.new, r.points, r.interval, r.word), r.style)
        for r in trade_rows(trade)
    ]
    return drawn([table(TRADED, found), trade_line(trade)], colour)
