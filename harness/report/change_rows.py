"""Finished rows about two runs side by side: every metric, every clip that was heard otherwise.

A page of two runs has limits: so many rows, and so many characters of clips; what is left out is
counted. `harness compare --json` has everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.budgets import END_TO_END
from harness.judge.change import Change, Word
from harness.judge.compare import MARGIN, Comparison
from harness.judge.intervals import percentile
from harness.judge.percentiles import runs_needed
from harness.judge.samples import samples_of
from harness.judge.scores import rate_name
from harness.records import Run
from harness.report.names import NONE, WORD_STYLES, signed, title
from harness.units import Unit, show

GROUPS = {"latency.": "Time", "memory.": "Memory", "accuracy.": "Understanding"}
INNER = ("memory.stage.", "memory.ledger.")  # read where something moved
INSIDE = "Memory of stages and ledger"
MOST = 150  # rows of a table
LONGEST = 300  # characters of a line that tells of a run
METHOD = (
    "Times and memory: medians of the measured processes; the change is the ratio of their "
    "geometric means with Welch's interval, and is called one beyond a margin of "
    f"{100 * MARGIN:g} %. Error rates and end-to-end accuracy: a difference in points, paired clip "
    "by clip. The runs were not interleaved: what differs between two sessions is in no interval."
)
_P95_FROM = runs_needed(0, 0.95)  # samples; fewer bound no p95
_WORSE = (Word.SLOWER, Word.MORE, Word.WORSE)
_BETTER = (Word.FASTER, Word.LESS, Word.BETTER)
_RATES = {"accuracy.wer_greedy.": "WER, greedy", END_TO_END: "End-to-end accuracy"}


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One metric of both runs."""

    group: str  # Time | Memory | Understanding | INSIDE
    title: str
    metric: str
    old: str
    new: str
    change: str  # relative, or in points where it is a rate
    interval: str
    p95: str  # "36.4 ms, 38.1 ms": of the samples of both; a dash of fewer than bound one
    word: str
    style: str
    note: str


def change_rows(found: Comparison) -> tuple[ChangeRow, ...]:
    """Return every metric that a comparison shows, group by group, those that moved first."""
    rows = [
        _row(change, group, found)
        for prefix, group in GROUPS.items()
        for change in found.changes
        if change.metric.startswith(prefix)
    ]
    order = [*GROUPS.values(), INSIDE]
    rank = {"fail": 0, "pass": 1}
    return tuple(sorted(rows, key=lambda r: (order.index(r.group), rank.get(r.style, 2))))


def size_text(change: Change) -> str:
    """Write how much a metric changed: relative, or in points where it has no ratio."""
    if change.ratio is not None:
        return signed(change.ratio - 1)
    if change.old is None or change.new is None or change.interval is None:
        return NONE
    return signed(change.new - change.old)


def spread_text(change: Change) -> str:
    """Write the interval of what `size_text` writes."""
    interval, base = change.interval, 0.0 if change.ratio is None else 1.0
    if interval is None:
        return NONE
    return f"{signed(interval.low - base)} … {signed(interval.high - base)}"


def value_text(value: float | None, unit: Unit) -> str:
    """Write one side of a change; a dash where it has none."""
    return NONE if value is None else show(value, unit)


def note_text(change: Change) -> str:
    """Say why a change cannot be told, what is left out, and what could have been told."""
    told = [change.note.strip()] if change.note.strip() else []
    if change.detectable is not None:
        told.append(f"Smallest detectable change: {show(change.detectable, Unit.RATIO)}.")
    return " ".join(told)


def summary_text(found: Comparison) -> str:
    """Say in one sentence how many metrics became worse, better, neither, and which the worst."""
    rows = change_rows(found)
    counted = Counter(row.word for row in rows)
    parts = [f"{counted[word]} {word}" for word in map(str, Word) if counted[word]]
    return f"Of {len(rows)} figures: {', '.join(parts)}." if rows else "Nothing stands in both."


def word_of_all(found: Comparison) -> tuple[str, str]:
    """Return the word that opens a comparison, and its style."""
    words = {change.word for change in found.changes if change.metric.startswith(tuple(GROUPS))}
    worse, better = (any(word in words for word in of) for of in (_WORSE, _BETTER))
    if worse:
        return ("WORSE AND BETTER" if better else "WORSE"), "fail"
    if better:
        return "BETTER", "pass"
    return ("NO DIFFERENCE SHOWN", "none") if Word.SAME in words else ("CANNOT TELL", "not-proven")


def cut(lines: Sequence[str], most: int = MOST) -> tuple[str, ...]:
    """Cut long lines, and the list where it is longer than a page shows."""
    shown = tuple(shortened(line) for line in lines[:most])
    left = len(lines) - most
    return shown if left <= 0 else (*shown, f"And {left} more.")


def shortened(text: str, most: int = LONGEST) -> str:
    """Cut a text after `most` characters, and say so by an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def notes(rows: Iterable[ChangeRow]) -> tuple[str, ...]:
    """Return what is to be said of rows, those of one reason together."""
    titles: dict[str, list[str]] = {}
    for row in rows:
        if row.note:
            titles.setdefault(row.note, []).append(row.title)
    return cut([f"{'; '.join(named)}: {note}" for note, named in titles.items()])


def _row(change: Change, group: str, found: Comparison) -> ChangeRow:
    style = WORD_STYLES[change.word]
    points = change.ratio is None
    moved = style in ("fail", "pass")
    inside = change.metric.startswith(INNER) and not moved
    return ChangeRow(
        group=INSIDE if inside else group,
        title=shortened(change_title(change.metric), 80),
        metric=change.metric,
        old=value_text(change.old, change.unit),
        new=value_text(change.new, change.unit),
        change=_points(size_text(change)) if points else size_text(change),
        interval=_points(spread_text(change)) if points else spread_text(change),
        p95=p95_text(change.metric, found.old, found.new) if group == "Time" else "",
        word=str(change.word),
        style=style,
        note=note_text(change),
    )


def _points(text: str) -> str:
    """A difference of two shares: `'+1.25'`, in points of a hundred."""
    return text.replace(" %", "")


def change_title(metric: str) -> str:
    """Name a metric for a person: a rate with its set, a stage's memory with its kind."""
    for prefix, words in _RATES.items():
        if metric.startswith(prefix):
            return f"{words} {metric.removeprefix(prefix)}".strip()
    if name := rate_name(metric):
        return f"{name} {metric.split('.', 2)[2]}"
    if metric.startswith("memory.stage."):
        return f"{title(metric)}, {metric.rpartition('.')[2]}"
    return title(metric)


def p95_text(metric: str, *runs: Run) -> str:
    """Write the p95 of the pooled samples of each run; a dash where fewer than 59 were taken."""
    told = []
    for run in runs:
        taken = samples_of(run, metric)
        enough = taken is not None and len(taken.values) >= _P95_FROM
        told.append(show(percentile(taken.values, 0.95), taken.unit) if taken and enough else NONE)
    return NONE if set(told) == {NONE} else ", ".join(told)
