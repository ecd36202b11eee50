"""The routing pass of a run: taken where the suite asks for it and its library is installed."""

from __future__ import annotations

from importlib.util import find_spec

from harness.budgets import OVERHEAD, UNMEASURED
from harness.measure.routing import STAGES, routing_pass
from harness.progress import progress
from harness.run.jobs import job_of
from harness.run.plan import Plan, drawn
from harness.run.recording import Recording


def routing(plan: Plan, recording: Recording) -> None:
    """Take the pass, or record why it cannot be taken.

    Raises:
        MeasurementError: the graph does not load.
        ReferenceSetError: the set is absent, empty or damaged.
    """
    part = plan.settings.suite.routing
    if part is None:
        recording.fact(f"{UNMEASURED}{OVERHEAD}", "suite.yaml has no section routing")
        return
    if find_spec(part.needs) is None:
        absent = f"{part.needs} is not installed. Run: pip install {part.needs}"
        recording.fact(f"{UNMEASURED}{OVERHEAD}", absent)
        recording.say(f"routing   {absent}")
        return
    recording.say(f"routing   processes: {part.processes}, requests in each: 2 x {part.repeats}")
    clips = drawn(plan.settings, "routing.set", part.set, part.clips)
    job = job_of(
        plan.settings,
        clips,
        factory=part.factory,
        stages=STAGES,
        leaves=(),
        processes=part.processes,
        repeats=part.repeats,
        warmup=part.warmup,
        timeout_s=part.timeout_s,
    )
    with progress("routing", total=part.processes) as step:
        routing_pass(job, recording.keep, step=step)
