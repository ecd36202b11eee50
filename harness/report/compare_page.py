"""The page of two runs: what changed, in one HTML file of its own."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.change_figure import change_picture
from harness.report.change_rows import (
    INSIDE,
    METHOD,
    MOST,
    ChangeRow,
    change_rows,
    cut,
    notes,
    shortened,
    summary_text,
    word_of_all,
)
from harness.report.clip_change_rows import clip_change_table
from harness.report.compared import UNLIKE, Compared
from harness.report.page import rendered
from harness.report.rows import Headline


def compare_page(found: Compared, trade: str = "") -> str:
    """Return the page as HTML.

    Args:
        found: both runs.
        trade: what is won on clean clips and lost under conditions; "" where nothing was weighed.
    """
    metrics = found.metrics
    word, style = word_of_all(metrics)
    rows = change_rows(metrics)
    return rendered(
        "compare.html.j2",
        headline=Headline(
            word=word,
            style=style,
            sentence=summary_text(metrics),
            bundle=shortened(metrics.new.bundle, 80),
            verb=metrics.new.verb,
            incomplete=not (metrics.old.complete and metrics.new.complete),
            tiles=(),
        ),
        sides=((metrics.old, found.decisions.old), (metrics.new, found.decisions.new)),
        unlike=cut(metrics.unlike),
        warning=UNLIKE,
        identity=cut(metrics.identity),
        budgets=cut(found.decisions.budgets),
        verdicts=cut(found.decisions.verdicts),
        picture=change_picture(metrics),
        groups=_groups(rows[:MOST]),
        inside=INSIDE,
        left=max(0, len(rows) - MOST),
        notes=notes(rows[:MOST]),
        method=METHOD,
        clips=clip_change_table(found.clips, found.both),
        trade=trade,
    )


def _groups(rows: Sequence[ChangeRow]) -> tuple[tuple[str, tuple[ChangeRow, ...]], ...]:
    """The rows of each table under its name."""
    names = dict.fromkeys(row.group for row in rows)
    return tuple((name, tuple(row for row in rows if row.group == name)) for name in names)
