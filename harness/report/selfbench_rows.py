"""Finished rows of the harness measured by itself: what each way of judging calls slower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.judge.aims import HELP, OVERHEAD
from harness.judge.alarms import Alarms, alarms_of
from harness.judge.intervals import proportion_interval
from harness.judge.selfbench import pairs_of
from harness.records import Run, Verdict
from harness.report import names
from harness.report.names import NONE
from harness.units import Unit, show

HARNESS, WELCH, THRESHOLD = "harness ab", "Welch, pooled", "5 % on means"  # ways of judging
SIDES = {  # what is compared with what
    HELP.metric: ("Printing its help takes the harness", "an interpreter that does nothing"),
    OVERHEAD.metric: ("A request under the full latency pass takes", "one under a bare clock"),
}
METHOD = (
    "The same samples judged three ways: as harness ab does, by Welch's t-test on all requests "
    "pooled, and by a plain 5 % threshold on the means. Intervals are exact (Clopper-Pearson)."
)


@dataclass(frozen=True, kw_only=True)
class AlarmRow:
    """How often one way of judging calls one planted arm slower."""

    planted: str  # "identical code"
    judged_by: str
    slower: str  # "3 of 100"
    interval: str
    unknown: str  # "cannot tell", where the way of judging can say so


def alarm_rows(run: Run) -> tuple[AlarmRow, ...]:
    """Return three rows for each planted arm; () when no comparison is whole."""
    return tuple(row for alarms in whole(run) for row in _rows(alarms))


def whole(run: Run) -> tuple[Alarms, ...]:
    """Return the planted arms; () when no comparison is whole."""
    return tuple(alarms for alarms in alarms_of(run) if alarms.comparisons)


def counts(alarms: Alarms) -> dict[str, int]:
    """Return how often each way of judging said slower."""
    return {HARNESS: alarms.slower, WELCH: alarms.welch, THRESHOLD: alarms.threshold}


def planted_text(added: float) -> str:
    """Name what was planted: `'15 % slower'`."""
    return f"{100 * added:g} % slower" if added else "identical code"


def alarm_sentence(run: Run) -> str:
    """Say how often each way of judging is right and wrong; "" without comparisons."""
    found = whole(run)
    if not found:
        return ""
    told = [
        f"{planted_text(a.added)} is called slower in {a.slower} of {a.comparisons} comparisons "
        f"(pooled Welch {a.welch}, threshold {a.threshold})"
        for a in found
    ]
    left = found[0].left_out
    lost = f" {left} that did not come to their end are left out." if left else ""
    return f"While another process keeps one core busy, {'; '.join(told)}.{lost}"


def pairs_sentence(run: Run, verdict: Verdict) -> str:
    """Say in one sentence what ran side by side for a verdict that rests on pairs."""
    first, second = SIDES[verdict.budget.metric]
    base, other = (show(float(np.median(x)), Unit.SECONDS) for x in pairs_of(run, verdict.budget))
    between = names.interval_text(verdict.interval, verdict.budget.unit)
    how = "as long" if verdict.budget.unit is Unit.FACTOR else "more"
    return f"{first} {other}, {second} {base} (medians): {between} {how}, with 95 % confidence."


def _rows(alarms: Alarms) -> tuple[AlarmRow, ...]:
    return tuple(
        AlarmRow(
            planted=planted_text(alarms.added),
            judged_by=way,
            slower=f"{slower} of {alarms.comparisons}",
            interval=names.interval_text(
                proportion_interval(slower, alarms.comparisons), Unit.RATIO
            ),
            unknown=show(alarms.unknown, Unit.COUNT) if way == HARNESS else NONE,
        )
        for way, slower in counts(alarms).items()
    )
