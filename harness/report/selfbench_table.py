"""What the terminal shows of the harness measured by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judge.selfbench import plantings_of
from harness.records import Run, Verdict
from harness.report import coverage_rows, curve_rows, watching_rows
from harness.report.memory_truth_table import memory_truth_table
from harness.report.selfbench_rows import METHOD, alarm_rows, alarm_sentence
from harness.report.tables import drawn, table
from harness.report.terminal import closing_table

if TYPE_CHECKING:
    from rich.console import RenderableType


def selfbench_table(run: Run, verdicts: tuple[Verdict, ...], *, colour: bool = False) -> str:
    """Return the verdict on every claim, and below it what the parts of the run saw."""
    parts = [*_curve(run), *_coverage(run), *_history(run), *_alarms(run)]
    texts = [closing_table(run, verdicts, colour=colour)]
    if found := plantings_of(run):
        texts.append(memory_truth_table(found, colour=colour))
    if parts:
        texts.append(drawn(parts, colour))
    return "\n".join(texts)


def _curve(run: Run) -> list[RenderableType]:
    rows = curve_rows.curve_rows(run)
    if not rows:
        return []
    cells = [
        (
            *(r.share, r.rate, r.passed, r.passed_interval, r.failed, r.failed_interval),
            *(r.not_proven, r.runs),
        )
        for r in rows
    ]
    drawing = table(curve_rows.HEADS, [(row, "none") for row in cells])
    return [curve_rows.curve_sentence(run), drawing, curve_rows.METHOD]


def _coverage(run: Run) -> list[RenderableType]:
    rows = coverage_rows.cover_rows(run)
    if not rows:
        return []
    cells = [
        (
            *(r.rate, r.clips, r.speakers, r.held, r.interval),
            *(r.quantiles, r.utterances, r.difference),
        )
        for r in rows
    ]
    drawing = table(coverage_rows.HEADS, [(row, "none") for row in cells])
    return [coverage_rows.cover_sentence(run), drawing, coverage_rows.METHOD]


def _history(run: Run) -> list[RenderableType]:
    rows = watching_rows.watch_rows(run)
    if not rows:
        return []
    cells = [(r.kind, r.noise, r.spikes, r.outside, r.shifted, r.found) for r in rows]
    family = [
        (r.figures, r.noise, r.plain, r.corrected, r.plain_found, r.corrected_found)
        for r in watching_rows.family_rows(run)
    ]
    return [
        watching_rows.watch_sentence(run),
        table(watching_rows.HEADS, [(row, "none") for row in cells]),
        watching_rows.METHOD,
        table(watching_rows.FAMILY_HEADS, [(row, "none") for row in family]),
        watching_rows.FAMILY_METHOD,
    ]


def _alarms(run: Run) -> list[RenderableType]:
    rows = alarm_rows(run)
    if not rows:
        return []
    cells = [((r.planted, r.judged_by, r.slower, r.interval, r.unknown), "none") for r in rows]
    heads = ("Planted", "Judged by", "Said slower", "95 % interval", "Cannot tell")
    return [alarm_sentence(run), table(heads, cells), METHOD]
