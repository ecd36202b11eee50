"""When samples that were disturbed from outside are too many for a verdict.

The rule: more than 10 % of a budget's samples make its verdict NOT PROVEN, whatever they show. What
marks a sample is decided where it is measured, by causes outside the process alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.judge.samples import Samples, samples_of
from harness.records import Outcome, Run
from harness.units import Unit, show

MOST_DISTURBED = 0.10  # share of the samples
REMEDY = "Run it again on a quiet machine (`harness bench` waits for one: --wait-quiet 60)."
_CAUSES: Mapping[str, str] = {  # measured around each warm request, and how it is told
    "disturbance.foreign": "other processes used {} of CPU time",
    "disturbance.steal": "the host gave {} to other guests",
    "disturbance.throttled": "a CPU quota held the process back for {}",
}


def too_disturbed(samples: Samples) -> bool:
    """Return whether too many samples were disturbed for any verdict."""
    return float(samples.tainted.mean()) > MOST_DISTURBED


def disturbance(run: Run, samples: Samples, outcome: Outcome, quiet: Outcome) -> str:
    """Say what all samples show and what the quiet ones do, what disturbed, and what to do."""
    disturbed, n = int(samples.tainted.sum()), len(samples.values)
    rule = f"; more than {show(MOST_DISTURBED, Unit.RATIO)} prove nothing"
    causes = " and ".join(_causes(run, samples))
    meanwhile = f" Meanwhile {causes}." if causes else ""
    return (
        f"{outcome} with all samples, {quiet} without the {disturbed} of {n} that were disturbed "
        f"from outside{rule if too_disturbed(samples) else ''}.{meanwhile} {REMEDY}"
    )


def _causes(run: Run, samples: Samples) -> list[str]:
    """Tell what happened during the disturbed ones, where it was kept for each sample."""
    told = []
    for metric, words in _CAUSES.items():
        seen = samples_of(run, metric)
        if seen is not None and len(seen.values) == len(samples.values):
            seconds = float(seen.values[samples.tainted].sum())
            told += [words.format(show(seconds, seen.unit))] if seconds > 0 else []
    return told
