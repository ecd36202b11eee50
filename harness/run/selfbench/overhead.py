"""What measuring costs: the full latency pass beside a bare loop, in processes of one kind.

Compared is the time around `process_audio` as each of the two reports it. The bare loop reads a
clock before and after the call, and nothing is wrapped. The latency pass wraps every stage, reads
the kernel's counters before and after the request (outside of the time that it reports) and times
the wrapped call: what wrapping costs inside a request, and what reading counters leaves behind in
the caches, is in the figure; the time of reading them between two requests is not.
"""

from __future__ import annotations

from harness.progress import progress
from harness.run.arms import Arm, interleave
from harness.run.recording import Recording
from harness.run.selfbench.requests import END_TO_END, only, short_job
from harness.suite import Selfbench

BARE, FULL = "bare", "full"


def overhead_pass(part: Selfbench, recording: Recording) -> None:
    """Run processes of the bare loop and of the full latency pass in turn.

    Raises:
        MeasurementError: the pipeline does not load.
    """
    job = short_job(recording.settings, part, part.overhead)
    recording.fact("overhead", {"metric": END_TO_END, "base": BARE, "other": FULL})
    arms = (Arm(name=BARE, job=job, mode="bare"), Arm(name=FULL, job=job))
    rounds = part.overhead.rounds
    with progress("overhead", total=rounds * len(arms)) as step:
        interleave(
            arms,
            rounds=rounds,
            seed=recording.settings.suite.seed,
            emit=only(recording.keep),
            step=step,
        )
