"""The closing table of `harness score`: errors, clips that lack, speed and memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.accuracy.text import GATED, VERSION
from harness.judge.scored import Difference, Scored
from harness.records import Verdict
from harness.report import rows
from harness.report.names import NONE, interval_text, signed
from harness.report.tables import drawn, table
from harness.units import Unit, show

if TYPE_CHECKING:
    from rich.console import RenderableType

HEADS = ("System", "Clips", "Lacking", "WER", "95 % interval", "Clips/s", "h per h", "Worker")


def score_table(
    found: Sequence[Scored],
    verdicts: Sequence[tuple[Verdict, ...]],
    between: Difference | None,
    *,
    colour: bool = False,
) -> str:
    """Return one line per system, the difference of two, and what does not hold.

    Args:
        found: of each system on the same set.
        verdicts: of each system's budgets on the set's accuracy.
        between: the second minus the first; None where there is one, or nothing to compare.
        colour: with ANSI colours, for a terminal.
    """
    parts: list[RenderableType] = [table(HEADS, [(cells(one), "none") for one in found])]
    parts += [sentence for one in found if (sentence := how(one))]
    if between is not None:
        parts.append(difference_sentence(found[0], found[1], between))
    for one, judged in zip(found, verdicts, strict=True):
        parts += _remarks(one, judged)
    return drawn(parts, colour)


def difference_sentence(first: Scored, second: Scored, between: Difference) -> str:
    """Say how the second system differs from the first on the clips that both heard."""
    if between.value is None or between.interval is None:
        return f"{between.clips} clips were heard by both, without one word of reference."
    spread = f"{signed(between.interval.low)} … {signed(between.interval.high)}"
    word = "cannot tell: 0 is within"
    if between.interval.high < 0:
        word = "fewer errors"
    elif between.interval.low > 0:
        word = "more errors"
    return (
        f"{second.run.bundle} minus {first.run.bundle}: {signed(between.value)} of the words "
        f"(95 % interval {spread}, {between.interval.method}): {word}. "
        f"{show(between.clips, Unit.COUNT)} clips heard by both, {between.apart} with other counts."
    )


def cells(one: Scored) -> tuple[str, ...]:
    """Write what stands under `HEADS`."""
    wrong = one.score.total.rate if one.score else None
    return (
        one.run.bundle,
        show(one.heard, Unit.COUNT),
        show(one.lacking, Unit.COUNT),
        NONE if wrong is None else show(wrong, Unit.RATIO),
        interval_text(one.score.interval() if one.score else None, Unit.RATIO),
        NONE if one.rate is None else f"{one.rate:.3g}",
        NONE if one.speed is None else f"{one.speed:.3g}",
        show(max(one.peaks), Unit.BYTES) if one.peaks else NONE,
    )


def how(one: Scored) -> str:
    """Say how the set was heard, what was wrong, and of what the speed is."""
    told = one.run.facts.get("score", {})
    workers = told.get("workers", 1)
    noun = "worker" if workers == 1 else "workers"
    text = (
        f"{one.run.bundle}: {workers} {noun} ({told.get('engine', 'local')}), view {GATED} "
        f"v{VERSION}, set sha256 {one.run.facts['sets'][one.name]['digest'][:12]}."
    )
    if one.score is not None:
        total = one.score.total
        text += (
            f" S {total.substitutions}, D {total.deletions}, I {total.insertions} in "
            f"{show(total.length, Unit.COUNT)} words."
        )
    if one.rate is not None:
        text += " Speed counts the loads."
    if one.clips < one.heard:
        text += (
            f" Speed is of {show(one.clips, Unit.COUNT)} clips: a session that was killed left "
            "its clips, not its time."
        )
    return text


def _remarks(one: Scored, verdicts: tuple[Verdict, ...]) -> list[RenderableType]:
    name = one.run.bundle
    lines = [f"{v.outcome}  {name}: {v.budget.title}. {v.sentence}" for v in verdicts]
    for rule in rows.broken_rules(one.run):
        lines.append(f"{rule.outcome}  {name}: {rule.title.rstrip('.')}. {rule.detail}")
    return [*lines, *(f"DOUBT  {name}: {doubt}" for doubt in one.run.doubts)]
