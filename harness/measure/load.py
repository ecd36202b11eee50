"""Trials of a load: each is some requests of one shape in a fresh process, kept raw.

The shapes are those of MLPerf Inference (Reddi et al., ISCA 2020): single-stream (the next request
is sent when the last has returned), offline (all are there at once), server (they come at random,
as a Poisson process). A measurement's `process` is the number of its trial; samples are tainted
when the trial as a whole was disturbed from outside.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.measure.job import Job, schedule
from harness.measure.keeper import ALIKE, Emit, Keeper
from harness.measure.noise import tainted
from harness.measure.process import Report
from harness.measure.samples import NS, Said
from harness.records import Measurement
from harness.units import Unit

NEVER = 10**18  # ns: a limit that no answer reaches
SINGLE, OFFLINE, SERVER, SEARCH = (
    f"load.{name}" for name in ("single_stream", "offline", "server", "search")
)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came of one trial."""

    latencies: tuple[float, ...]  # seconds from arrival to answer, in the order of arrival
    throughput: float  # answers in a second, from the begin of the trial to its last answer
    whole: bool  # every request was answered: the trial was not ended early, nothing was refused


def poisson(rate: float, count: int, seed: int) -> list[float]:
    """Return `count` arrival times in seconds from 0 on, `rate` in a second on average."""
    draw, now, times = random.Random(seed), 0.0, []
    for _ in range(count):
        now += draw.expovariate(rate)
        times.append(now)
    return times


class Trials:
    """Runs trials of a job: `repeats` requests each, after a first one and `warmup` more."""

    def __init__(self, job: Job, emit: Emit) -> None:
        self._job = job
        self._emit = emit
        self._keeper = Keeper("load", job, emit)
        self._number = 0
        self._heard: dict[str, str] = {}  # clip -> the text it got first

    @property
    def given_up(self) -> bool:
        """Whether going on makes no sense: trial after trial answered nothing."""
        return self._keeper.given_up

    def single_stream(self) -> Trial:
        """Send one request after the other."""
        said = self._run(workers=1)
        self._emit_times(said, (SINGLE, "arrival", "end"))
        trial = self._trial(said)
        self._emit_rate(said, f"{SINGLE}.throughput", trial.throughput)
        return trial

    def offline(self, workers: int) -> Trial:
        """Have all requests there at once, `workers` of them in flight."""
        said = self._run(workers=workers, arrivals=[0] * self._job.repeats)
        trial = self._trial(said)
        self._emit_rate(said, f"{OFFLINE}.{workers}", trial.throughput)
        self._emit_times(said, (f"{OFFLINE}.{workers}.service", "start", "end"))
        return trial

    def server(self, rate: float, *, workers: int, limit: float, over: int, name: str) -> Trial:
        """Send requests at `rate` a second, at random times drawn by the job's seed and the trial.

        Args:
            rate: of the Poisson process.
            workers: threads that serve the queue.
            limit: seconds; once more than `over` answers took longer, the trial is ended.
            over: see `limit`.
            name: prefix of what is measured, `SERVER` or `SEARCH`.
        """
        times = poisson(rate, self._job.repeats, self._job.seed + self._number)
        arrivals = [round(NS * at) for at in times]
        said = self._run(workers=workers, arrivals=arrivals, limit=round(NS * limit), over=over)
        self._emit_rate(said, f"{name}.offered", rate)
        self._emit_times(said, (f"{name}.latency", "arrival", "end"))
        self._emit_times(said, (f"{name}.service", "start", "end"))
        trial = self._trial(said)
        self._emit_rate(said, f"{name}.throughput", trial.throughput)
        return trial

    def close(self) -> None:
        """Emit for each rule that nothing broke that it holds."""
        self._keeper.close(ALIKE)

    def _run(
        self,
        *,
        workers: int,
        arrivals: Sequence[int] | None = None,
        limit: int = NEVER,
        over: int = 0,
    ) -> Said:
        clips = schedule(self._job, self._number)
        traffic = {"workers": workers, "arrivals": arrivals, "limit": limit, "over": over}
        lead = len(clips) - self._job.repeats
        said = self._keeper.run("traffic", clips, told={"traffic": {**traffic, "lead": lead}})
        self._number += 1
        for report in said.called.values():
            self._compare(report, workers)
        return said

    def _compare(self, report: Report, workers: int) -> None:
        """Look whether a clip got another text than the first time, which was alone."""
        clip, text = report["clip"], report["text"]
        first = self._heard.setdefault(clip, text)
        if text != first:
            self._keeper.broken(
                ALIKE,
                f"Clip {clip}: {first!r} at first, {text!r} with {workers} requests in flight. "
                "Look for state that calls share.",
            )

    def _trial(self, said: Said) -> Trial:
        timed = self._timed(said)
        last = max((report["end"] for report in timed), default=0)
        return Trial(
            latencies=tuple((report["end"] - report["arrival"]) / NS for report in timed),
            throughput=len(timed) * NS / last if last else 0.0,
            whole=len(timed) == self._job.repeats,
        )

    def _timed(self, said: Said) -> list[Report]:
        """Return the answers in the order in which their requests came."""
        return sorted(said.timed(self._job), key=lambda report: int(report["arrival"]))

    def _emit_times(self, said: Said, of: tuple[str, str, str]) -> None:
        metric, begin, end = of
        timed = self._timed(said)
        samples = tuple((report[end] - report[begin]) / NS for report in timed)
        clips = tuple(report["clip"] for report in timed)
        self._emit_samples(said, metric, Unit.SECONDS, samples, clips=clips)

    def _emit_rate(self, said: Said, metric: str, rate: float) -> None:
        if self._timed(said):
            self._emit_samples(said, metric, Unit.RATE, (rate,))

    def _emit_samples(
        self, said: Said, metric: str, unit: Unit, samples: tuple[float, ...], **more: Any
    ) -> None:
        if samples:
            disturbed = said.done is not None and tainted(said.done["outside"])
            measured = Measurement(
                metric=metric,
                unit=unit,
                samples=samples,
                process=said.process,
                tainted=(disturbed,) * len(samples),
                **more,
            )
            self._emit(measured)


def clip_seconds(job: Job) -> Mapping[str, float]:
    """Return the length of each clip in seconds of audio, by its id: what RTF divides by."""
    return {clip.id: clip.seconds for clip in job.clips}
