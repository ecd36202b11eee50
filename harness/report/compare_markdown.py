"""Two runs in Markdown: for the summary of a CI step, and for the comment of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.report.change_rows import (
    METHOD,
    MOST,
    ChangeRow,
    change_rows,
    cut,
    notes,
    summary_text,
    word_of_all,
)
from harness.report.clip_change_rows import more_text, sentence, words_text
from harness.report.compared import UNLIKE, Compared
from harness.report.for_ci import cell, code, shortened

CLIPS = 20  # that are listed
_SIGNS = {"fail": "🔺", "pass": "🔹", "not-proven": "❔", "none": ""}


def compare_markdown(found: Compared, trade: str = "") -> str:
    """Return the comparison as Markdown of at most `for_ci.LONGEST` characters.

    Args:
        found: both runs.
        trade: what is won on clean clips and lost under conditions; "" where nothing was weighed.
    """
    metrics = found.metrics
    opening = [f"## {word_of_all(metrics)[0]}: {cell(metrics.new.bundle)}, two runs compared\n"]
    return shortened("\n".join([*opening, *change_lines(found, trade)]) + "\n")


def change_lines(found: Compared, trade: str = "") -> Iterator[str]:
    """Yield everything below the heading: what moved before the rest, which is folded."""
    metrics = found.metrics
    if metrics.unlike:
        yield f"> [!WARNING]\n> {UNLIKE}"
        yield from (f"> - {cell(line)}" for line in cut(metrics.unlike, 20))
        yield ""
    yield f"{summary_text(metrics)} {sentence(found.clips, found.both)}\n"
    rows = change_rows(metrics)[:MOST]
    moved = [row for row in rows if row.style in ("fail", "pass")]
    yield from _table(moved)
    yield from (f"\n{cell(line)}" for line in [trade] if line)
    yield from _list("Verdicts that turned", found.decisions.verdicts)
    yield from _list("Budgets that are not the same", found.decisions.budgets)
    yield from _list("What was meant to differ", metrics.identity)
    rest = [row for row in rows if row not in moved]
    if rest:
        yield f"\n<details><summary>{len(rest)} figures with no difference shown</summary>\n"
        yield from _table(rest)
        yield from _list("Notes", notes(rows))
        yield f"\n{METHOD}\n\n</details>"
    yield from _clips(found)
    yield f"\nold `{code(metrics.old.id)}` · new `{code(metrics.new.id)}`"


def _table(rows: Sequence[ChangeRow]) -> Iterator[str]:
    if not rows:
        return
    yield "| | Figure | Old | New | Change | 95 % interval | Verdict |"
    yield "|---|---|---:|---:|---:|---:|---|"
    for row in rows:
        cells = (row.title, row.old, row.new, row.change, row.interval, row.word)
        yield f"| {_SIGNS[row.style]} | " + " | ".join(map(cell, cells)) + " |"


def _list(name: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"\n**{name}**\n"
        yield from (f"- {cell(line)}" for line in cut(lines, 30))


def _clips(found: Compared) -> Iterator[str]:
    if not found.clips:
        return
    shown = found.clips[:CLIPS]
    yield f"\n<details><summary>Clip by clip: {len(found.clips)} changed</summary>\n"
    yield "| Clip | Change | Said | Old heard | New heard | Gained | Lost |"
    yield "|---|---|---|---|---|---|---|"
    for one in shown:
        texts = (one.new.reference, one.old.hypothesis, one.new.hypothesis)
        cells = (f"{one.new.set} {one.new.clip}", more_text(one.more), *texts)
        words = words_text(one.gained, 6), words_text(one.lost, 6)
        yield "| " + " | ".join(cell(text[:200]) for text in (*cells, *words)) + " |"
    if left := len(found.clips) - len(shown):
        yield f"\nAnd {left} more."
    yield "\n</details>"
