"""Finished rows of a soak: each process, and whether its memory grows."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.growth import (
    RESIDENT,
    Growth,
    floors,
    growth_interval,
    growth_of,
    mean_growth,
)
from harness.records import Measurement, Run
from harness.report.names import NONE, interval_text
from harness.units import Unit, show


@dataclass(frozen=True, kw_only=True)
class SoakRow:
    """One process, or all of them."""

    title: str
    requests: str
    first: str  # lowest resident memory of the first counted round
    last: str  # the same of the last one
    anon: str  # private memory after the last request
    file: str  # mapped files, the same
    slope: str  # per request
    interval: str


def soak_rows(run: Run) -> tuple[SoakRow, ...]:
    """Return one row per process and one for all; () without a soak."""
    grown = growth_of(run)
    if grown is None:
        return ()
    rows = [_row(run, taken, grown) for taken in resident(run)]
    return (*rows, _together(grown))


def soak_sentence(run: Run) -> str:
    """Say in one sentence whether memory grows."""
    grown = growth_of(run)
    if grown is None:
        return ""
    spread = interval_text(grown.interval, Unit.BYTES)
    return (
        f"One more request raises the resident memory by {show(grown.slope, Unit.BYTES)} "
        f"(95 % interval {spread}), over {show(grown.requests, Unit.COUNT)} requests."
        f"{_held(run, grown.size)}{_refused(run)}"
    )


def _held(run: Run, size: int) -> str:
    """Say what was open in the first counted round and in the last, of each process."""
    told = []
    for metric, words in (("soak.files", "Open files"), ("soak.threads", "Threads")):
        counts = [floors(m.samples, size) for m in run.measurements if m.metric == metric]
        ends = [f"{low[0]:.0f}, then {low[-1]:.0f}" for low in counts if len(low)]
        if ends:
            told.append(f" {words}, first and last round: {'; '.join(ends)}.")
    return "".join(told)


def _refused(run: Run) -> str:
    bad = [m.samples for m in run.measurements if m.metric == "soak.refused"]
    sent, typed = sum(map(len, bad)), round(sum(map(sum, bad)))
    if not sent:
        return ""
    return f" Bad input: {sent} requests, {typed} refused by an error of the pipeline's own."


def soak_method(run: Run) -> str:
    """Say what the columns hold and how the slope is made."""
    grown = growth_of(run)
    if grown is None:
        return ""
    return (
        f"A round sends the same {grown.size} clips in a new order; its figure is the lowest "
        "resident memory between requests. Growth is the mean change from round to round, divided "
        f"by the requests of a round; its interval is {grown.interval.method}. The warm-up rounds "
        "are not counted: until then the arena grows to fit the longest clip."
    )


def resident(run: Run) -> list[Measurement]:
    """Return the resident memory of every process of a soak, in the order taken."""
    return [m for m in run.measurements if m.metric == RESIDENT and m.samples]


def _row(run: Run, taken: Measurement, grown: Growth) -> SoakRow:
    lows = floors(taken.samples, grown.size)
    return SoakRow(
        title=f"Process {taken.process}",
        requests=show(len(taken.samples), Unit.COUNT),
        first=show(lows[0], Unit.BYTES) if len(lows) else NONE,
        last=show(lows[-1], Unit.BYTES) if len(lows) else NONE,
        anon=_last(run, "soak.anon", taken.process),
        file=_last(run, "soak.file", taken.process),
        slope=show(mean_growth([lows], grown.size), Unit.BYTES),
        interval=interval_text(growth_interval([lows], grown.size), Unit.BYTES),
    )


def _last(run: Run, metric: str, process: int) -> str:
    found = [m.samples[-1] for m in run.measurements if (m.metric, m.process) == (metric, process)]
    return show(found[-1], Unit.BYTES) if found else NONE


def _together(grown: Growth) -> SoakRow:
    return SoakRow(
        title="Together",
        requests=show(grown.requests, Unit.COUNT),
        first=NONE,
        last=NONE,
        anon=NONE,
        file=NONE,
        slope=show(grown.slope, Unit.BYTES),
        interval=interval_text(grown.interval, Unit.BYTES),
    )
