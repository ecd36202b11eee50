"""The pass that times a request through an agent graph beside the same request without it.

Both are taken in the same processes, clip by clip in turn. Of each timed request:

    routing.overhead   the graph's call less the pipeline's own time within that very call
    routing.graph      the graph's call
    routing.direct     the pipeline called without the graph

The overhead needs no second measurement to be subtracted; that the pipeline itself is no slower
under the graph is seen by setting the other two side by side.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.measure.job import Job, schedule
from harness.measure.keeper import Emit, Keeper
from harness.measure.noise import tainted
from harness.measure.process import Report
from harness.measure.samples import NS, Said
from harness.progress import Step, nothing
from harness.records import Measurement
from harness.units import Unit

# Stage -> method of what `routing.factory` of suite.yaml returns.
STAGES = {
    "end_to_end": "both",
    "graph": "through_graph",
    "direct": "directly",
    "own": "process_audio",
}


def routing_pass(job: Job, emit: Emit, *, step: Step = nothing) -> None:
    """Time requests through the graph and without it, in `job.processes` fresh processes.

    Args:
        job: of a factory with the methods of `STAGES`; `both` calls the two in turn.
        emit: takes each measurement and finding.
        step: called after each process.

    Raises:
        MeasurementError: the first process could not load the graph; or this is not Linux.
    """
    keeper = Keeper("routing", job, emit)
    for number in range(job.processes):
        said = keeper.run("latency", schedule(job, number))
        for measurement in _measured(said, said.timed(job)):
            emit(measurement)
        step()
        if keeper.given_up:
            break
    keeper.close()


def _measured(said: Said, timed: list[Report]) -> Iterator[Measurement]:
    if not timed:
        return
    stages = [report["stages"] for report in timed]
    outside = [report["outside"] for report in timed]
    for name, ns in {
        "overhead": [taken["graph"] - taken["own"] for taken in stages],
        "graph": [taken["graph"] for taken in stages],
        "direct": [taken["direct"] for taken in stages],
    }.items():
        yield Measurement(
            metric=f"routing.{name}",
            unit=Unit.SECONDS,
            samples=tuple(value / NS for value in ns),
            process=said.process,
            clips=tuple(report["clip"] for report in timed),
            tainted=() if None in outside else tuple(map(tainted, outside)),
        )
