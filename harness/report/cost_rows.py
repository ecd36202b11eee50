"""Finished rows about time and memory: every cell is a string, nothing is left to compute."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from harness.judge.intervals import percentile
from harness.judge.percentiles import percentile_interval, runs_needed
from harness.judge.samples import Samples, metrics_of, samples_of
from harness.records import Run, Verdict
from harness.report import names
from harness.report.names import NONE, NOT_AVAILABLE
from harness.units import Unit, show

P95_FROM = runs_needed(0, 0.95)  # fewer bound no p95, and show none


@dataclass(frozen=True, kw_only=True)
class TimeRow:
    """One stage, or one way of starting up."""

    metric: str
    title: str
    runs: str  # "80"; "80 (6 disturbed)"
    p50: str
    p95: str
    bound: str  # one-sided 95 % bound of the p95, or how many runs it needs
    highest: str
    limit: str
    outcome: str  # "" without a budget
    style: str
    part: bool  # a part of the stage above it


@dataclass(frozen=True, kw_only=True)
class MemoryRow:
    """One figure of the whole process."""

    metric: str
    title: str
    processes: str
    lowest: str
    highest: str  # the observed maximum
    limit: str
    outcome: str
    style: str


@dataclass(frozen=True, kw_only=True)
class StageMemoryRow:
    """What one stage does to the memory of the process."""

    title: str
    peak: str
    rise: str


@dataclass(frozen=True, kw_only=True)
class ShareRow:
    """The mean time of one part of a request; the parts add up."""

    title: str
    mean: str
    share: str


def time_rows(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[TimeRow, ...]:
    """Return one row per warm stage, also for those that only a budget names."""
    return tuple(_time_row(m, run, verdicts) for m in names.stage_metrics(_known(run, verdicts)))


def start_rows(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[TimeRow, ...]:
    """Return one row per way of starting up: its highest, and its median where there are enough.

    A process starts once, so their p95 is never asked for.
    """
    starts = (_time_row(m, run, verdicts) for m in names.start_metrics(_known(run, verdicts)))
    return tuple(
        replace(row, p50=row.p50.replace(NOT_AVAILABLE, NONE), p95=NONE, bound=NONE)
        for row in starts
    )


def memory_rows(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[MemoryRow, ...]:
    """Return one row per memory figure of the whole process, and the split of the steady one."""
    known = _known(run, verdicts)
    split = [f"memory.{name}" for name in names.SPLIT if f"memory.{name}" in known]
    return tuple(_memory_row(m, run, verdicts) for m in (*names.memory_metrics(known), *split))


def stage_memory_rows(run: Run) -> tuple[StageMemoryRow, ...]:
    """Return one row per stage whose peak was taken."""
    rows = []
    for stage in names.stages_weighed(metrics_of(run)):
        peak = samples_of(run, f"memory.stage.{stage}.peak")
        rise = samples_of(run, f"memory.stage.{stage}.rise")
        row = StageMemoryRow(
            title=names.title(f"latency.{stage}"), peak=_highest(peak), rise=_highest(rise)
        )
        rows.append(row)
    return tuple(rows)


def time_sentence(run: Run) -> str:
    """Say in one or two sentences what the picture of the stages shows."""
    whole = samples_of(run, "latency.end_to_end")
    if whole is None:
        return "No time was measured end to end."
    p50, p95 = (_percentile(whole, p) for p in (0.50, 0.95))
    text = f"One request takes {p50} at the median and {p95} at p95."
    if NOT_AVAILABLE in (p50, p95):
        text = f"One request takes at most {_highest(whole)}, of {_runs(whole)} runs."
    parts = stage_means(run)
    if parts:
        largest = max(parts, key=lambda stage: parts[stage])
        mean, total = show(parts[largest], whole.unit), show(float(whole.values.mean()), whole.unit)
        text += f" The largest part is {_lower(largest)}: {mean} of {total} on average."
    return text


def start_sentence(run: Run) -> str:
    """Say in one sentence what the picture of the starts shows."""
    said = {"latency.load_cold": "a cold load", "latency.first_result": "the first result"}
    taken = {words: samples_of(run, metric) for metric, words in said.items()}
    parts = [
        f"{words} took at most {show(float(found.values.max()), found.unit)}"
        for words, found in taken.items()
        if found is not None
    ]
    text = " and ".join(parts) or "no cold start was measured"
    return f"{text[0].upper()}{text[1:]}."


def memory_sentence(run: Run, verdicts: tuple[Verdict, ...]) -> str:
    """Say in one or two sentences what the picture of the memory shows."""
    peak = samples_of(run, "memory.peak")
    if peak is None:
        return "The peak of the whole process was not measured."
    highest = float(peak.values.max())
    text = f"The process peaks at {show(highest, peak.unit)}"
    for verdict in names.verdicts_on("memory.peak", verdicts)[:1]:
        room = verdict.budget.limit - highest
        side = "under" if room >= 0 else "over"
        text += f", {show(abs(room), peak.unit)} {side} its budget"
    rises = {s: samples_of(run, f"memory.stage.{s}.rise") for s in _weighed(run)}
    highs = {s: float(taken.values.max()) for s, taken in rises.items() if taken is not None}
    if highs:
        most = max(highs, key=lambda stage: highs[stage])
        text += f"; {_lower(most)} adds most, {show(highs[most], Unit.BYTES)}"
    return text + "."


def stage_means(run: Run) -> dict[str, float]:
    """Return the mean seconds of each part of a request; means add up to the end-to-end mean."""
    found: dict[str, float] = {}
    for stage in names.parts_of(run):
        taken = samples_of(run, f"latency.{stage}")
        if taken is not None:
            found[stage] = float(taken.values.mean())
    return found


def share_rows(run: Run) -> tuple[ShareRow, ...]:
    """Return the parts of a request and their sum; () without parts."""
    parts = stage_means(run)
    total = sum(parts.values())
    if not total > 0:
        return ()
    named = [(names.title(f"latency.{stage}"), mean) for stage, mean in parts.items()]
    return tuple(
        ShareRow(
            title=title,
            mean=show(mean, Unit.SECONDS),
            share=show(mean / total, Unit.RATIO),
        )
        for title, mean in (*named, ("Together", total))
    )


def _time_row(metric: str, run: Run, verdicts: tuple[Verdict, ...]) -> TimeRow:
    taken, about = samples_of(run, metric), names.verdicts_on(metric, verdicts)
    outcome = names.worst(about)
    return TimeRow(
        metric=metric,
        title=names.title(metric),
        runs=_runs(taken),
        p50=_percentile(taken, 0.50),
        p95=_percentile(taken, 0.95),
        bound=_bound(taken),
        highest=_highest(taken),
        limit=names.limits_text(about),
        outcome=outcome or "",
        style=names.style_of(outcome),
        part=metric.removeprefix("latency.") in names.parts_of(run),
    )


def _memory_row(metric: str, run: Run, verdicts: tuple[Verdict, ...]) -> MemoryRow:
    taken, about = samples_of(run, metric), names.verdicts_on(metric, verdicts)
    outcome = names.worst(about)
    return MemoryRow(
        metric=metric,
        title=names.title(metric),
        processes=NONE if taken is None else show(taken.process_count, Unit.COUNT),
        lowest=NONE if taken is None else show(float(taken.values.min()), taken.unit),
        highest=_highest(taken),
        limit=names.limits_text(about),
        outcome=outcome or "",
        style=names.style_of(outcome),
    )


def _known(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    return (*metrics_of(run), *(verdict.budget.metric for verdict in verdicts))


def _weighed(run: Run) -> list[str]:
    return names.stages_weighed(metrics_of(run))


def _runs(taken: Samples | None) -> str:
    if taken is None:
        return "0"
    runs, disturbed = show(len(taken.values), Unit.COUNT), int(taken.tainted.sum())
    return f"{runs} ({disturbed} disturbed)" if disturbed else runs


def _percentile(taken: Samples | None, p: float) -> str:
    if taken is None:
        return NONE
    if len(taken.values) < runs_needed(0, p):
        return NOT_AVAILABLE
    return show(percentile(taken.values, p), taken.unit)


def _bound(taken: Samples | None) -> str:
    if taken is None or not taken.finite.all():
        return NONE
    if len(taken.values) < P95_FROM:
        return f"needs {P95_FROM}"
    high = percentile_interval(taken.values, taken.processes, 0.95).high
    return f"≤ {show(high, taken.unit)}" if math.isfinite(high) else "needs 2 processes"


def _highest(taken: Samples | None) -> str:
    return NONE if taken is None else show(float(taken.values.max()), taken.unit)


def _lower(stage: str) -> str:
    return names.title(f"latency.{stage}").lower()
