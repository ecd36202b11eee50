"""A run and its verdicts, summed up for the history, and a decision as it is issued."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from harness.judge.gate import decide
from harness.judge.likeness import budget_facts
from harness.judge.samples import samples_of
from harness.judge.scores import DECODED, score_set, sets_of
from harness.records import Environment, Run, Statistic, Verdict
from harness.store import JOURNAL
from harness.summaries import Figure, Issued, Summary
from harness.units import Unit

YARDSTICK = "host.yardstick"
HARDWARE = ("cpu", "cpu flags", "microcode", "cores", "cpu quota", "smt", "memory", "memory limit")
UNTIMED = "host."  # rates of the machine, no figures of the pipeline


def summarise(run: Run, verdicts: Iterable[Verdict]) -> Summary:
    """Return what the history needs of a run."""
    judged = tuple(verdicts)
    gate = decide(run, judged)
    budgeted = [figure_of(verdict) for verdict in judged]
    known = {figure.name for figure in budgeted}
    place = run.environment
    identity = place.identity if place else {}
    return Summary(
        id=run.id,
        verb=run.verb,
        bundle=run.bundle,
        config=run.config,
        started=run.started,
        commit=identity.get("commit", ""),
        branch=identity.get("branch", ""),
        machine=machine_class(place),
        quick=bool(run.facts.get("quick")),
        complete=run.complete,
        decision=gate.decision,
        sentence=gate.sentence,
        figures=(*budgeted, *(one for one in _unjudged(run) if one.name not in known)),
        ceilings=dict(_ceilings(run)),
        place=_place(place),
    )


def issued(folder: Path, run: Run, verdicts: tuple[Verdict, ...]) -> Issued:
    """Return the decision on the run that lies in `folder`, as of now."""
    gate = decide(run, verdicts)
    rows = json.dumps(budget_facts(v.budget for v in verdicts), sort_keys=True)
    return Issued(
        at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        harness=version("sarai-harness"),
        decision=gate.decision,
        sentence=gate.sentence,
        journal=hashlib.sha256((folder / JOURNAL).read_bytes()).hexdigest(),
        budgets=hashlib.sha256(rows.encode()).hexdigest(),
        figures=tuple(figure_of(verdict) for verdict in verdicts),
    )


def figure_of(verdict: Verdict) -> Figure:
    """Return a verdict as a figure; an open end of its interval is None."""
    budget, interval = verdict.budget, verdict.interval
    waiver = budget.waiver
    return Figure(
        metric=budget.metric,
        statistic=budget.statistic,
        unit=budget.unit,
        title=budget.title,
        value=_finite(verdict.value),
        low=_finite(interval.low) if interval else None,
        high=_finite(interval.high) if interval else None,
        limit=budget.limit,
        at_most=budget.at_most,
        outcome=verdict.outcome,
        waiver=f"until {waiver.expires}: {waiver.reason}" if waiver else "",
    )


def machine_class(place: Environment | None) -> str:
    """Name what decides a machine's speed and memory; two runs of one class may share a history."""
    if place is None:
        return "unknown"
    facts = {name: place.comparable.get(name, "") for name in HARDWARE}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:4]
    return f"{facts['cpu']} · {facts['cores']} cores · {facts['memory']} · {digest}"


def _unjudged(run: Run) -> Iterator[Figure]:
    """Medians of what was timed, and the rates of every set, budget or not."""
    for metric in dict.fromkeys(m.metric for m in run.measurements if not m.arm):
        if not metric.startswith("latency."):
            continue
        samples = samples_of(run, metric)
        if samples is not None and samples.finite.all():
            yield Figure(
                metric=metric,
                statistic=Statistic.P50,
                unit=samples.unit,
                title=metric,
                value=float(np.median(samples.values)),
            )
    for name in sets_of(run):
        score = score_set(run, name)
        if score is not None and score.total.rate is not None:
            interval = score.interval()
            yield Figure(
                metric=DECODED + name,
                statistic=Statistic.RATE,
                unit=Unit.RATIO,
                title=f"Word error rate, {name}",
                value=score.total.rate,
                low=interval.low if interval else None,
                high=interval.high if interval else None,
            )


def _ceilings(run: Run) -> Iterator[tuple[str, float]]:
    for metric in dict.fromkeys(m.metric for m in run.measurements if not m.arm):
        samples = samples_of(run, metric) if metric.startswith(UNTIMED) else None
        if samples is not None and samples.finite.all():
            yield metric.removeprefix(UNTIMED), float(np.median(samples.values))


def _place(place: Environment | None) -> dict[str, str]:
    """What a change may come from: versions, kernel, digests."""
    if place is None:
        return {}
    software = {k: v for k, v in place.comparable.items() if k not in HARDWARE}
    return {
        **software,
        **{k: v for k, v in place.identity.items() if k not in ("commit", "branch")},
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
