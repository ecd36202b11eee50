"""What came of planted faults: for a terminal, and as a Markdown table."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from harness.faults import BAD, Result, Row
from harness.report.tables import WIDTH
from harness.units import Unit, show

COLOURS = {
    Result.CAUGHT: "\x1b[32m",
    Result.QUIET: "\x1b[32m",
    Result.MISSED: "\x1b[1;31m",
    Result.ALARM: "\x1b[1;31m",
    Result.IMPOSSIBLE: "\x1b[33m",
}
NO_ALARM = "no alarm"
INDENT = " " * 22
WORDS = 240  # characters of what was seen that are shown


def fault_lines(row: Row, *, colour: bool) -> str:
    """Return what came of one fault: its result, time and title, and below it what was seen."""
    mark = f"{row.result:<12}"
    mark = f"{COLOURS[row.result]}{mark}\x1b[0m" if colour else mark
    head = f"{mark} {show(row.seconds, Unit.SECONDS):>8} {row.fault.name}: {row.fault.title}"
    if row.result is Result.QUIET:
        return f"{head}: {NO_ALARM}"
    seen = [row.seen] if row.result not in BAD else [f"expected {expected(row)}", row.seen]
    return "\n".join([head, *(_wrapped(_short(text)) for text in seen)])


def faults_sentence(rows: Sequence[Row]) -> str:
    """Return how many faults were caught, and name each that was not."""
    count = Counter(row.result for row in rows)
    controls = count[Result.QUIET] + count[Result.ALARM]
    told = [f"{count[Result.CAUGHT]} of {len(rows) - controls} faults caught"]
    told += (
        [f"no alarm at {count[Result.QUIET]} of {controls} healthy controls"] if controls else []
    )
    for result in (Result.MISSED, Result.ALARM, Result.IMPOSSIBLE):
        names = ", ".join(row.fault.name for row in rows if row.result is result)
        told += [f"{result}: {names}"] if names else []
    return f"{'; '.join(told)}."


def faults_markdown(rows: Iterable[Row]) -> str:
    """Return a Markdown table: fault, expected outcome, seen, time to detect."""
    lines = ["| # | fault | expected | seen | as expected | time |", "|---|---|---|---|---|---|"]
    for number, row in enumerate(rows, start=1):
        seen = _short(row.seen).replace("|", "\\|")
        good = "no" if row.result in BAD else "yes"
        good = str(row.result).lower() if row.result is Result.IMPOSSIBLE else good
        took = show(row.seconds, Unit.SECONDS)
        cells = (str(number), row.fault.title, expected(row), seen, good, took)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def expected(row: Row) -> str:
    """Return what a fault must be met with."""
    asked = [*row.fault.expect, *(f"a note: {note}" for note in row.fault.notes)]
    return ", ".join(asked) or NO_ALARM


def _short(text: str) -> str:
    return text if len(text) <= WORDS else f"{text[:WORDS]}…"


def _wrapped(text: str) -> str:
    rows = textwrap.wrap(text, WIDTH - len(INDENT), break_on_hyphens=False)
    return "\n".join(f"{INDENT}{row}" for row in rows)
