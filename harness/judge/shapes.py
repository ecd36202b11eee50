"""The figures of each load shape: throughput, latency, RTF, utilisation, pooled over its trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.judge.intervals import percentile
from harness.judge.percentiles import runs_needed
from harness.judge.samples import pool
from harness.judge.serving import levels, p95_bounds
from harness.records import Measurement, Run

SINGLE, OFFLINE, SERVER = "load.single_stream", "load.offline", "load.server"
P99_FROM = runs_needed(0, 0.99)  # with fewer requests nothing bounds a p99, and none is given


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What one shape, or the server at one rate, came to."""

    name: str  # single_stream | offline | server
    workers: int  # requests in flight at most
    offered: float | None  # requests a second that came; None: as fast as they were answered
    trials: int
    disturbed: int  # trials that were disturbed from outside
    requests: int  # answered
    unanswered: int  # left by trials that ended early
    throughput: float  # answers in a second, all trials together
    p50: float  # seconds: of the latency; offline of the processing alone, as nobody waits there
    p95: float
    floor: float  # bound of p95 from below, 95 %, by the trials that nothing disturbed
    bound: float  # the same from above; infinite where the requests are too few
    p99: float | None  # None: too few requests
    rtf: float | None  # median of processing time over the clip's length; None: length not known
    utilisation: float  # share of the workers' time in which they processed


def shapes_of(run: Run) -> tuple[Shape, ...]:
    """Return every shape of a load: one by one, all at once, then each rate; () without a load."""
    found = []
    if single := _taken(run, SINGLE):
        rates = _taken(run, f"{SINGLE}.throughput")
        found.append(_shape(run, "single_stream", 1, single, single, rates))
    for workers in _settings(run).get("concurrency", ()):
        service = _taken(run, f"{OFFLINE}.{workers}.service")
        if service:
            rates = _taken(run, f"{OFFLINE}.{workers}")
            found.append(_shape(run, "offline", workers, service, service, rates))
    return (*found, *_server(run))


def _settings(run: Run) -> Mapping[str, Any]:
    """Return the section `load` of the suite that the run was made by."""
    return run.facts.get("suite", {}).get("load") or {}


def _server(run: Run) -> list[Shape]:
    found = []
    for level in levels(run, SERVER):
        trials = {int(number) for number in level.latency.processes}
        latency, service, rates = (
            [m for m in _taken(run, f"{SERVER}.{name}") if m.process in trials]
            for name in ("latency", "service", "throughput")
        )
        workers = int(_settings(run)["workers"])
        found.append(
            _shape(
                run,
                "server",
                workers,
                latency,
                service,
                rates,
                offered=level.rate,
                unanswered=level.unanswered,
            )
        )
    return found


def _taken(run: Run, metric: str) -> list[Measurement]:
    return [m for m in run.measurements if m.metric == metric and m.samples]


def _shape(
    run: Run,
    name: str,
    workers: int,
    latency: list[Measurement],
    service: list[Measurement],
    rates: list[Measurement],
    *,
    offered: float | None = None,
    unanswered: int = 0,
) -> Shape:
    pooled = pool(latency)
    values = pooled.values
    rate = {m.process: m.samples[0] for m in rates}
    took = sum(len(m.samples) / rate[m.process] for m in service if m.process in rate)
    busy = sum(sum(m.samples) for m in service)
    floor, bound = p95_bounds(pooled)
    return Shape(
        name=name,
        workers=workers,
        offered=offered,
        trials=len(latency),
        disturbed=sum(any(m.tainted) for m in latency),
        requests=len(values),
        unanswered=unanswered,
        throughput=len(values) / took if took else 0.0,
        p50=percentile(values, 0.50),
        p95=percentile(values, 0.95),
        floor=floor,
        bound=bound,
        p99=percentile(values, 0.99) if len(values) >= P99_FROM else None,
        rtf=_rtf(service, run.facts.get("clip_seconds", {})),
        utilisation=busy / (workers * took) if took else 0.0,
    )


def _rtf(service: list[Measurement], seconds: Mapping[str, float]) -> float | None:
    pairs = [pair for m in service for pair in zip(m.clips, m.samples, strict=True)]
    known = [took / seconds[clip] for clip, took in pairs if seconds.get(clip)]
    return percentile(known, 0.50) if known else None
