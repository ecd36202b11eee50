"""Finished rows about what the machine allows: its rates, the graph's work, the least of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.judge.feasible import Feasibility, feasibility
from harness.judge.intervals import percentile
from harness.judge.needs import INFERENCE, ceilings_of, needs_of, work_of
from harness.judge.samples import samples_of
from harness.records import Budget, Measurement, Run, Verdict
from harness.report import names
from harness.units import Unit, show

RATES = {  # metric: what a person reads, in reading order
    "host.gemm_fp32": "fp32 products",
    "host.gemm_fp32_core": "fp32, one core",
    "host.gemm_int8": "int8 products",
    "host.gemm_int8_core": "int8, one core",
    "host.read": "Memory read",
    "host.write": "Memory write",
    "host.copy": "Memory copy",
    "host.first_touch": "First touch",
}


DISTURBED = 0.7  # rate of all cores over cores times the rate of one, below which others computed


@dataclass(frozen=True, kw_only=True)
class CeilingRow:
    """One rate of the machine."""

    title: str
    best: str  # the highest sample: the ceiling
    typical: str  # the median of the same way
    samples: str
    how: str


@dataclass(frozen=True, kw_only=True)
class NeedRow:
    """One budget against the least that is possible."""

    title: str
    metric: str
    limit: str
    least: str
    binds: str
    measured: str
    times: str  # measured in multiples of the least: "6.1 ×"
    outcome: str  # FEASIBLE | INFEASIBLE | NOT PROVEN: a sample below the least
    style: str


def ceiling_rows(run: Run) -> tuple[CeilingRow, ...]:
    """Return one row per rate, of the way that reached the most; () where none was measured."""
    rows = []
    for metric, title in RATES.items():
        taken = [m for m in run.measurements if m.metric == metric and m.samples]
        if taken:
            rows.append(_ceiling_row(title, max(taken, key=lambda m: max(m.samples))))
    return tuple(rows)


def need_rows(budgets: Iterable[Budget], run: Run) -> tuple[NeedRow, ...]:
    """Return one row per budget that has a least, in the order given."""
    return tuple(_need_row(found) for found in feasibility(budgets, run))


def budgets_of(verdicts: Iterable[Verdict]) -> tuple[Budget, ...]:
    """Return the budgets that were judged."""
    return tuple(verdict.budget for verdict in verdicts)


def sentences(budgets: Iterable[Budget], run: Run) -> tuple[str, ...]:
    """Say each least with its arithmetic, budgets with the same one together; then the ways out."""
    given = [found for found in feasibility(budgets, run) if not found.refuted]
    said: dict[str, list[str]] = {}
    for found in given:
        said.setdefault(found.sentence, []).append(found.budget.title)
    least = [f"{'; '.join(titles)}: {sentence}" for sentence, titles in said.items()]
    ways = [
        f"{found.budget.title}: INFEASIBLE. {found.way_out}" for found in given if found.way_out
    ]
    return (*least, *ways)


def refutations(budgets: Iterable[Budget], run: Run) -> tuple[str, ...]:
    """Say of each least that a sample was below it: what is wrong is the harness."""
    return tuple(found.sentence for found in feasibility(budgets, run) if found.refuted)


def boundless_text(budgets: Iterable[Budget], run: Run) -> str:
    """Name the budgets of time and memory that have no least; "" where all have one."""
    needs = needs_of(run)
    costs = ("latency.", "memory.")
    left = [b.title for b in budgets if b.metric.startswith(costs) and b.metric not in needs]
    return f"No least is known for: {'; '.join(left)}." if left else ""


def work_text(run: Run) -> str:
    """Say in two sentences what one inference is to the model's graph; "" where it is not known."""
    work = work_of(run)
    if work is None:
        return ""
    share = f", {show(work.int8_flops, Unit.OPERATIONS)} of them in int8" if work.int8_flops else ""
    output = f"its output takes {show(work.output_bytes, Unit.BYTES)}"
    if not work.output_bytes:
        output = "it is run for a part of its output only, which is not counted"
    text = (
        f"One inference is {show(work.flops + work.int8_flops, Unit.OPERATIONS)}{share}, on "
        f"{show(work.weight_bytes, Unit.BYTES)} of weights; {output}."
    )
    if work.unknown:
        text += f" The work of {work.unknown} nodes is not known and is in no sum."
    return text


def ceiling_text(run: Run) -> str:
    """Say with what the rates were measured."""
    host = run.facts.get("host", {})
    if not host:
        return "The machine's rates were not measured in this run."
    threads = host["threads"] or "one per core"
    return (
        f"Threads: {threads}. Measured in {show(host['seconds'], Unit.SECONDS)} between buffers of "
        f"{show(host['buffer_bytes'], Unit.BYTES)}; the last cache holds "
        f"{show(host['cache_bytes'], Unit.BYTES)}. The highest sample is the ceiling"
        f"{_together(host)}.{_disturbed(run)}"
    )


def roof_sentence(run: Run) -> str:
    """Say in one sentence how near an inference comes to the roof."""
    work, ceilings, rate = work_of(run), ceilings_of(run), inference_rate(run)
    if work is None or not ceilings.fp32 or not rate:
        return "The roof is what this machine can compute, for so many operations a byte."
    share = show(rate / ceilings.fp32, Unit.RATIO)
    return (
        f"The median inference computes {show(rate, Unit.COMPUTE)}: {share} of what fp32 products "
        "reach on this machine."
    )


def inference_rate(run: Run) -> float | None:
    """Return the operations per second of the median inference; None where it was not timed."""
    work, taken = work_of(run), samples_of(run, INFERENCE)
    if work is None or taken is None or not taken.finite.all():
        return None
    median = percentile(taken.values, 0.50)
    return (work.flops + work.int8_flops) / median if median > 0 else None


def _together(host: Mapping[str, Any]) -> str:
    cores = host["cores"]
    return f"; of products, {cores} times that of one core if that is more" if cores > 1 else ""


def _disturbed(run: Run) -> str:
    """Say that the machine was busy, where its cores together stayed far below what each can do."""
    together, alone = (samples_of(run, f"host.gemm_fp32{name}") for name in ("", "_core"))
    if together is None or alone is None:
        return ""
    reached = float(together.values.max()) / (run.facts["host"]["cores"] * alone.values.max())
    if reached >= DISTURBED:
        return ""
    return f" The machine was busy: its cores reached {show(reached, Unit.RATIO)} of that together."


def _ceiling_row(title: str, taken: Measurement) -> CeilingRow:
    ordered = sorted(taken.samples)
    return CeilingRow(
        title=title,
        best=show(ordered[-1], taken.unit),
        typical=show(ordered[len(ordered) // 2], taken.unit),
        samples=show(len(ordered), Unit.COUNT),
        how=taken.note,
    )


def _need_row(found: Feasibility) -> NeedRow:
    budget, unit, times = found.budget, found.need.unit, found.times_least
    outcome = "INFEASIBLE" if found.infeasible else "FEASIBLE"
    style = "fail" if found.infeasible else "pass"
    if found.refuted:
        outcome, style = "NOT PROVEN", "not-proven"
    return NeedRow(
        title=budget.title,
        metric=budget.metric,
        limit=names.limit_text(budget),
        least=show(found.need.least, unit),
        binds=found.need.binds,
        measured=names.NONE if found.measured is None else show(found.measured, unit),
        times=names.NONE if times is None else f"{show(times, Unit.SCORE)} ×",
        outcome=outcome,
        style=style,
    )
