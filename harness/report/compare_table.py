"""What the terminal shows of two runs: the tables, then decisions and clips that changed."""

from __future__ import annotations

from harness.report.change_rows import shortened
from harness.report.clip_change_rows import more_text, sentence, words_text
from harness.report.compared import Compared
from harness.report.tables import drawn
from harness.report.terminal import comparison_table

CLIPS = 8  # that are listed


def compared_table(found: Compared, *, colour: bool = False) -> str:
    """Return the comparison as text."""
    known = found.metrics.budgets  # the table tells these
    lines = [f"budget changed: {line}" for line in found.decisions.budgets if line not in known]
    lines += [f"verdict turned: {line}" for line in found.decisions.verdicts]
    if found.both:
        lines.append(sentence(found.clips, found.both))
    for one in found.clips[:CLIPS]:
        words = [
            f"{name} {words_text(of, 4)}" for name, of in (("+", one.gained), ("-", one.lost)) if of
        ]
        clip = shortened(f"{one.new.set} {one.new.clip}", 60)
        lines.append(f"  {clip}: {'; '.join([more_text(one.more), *words])}")
    if left := len(found.clips) - CLIPS if len(found.clips) > CLIPS else 0:
        lines.append(f"  And {left} more: --html or --json has them.")
    return comparison_table(found.metrics, colour=colour) + drawn(lines, colour)
