"""What a measured process reported, as measurements.

`latency.first_result` is the load and the first request, without starting Python and importing
(`latency.imports`). `latency.first_inference` is the stage `inference` of the first request, after
whatever the load already ran. A stage that a request passes several times, once per window, counts
with the sum of its times and with the largest of its peaks. `disturbance.*` are of the whole
request, in the order of `latency.end_to_end`. The ledger is in `ledger`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.measure.job import END_TO_END, Job
from harness.measure.noise import tainted
from harness.measure.pages import Residency
from harness.measure.process import Report
from harness.records import Measurement
from harness.units import Unit

NS = 1e9  # nanoseconds in a second
INFERENCE = "inference"  # the stage that `latency.first_inference` is about
# What is kept of the counters around a request: its unit, and how it is read off.
DISTURBANCES: Mapping[str, tuple[Unit, Callable[[Mapping[str, float]], float | None]]] = {
    "cpu": (Unit.SECONDS, lambda seen: seen["own"]),
    "foreign": (Unit.SECONDS, lambda seen: seen["busy"] - seen["own"]),  # in ticks: may be negative
    "steal": (Unit.SECONDS, lambda seen: seen["steal"]),
    "pressure": (Unit.SECONDS, lambda seen: seen.get("pressure")),
    "throttled": (Unit.SECONDS, lambda seen: seen["throttled"]),
    "major_faults": (Unit.COUNT, lambda seen: seen["major_faults"]),
    "involuntary_switches": (Unit.COUNT, lambda seen: seen["involuntary_switches"]),
}
FALLBACKS = "fallbacks"  # answers of a process that another model gave
SPLIT = {"anon": "RssAnon", "file": "RssFile", "shmem": "RssShmem"}


@dataclass
class Said:
    """What one process reported, filled as it speaks."""

    process: int  # number of the process in its pass, from 0
    cold: Residency | None = None  # of the files put out of the page cache for it; None: warm
    loaded: Report | None = None  # None: it did not load
    sent: int = 0  # clips that it was about to send
    called: dict[int, Report] = field(default_factory=dict)  # answers by position of the request
    failed: list[Report] = field(default_factory=list)  # exceptions of the pipeline
    done: Report | None = None  # with what the instrument knows only at the end
    end: Report | None = None  # None: it crashed or was killed

    def hear(self, report: Report) -> None:
        """Keep one report."""
        match report["kind"]:
            case "loaded":
                self.loaded = report
            case "calling":
                self.sent += 1
            case "called":
                self.called[report["request"]] = report
            case "done":
                self.done = report
            case "failed":
                self.failed.append(report)
            case "end":
                self.end = report

    @property
    def first(self) -> Report | None:
        """The answer to the first request; None if it failed."""
        return self.called.get(0)

    def timed(self, job: Job) -> list[Report]:
        """The answers to the timed requests, in their order."""
        return [report for position, report in self.called.items() if position > job.warmup]


def latency(said: Said, job: Job) -> Iterator[Measurement]:
    """Yield what a process of mode `latency` measured."""
    yield from _loads(said)
    yield from _first(said)
    timed = said.timed(job)
    taken = {stage for report in timed for stage in report["stages"]}
    for stage in job.stages:
        if stage in taken:
            ns = [report["stages"].get(stage, 0) for report in timed]
            yield _times(f"latency.{stage}", said, ns, timed)
    if timed:
        rest = [unattributed(report, job) for report in timed]
        yield _times("latency.unattributed", said, rest, timed)
        yield from _disturbances(said, timed)
    if said.done is not None and "yardstick" in said.done:
        yield _times("host.yardstick", said, said.done["yardstick"], [])


def fallbacks(said: Said) -> Iterator[Measurement]:
    """Yield how many answers of a process came from another model than the config's, if any did."""
    found = [report["fallback"] for report in said.called.values() if "fallback" in report]
    if found:
        yield Measurement(
            metric=FALLBACKS,
            unit=Unit.COUNT,
            samples=(float(len(found)),),
            process=said.process,
            note=found[0],
        )


def hearing(said: Said) -> Iterator[Measurement]:
    """Yield how fast the machine was when a process of mode `transcribe` had heard its clips."""
    if said.done is not None:
        yield _times("host.yardstick_hearing", said, said.done["yardstick"], [])


def bare(said: Said, job: Job) -> Iterator[Measurement]:
    """Yield what a process of mode `bare` measured: loads and whole requests, no stage of them."""
    yield from _loads(said)
    yield from _first(said)
    timed = said.timed(job)
    if timed:
        ns = [report["stages"][END_TO_END] for report in timed]
        yield _times(f"latency.{END_TO_END}", said, ns, timed)


def unattributed(report: Report, job: Job) -> int:
    """Return the ns of a request that no leaf accounts for; negative if leaves overlap."""
    stages = report["stages"]
    leaves = sum(stages.get(leaf, 0) for leaf in job.leaves)
    return int(stages[END_TO_END] - leaves)


def memory(said: Said, job: Job) -> Iterator[Measurement]:
    """Yield what a process of mode `memory` measured."""
    if said.loaded is not None:
        note = "resident after the imports, before the load"
        yield in_bytes("libraries", said, [said.loaded["imported"]["VmRSS"]], note=note)
        yield in_bytes("load_peak", said, [said.loaded["loaded"]["VmHWM"]])
    if said.first is not None:
        yield in_bytes("first_run_peak", said, [said.first["memory"]["VmHWM"]], [said.first])
    timed = said.timed(job)
    if timed:
        steady = [report["memory"]["VmRSS"] for report in timed]
        yield in_bytes("steady", said, steady, timed, note="resident between requests")
        for name, counter in {**SPLIT, "swap": "VmSwap"}.items():
            yield in_bytes(name, said, [report["memory"][counter] for report in timed], timed)
    yield from peak(said)


def peak(said: Said) -> Iterator[Measurement]:
    """Yield the peak of a whole process that answered something and came to its end."""
    if said.end is not None and said.end["memory"] and said.called:
        note = "VmHWM from exec to exit; the process never wrote clear_refs"
        yield in_bytes("peak", said, [said.end["memory"]["VmHWM"]], note=note)


def cached(said: Said, now: Residency) -> Iterator[Measurement]:
    """Yield how much of the bundle's files lies in the page cache when a process has ended."""
    if now.resident is not None and now.pages:
        yield Measurement(
            metric="memory.cached",
            unit=Unit.RATIO,
            samples=(now.resident / now.pages,),
            process=said.process,
            note=str(now),
        )


def stage_memory(said: Said, job: Job) -> Iterator[Measurement]:
    """Yield what a process of mode `memory_stages` measured, of every request from the first."""
    for stage in job.stages:
        passed = [report for report in said.called.values() if stage in report["stages"]]
        if not passed:
            continue
        for what, note in (("peak", "VmHWM set back at the stage's start"), ("rise", "")):
            values = [report["stages"][stage][what] for report in passed]
            yield in_bytes(f"stage.{stage}.{what}", said, values, passed, note=note)


def _loads(said: Said) -> Iterator[Measurement]:
    if said.loaded is None:
        return
    name = "load_warm" if said.cold is None else "load_cold"
    yield _times(f"latency.{name}", said, [said.loaded["load"]], [said.loaded], _cold(said))
    yield _times("latency.imports", said, [said.loaded["imports"]], [])


def _first(said: Said) -> Iterator[Measurement]:
    first, loaded = said.first, said.loaded
    if first is None or loaded is None:
        return
    if said.cold is not None:
        total = loaded["load"] + first["stages"][END_TO_END]
        yield _times("latency.first_result", said, [total], [first], _cold(said))
    if INFERENCE in first["stages"]:
        ns = [first["stages"][INFERENCE]]
        yield _times("latency.first_inference", said, ns, [first])


def _disturbances(said: Said, timed: Sequence[Report]) -> Iterator[Measurement]:
    """Yield what happened around each timed request, raw, so that another rule can be applied."""
    seen = [report["outside"] for report in timed if report["outside"] is not None]
    for name, (unit, of) in DISTURBANCES.items():
        values = [value for value in map(of, seen) if value is not None]
        if len(values) == len(timed):
            yield Measurement(
                metric=f"disturbance.{name}",
                unit=unit,
                samples=tuple(map(float, values)),
                process=said.process,
                clips=_clips(timed),
            )


def _cold(said: Said) -> str:
    if said.cold is None:
        return ""
    return f"{'cold' if said.cold.cold else 'not shown to be cold'}: {said.cold}"


def _times(
    metric: str, said: Said, ns: Sequence[int], reports: Sequence[Report], note: str = ""
) -> Measurement:
    seen = [report.get("outside") for report in reports]
    return Measurement(
        metric=metric,
        unit=Unit.SECONDS,
        samples=tuple(value / NS for value in ns),
        process=said.process,
        clips=_clips(reports),
        tainted=() if None in seen else tuple(map(tainted, seen)),
        note=note,
    )


def in_bytes(
    name: str, said: Said, values: Sequence[int], reports: Sequence[Report] = (), note: str = ""
) -> Measurement:
    """Return `memory.<name>` of one process, a sample for each of `reports` if they are given."""
    return Measurement(
        metric=f"memory.{name}",
        unit=Unit.BYTES,
        samples=tuple(float(value) for value in values),
        process=said.process,
        clips=_clips(reports),
        note=note,
    )


def _clips(reports: Sequence[Report]) -> tuple[str, ...]:
    clips: list[Any] = [report.get("clip") for report in reports]
    return () if None in clips else tuple(clips)
