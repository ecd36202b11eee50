"""Whether so many workers fit into memory: one is weighed, and the sum is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import MeasurementError
from harness.measure.job import Job
from harness.measure.keeper import Keeper
from harness.records import Clip, Finding, Measurement, Transcript
from harness.units import Unit, show

ATTEMPTS = 3  # clips to weigh a worker with, should the longest be one that kills it
STAYS = 0.05  # share of the free memory that is left alone


@dataclass(frozen=True, kw_only=True)
class Weight:
    """What one worker takes, in bytes."""

    peak: int  # highest resident memory, from exec to exit
    shared: int  # of it pages of files after the call (mapped weights, libraries): once for all
    clip: str  # the clip that it heard: the longest of the set

    @property
    def own(self) -> int:
        """What every further worker adds."""
        return max(1, self.peak - self.shared)

    def of(self, workers: int) -> int:
        """Return the bytes of so many workers."""
        return self.shared + workers * self.own


def weigh(job: Job, clips: Sequence[Clip]) -> Weight:
    """Let one process load the pipeline and hear the longest clip, and read its peak.

    Raises:
        MeasurementError: it did not load, or died of three clips; says why.
    """
    seen: list[Measurement | Finding | Transcript] = []
    keeper = Keeper("weighing", job, seen.append)
    for clip in sorted(clips, key=lambda clip: (-clip.seconds, clip.id))[:ATTEMPTS]:
        said = keeper.run("memory", [clip])
        if said.end is not None and "VmHWM" in said.end["memory"]:
            peak = said.end["memory"]["VmHWM"]
            last = said.called[0]["memory"] if said.called else said.end["memory"]
            return Weight(peak=peak, shared=min(peak, last["RssFile"]), clip=clip.id)
    told = [one.detail for one in seen if isinstance(one, Finding)]
    raise MeasurementError(
        f"One worker is weighed before many are started; on none of the {ATTEMPTS} longest clips "
        f"did it end: {' '.join(told) or 'its memory cannot be read here.'}"
    )


def refuse_too_many(weight: Weight, workers: int, free: int) -> None:
    """Raise if so many workers do not fit into `free` bytes, of which 5 % are left alone.

    Raises:
        MeasurementError: they do not; the message is the sum, and how many fit.
    """
    usable = int(free * (1 - STAYS))
    if weight.of(workers) <= usable:
        return
    fit = max(0, (usable - weight.shared) // weight.own)
    peak, shared = show(weight.peak, Unit.BYTES), show(weight.shared, Unit.BYTES)
    own, need = show(weight.own, Unit.BYTES), show(weight.of(workers), Unit.BYTES)
    advice = f"Give --workers {fit}." if fit else "Free some memory, or take a smaller model."
    raise MeasurementError(
        f"{workers} workers do not fit into memory. One took {peak} at its peak (clip "
        f"{weight.clip}), of it {shared} of files that all share: {workers} x {own} + {shared} = "
        f"{need}. Free are {show(free, Unit.BYTES)}, of which {STAYS:.0%} stay free: "
        f"{show(usable, Unit.BYTES)}. At most {fit} fit. {advice}"
    )
