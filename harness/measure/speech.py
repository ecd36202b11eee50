"""What speaking costs, and the audio that a system makes of texts.

Each request is a file with a JSON object, see `inside.speaker`, and stands where a clip's audio
stands for a pipeline that hears. The measurements of another system carry its name as their arm.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.budgets import RTF
from harness.errors import MeasurementError
from harness.measure.job import END_TO_END, Job, schedule
from harness.measure.keeper import Emit, Keeper
from harness.measure.noise import tainted
from harness.measure.process import Report
from harness.measure.samples import NS, Said
from harness.progress import Step, nothing
from harness.records import Clip, Finding, Measurement, Transcript
from harness.units import Unit

TRIED = "Hola."  # what a system is asked to say first: can it speak at all?


@dataclass(frozen=True, kw_only=True)
class Request:
    """One text to be said."""

    id: str
    text: str
    emotion: tuple[float, ...] | None = None  # what the pipeline takes as such
    keep: Path | None = None  # where its audio goes
    source: Path | None = None  # recording that is made anew, in place of the text


@dataclass(frozen=True, kw_only=True)
class System:
    """One system that speaks."""

    arm: str  # of its measurements; "": the pipeline of the run
    job: Job  # `clips` are its requests; its stages are those of speaking
    streams: Job | None  # the same for its stream, `end_to_end` being the method that streams


def written(requests: Sequence[Request], folder: Path) -> tuple[Clip, ...]:
    """Write each request to a file of its own in `folder`, and return them as clips."""
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_clip(request, folder) for request in requests)


def cost_pass(systems: Sequence[System], emit: Emit, *, step: Step = nothing) -> None:
    """Time each system in turn, a process of each in every round.

    Emits, of each process: `speech.<stage>`; per second of audio of each request `speech.rtf`, the
    seconds until it is there, and `speech.cpu`, those of all its threads on a core; `speech.peak`;
    and of a process apart that streams, `speech.first_audio` and `speech.streamed`, seconds until
    the first and the last of its audio.
    `step` is called after each process.

    Raises:
        MeasurementError: the first process of a system could not load; or this is not Linux.
    """
    keepers = [
        (system, Keeper(_named("speech", system), system.job, emit), _streaming(system, emit))
        for system in systems
    ]
    for number in range(max(system.job.processes for system in systems)):
        for system, keeper, streaming in keepers:
            if not keeper.given_up:
                said = keeper.run("speak", schedule(system.job, number))
                _emit(_costs(said, system), emit)
                step()
            if streaming and system.streams and not streaming.given_up:
                said = streaming.run("stream", schedule(system.streams, number))
                _emit(_streams(said, system), emit)
                step()
    for _, keeper, streaming in keepers:
        keeper.close()
        if streaming:
            streaming.close()


def speak(
    name: str, job: Job, emit: Emit, *, mode: str = "speak", step: Step = nothing, **told: Any
) -> dict[str, Report]:
    """Let a system say every request of a job once, in one process.

    Args:
        name: of what is spoken, for a finding.
        job: its clips are the requests.
        emit: takes each finding.
        mode: "speak", "copy" or "read", see `inside.speaker`.
        step: called after each request.
        told: adds to the order of the process.

    Returns:
        What was seen of each request, by its id; what failed is not there.

    Raises:
        MeasurementError: the process could not load the system; or this is not Linux.
    """
    keeper, spoken = Keeper(name, job, emit), dict[str, Report]()

    def hear(report: Report) -> None:
        if report["kind"] == "called":
            spoken[report["clip"]] = report
        if report["kind"] in ("called", "failed"):
            step()

    keeper.run(mode, job.clips, hear=hear, told=told)
    keeper.close()
    return spoken


def refusal(job: Job) -> str:
    """Say why a system says nothing, in one sentence; "" where it can speak.

    `job` has one request.
    """
    seen: list[Measurement | Finding | Transcript] = []
    try:
        keeper = Keeper("speech", job, seen.append)
        said = keeper.run("speak", job.clips)
    except MeasurementError as error:
        return str(error)
    if said.called:
        return ""
    if said.failed:
        return str(said.failed[0]["error"])
    faults = [one.detail for one in seen if isinstance(one, Finding) and not one.holds]
    return " ".join(faults) or "it gave no answer."


def spoken_stages(job: Job) -> tuple[str, ...]:
    """Return the stages of speaking, the whole last."""
    return (*(stage for stage in job.stages if stage != END_TO_END), END_TO_END)


def _clip(request: Request, folder: Path) -> Clip:
    told = {
        "text": request.text,
        "emotion": None if request.emotion is None else list(request.emotion),
        "keep": None if request.keep is None else str(request.keep.absolute()),
        "source": None if request.source is None else str(request.source.absolute()),
    }
    path = folder / f"{request.id}.json"
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return Clip(
        id=request.id,
        audio=str(path.absolute()),
        text=request.text,
        language="es",
        speaker="",
        condition="",
        seconds=0.0,
        sha256="",
    )


def _named(what: str, system: System) -> str:
    return f"{what} of {system.arm}" if system.arm else what


def _streaming(system: System, emit: Emit) -> Keeper | None:
    return Keeper(_named("stream", system), system.streams, emit) if system.streams else None


def _emit(found: Iterator[Measurement], emit: Emit) -> None:
    for measurement in found:
        emit(measurement)


def _costs(said: Said, system: System) -> Iterator[Measurement]:
    timed = said.timed(system.job)
    taken = {stage for report in timed for stage in report["stages"]}
    for stage in spoken_stages(system.job):
        if stage in taken:
            values = [report["stages"].get(stage, 0) / NS for report in timed]
            yield _measured(f"speech.{stage}", Unit.SECONDS, values, timed, said, system)
    if timed:
        rates = [report["stages"][END_TO_END] / NS / report["audio"] for report in timed]
        yield _measured(RTF, Unit.FACTOR, rates, timed, said, system)
        cpu = [report["outside"]["own"] / report["audio"] for report in timed if report["outside"]]
        if len(cpu) == len(timed):
            yield _measured("speech.cpu", Unit.FACTOR, cpu, timed, said, system)
    if said.end is not None and said.end["memory"] and said.called:
        peak = [float(said.end["memory"]["VmHWM"])]
        yield _measured("speech.peak", Unit.BYTES, peak, (), said, system)


def _streams(said: Said, system: System) -> Iterator[Measurement]:
    timed = said.timed(system.streams or system.job)
    for metric, name in (("speech.first_audio", "first"), ("speech.streamed", "whole")):
        if timed:
            values = [report[name] / NS for report in timed]
            yield _measured(metric, Unit.SECONDS, values, timed, said, system)


def _measured(
    metric: str,
    unit: Unit,
    values: Sequence[float],
    reports: Sequence[Report],
    said: Said,
    system: System,
) -> Measurement:
    seen = [report["outside"] for report in reports]
    return Measurement(
        metric=metric,
        unit=unit,
        samples=tuple(values),
        process=said.process,
        clips=tuple(report["clip"] for report in reports),
        tainted=() if None in seen else tuple(map(tainted, seen)),
        arm=system.arm,
    )
