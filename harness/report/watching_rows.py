"""Finished rows of the simulated history: what was said of series whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.history import ALPHA
from harness.judge.intervals import proportion_interval
from harness.judge.selfbench import families_of, watches_of
from harness.judge.watching import CHANGED, RUNS, SPIKE, Watch
from harness.records import Run
from harness.report import names
from harness.report.names import NONE
from harness.units import Unit, show

HEADS = ("Series", "Noise", "Spikes", "Called", "Shifted", "Found after")
METHOD = (
    f"Series of {RUNS} runs, looked at after every run from the 11th on; a step comes with run "
    f"{CHANGED + 1}, a spike is {100 * (SPIKE - 1):.0f} % up. Called: runs said to be worse or "
    "better than their level, of those that are no spikes. Shifted: series with a shift at any "
    "look. Found after so many runs of the change: series with a run called worse, or such a shift."
)
FAMILY_HEADS = ("Figures of a run", "Noise", "Called", "Corrected", "10 % up found", "Corrected ")
FAMILY_METHOD = (
    f"Clean runs after 20 others with a figure called unexpected at {show(ALPHA, Unit.RATIO)}, "
    "each figure by itself and corrected for their number (Holm), as the history is; and how often "
    "one figure that is 10 % up is called. Half of the variance is common to the figures of a run."
)


@dataclass(frozen=True, kw_only=True)
class WatchRow:
    """What was said of the series of one cell."""

    kind: str
    noise: str
    spikes: str
    outside: str
    shifted: str
    interval: str  # exact, of the share of the series
    found: str  # "1: 94, 3: 100 %"


@dataclass(frozen=True, kw_only=True)
class FamilyRow:
    """What was said of the runs of one cell."""

    figures: str
    noise: str
    plain: str
    corrected: str
    plain_found: str
    corrected_found: str


def watch_rows(run: Run) -> tuple[WatchRow, ...]:
    """Return a row for each cell; () when no series was simulated."""
    return tuple(
        WatchRow(
            kind=watch.kind,
            noise=f"{100 * watch.noise:g} %",
            spikes=f"{100 * watch.spikes:g} %" if watch.spikes else NONE,
            outside=show(watch.outside / watch.looks, Unit.RATIO),
            shifted=show(watch.shifted / watch.series, Unit.RATIO),
            interval=names.interval_text(
                proportion_interval(watch.shifted, watch.series), Unit.RATIO
            ),
            found=_found(watch),
        )
        for watch in watches_of(run)
    )


def family_rows(run: Run) -> tuple[FamilyRow, ...]:
    """Return a row for each number of figures; () when no run was simulated."""
    return tuple(
        FamilyRow(
            figures=str(one.figures),
            noise=f"{100 * one.noise:g} %",
            plain=show(one.plain / one.runs, Unit.RATIO),
            corrected=show(one.corrected / one.runs, Unit.RATIO),
            plain_found=show(one.plain_found / one.runs, Unit.RATIO),
            corrected_found=show(one.corrected_found / one.runs, Unit.RATIO),
        )
        for one in families_of(run)
    )


def watch_sentence(run: Run) -> str:
    """Say how often the history was wrong at most; "" without cells."""
    clean = [watch for watch in watches_of(run) if watch.clean]
    if not clean:
        return ""
    shifts = max(watch.shifted / watch.series for watch in clean)
    words = max(watch.outside / watch.looks for watch in clean)
    return (
        f"Of {clean[0].series} simulated series in which nothing changed at most "
        f"{show(shifts, Unit.RATIO)} were ever said to have moved to another level, and at most "
        f"{show(words, Unit.RATIO)} of their runs were called worse or better."
    )


def _found(watch: Watch) -> str:
    shares = [f"{runs}: {100 * found / watch.series:.0f}" for runs, found in watch.found]
    return f"{', '.join(shares)} %" if shares else NONE
