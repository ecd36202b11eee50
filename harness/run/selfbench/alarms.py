"""False alarms and power: many comparisons of a pipeline with itself and with slower copies.

All arms run the same code, through a factory that makes requests longer by a share of their own
time: none in the first three arms, so that they are identical. While they run, a foreign process
keeps one core busy. One set of processes serves every comparison: `a` and `a again` are the
baseline and its control, each of `PLANTED` stands for the pipeline that is compared with it.

The processes of comparison number c are those numbered c * rounds to (c + 1) * rounds - 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.measure import planted
from harness.measure.job import END_TO_END, Job
from harness.progress import progress
from harness.run.arms import Arm, interleave
from harness.run.recording import Recording
from harness.run.selfbench.foreign import busy_core
from harness.run.selfbench.requests import only, short_job
from harness.suite import Selfbench

BASELINE = ("a", "a again")
PLANTED: Mapping[str, float] = {"same": 0.0, "slow10": 0.10, "slow15": 0.15}  # arm: share added
SLOWED = "slowed:from_file"  # in the folder of `harness.measure.planted`


def alarms_pass(part: Selfbench, recording: Recording) -> None:
    """Take `part.comparisons` comparisons, interleaved, with one core kept busy.

    Raises:
        MeasurementError: the pipeline does not load, or no process can be bound to a core.
    """
    rounds = part.comparison.rounds
    told = {"rounds": rounds, "comparisons": part.comparisons}
    recording.fact("alarms", {**told, "baseline": BASELINE, "planted": dict(PLANTED)})
    arms = slowed_arms(short_job(recording.settings, part, part.comparison), recording.folder)
    total = rounds * part.comparisons
    with busy_core(), progress("alarms", total=total * len(arms)) as step:
        interleave(
            arms,
            rounds=total,
            seed=recording.settings.suite.seed,
            emit=only(recording.keep),
            step=step,
        )


def slowed_arms(job: Job, folder: Path) -> tuple[Arm, ...]:
    """Return an arm for each of `BASELINE` and `PLANTED`; their configs are kept in `folder`."""
    shares = {**dict.fromkeys(BASELINE, 0.0), **PLANTED}
    return tuple(
        Arm(name=name, job=_slowed(job, folder / f"{name.replace(' ', '_')}.json", share))
        for name, share in shares.items()
    )


def _slowed(job: Job, config: Path, share: float) -> Job:
    told = {
        "factory": job.factory,
        "root": str(job.root.absolute()),
        "config": str(job.config.absolute()),
        "method": job.stages[END_TO_END],
        "share": share,
    }
    config.write_text(json.dumps(told, indent=2), "utf-8")
    root = Path(planted.__file__).parent
    return replace(job, factory=SLOWED, root=root, config=config)
