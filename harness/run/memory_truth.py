"""Is the memory of a stage true? Known amounts are planted in one, and two instruments look.

The harness asks the kernel for the peak inside the stage (`StageScale`). Beside it stands what most
tools do: a thread of the parent that reads the process's RSS by psutil every 10 ms. What is freed
before it looks again it cannot see.

    for planting in memory_truth():
        planting.planted, planting.kernel, planting.polled, planting.within
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from harness.errors import MeasurementError
from harness.measure.job import END_TO_END, Job
from harness.measure.keeper import Keeper
from harness.measure.process import INSIDE, Report
from harness.records import Clip, Finding, Measurement, Planting, Transcript
from harness.units import MB

SIZES = (10 * MB, 50 * MB, 200 * MB, 1000 * MB)  # bytes
HELD_S = (0.1, 0.001)  # seconds: plain to see, and shorter than the interval of the polling
EVERY_S = 0.01  # seconds between two looks of the sampler
STAGE = "plant"


def memory_truth(
    *,
    sizes: Sequence[int] = SIZES,
    held: Sequence[float] = HELD_S,
    repeats: int = 5,
    seed: int = 0,
    timeout_s: float = 300.0,
    step: Callable[[], None] = lambda: None,
) -> tuple[Planting, ...]:
    """Plant every size for every time, `repeats` times each, in one process in a shuffled order.

    Args:
        sizes: bytes to plant.
        held: seconds for which they are kept once touched.
        repeats: of each pair.
        seed: of the order.
        timeout_s: for the process.
        step: called after each planting, to show how far it is.

    Returns:
        One record per planting, in the order planted. The kernel's figure must be within
        1 % + 1 MB.

    Raises:
        MeasurementError: the process did not answer every time; says what went wrong.
    """
    plans = list(itertools.product(sizes, held)) * repeats
    random.Random(seed).shuffle(plans)
    with TemporaryDirectory() as folder:
        clips = [_clip(Path(folder), number, *plan) for number, plan in enumerate(plans)]
        seen = _weigh(_job(Path(folder), clips, timeout_s), clips, step)
        lived = [float(_lived(clip.audio).read_text("ascii")) for clip in clips]
    return tuple(
        Planting(
            planted=size,
            held=kept,
            lived=life,
            kernel=float(kernel),
            polled=polled,
            tolerance=size / 100 + MB,
        )
        for (size, kept), (kernel, polled), life in zip(plans, seen, lived, strict=True)
    )


def _weigh(
    job: Job, clips: Sequence[Clip], step: Callable[[], None]
) -> list[tuple[int, float | None]]:
    """Return for each clip what the kernel counted in the stage, and what the sampler saw."""
    told: list[Finding] = []
    looks: list[float | None] = []

    def emit(record: Measurement | Finding | Transcript) -> None:
        if isinstance(record, Finding):
            told.append(record)

    def hear(report: Report) -> None:
        if report["kind"] == "calling":
            sampler.begin()
        elif report["kind"] == "called":
            looks.append(sampler.rise())
            step()

    with _Sampler() as sampler:
        said = Keeper("planted memory", job, emit).run("memory_stages", clips, hear=hear)
    if told or len(said.called) < len(clips):
        raise MeasurementError(
            told[0].detail if told else "The planted memory was not weighed every time."
        )
    kernel = [said.called[number]["stages"][STAGE]["rise"] for number in range(len(clips))]
    return list(zip(kernel, looks, strict=True))


@dataclass
class _Sampler:
    """A thread that polls the RSS of this process's one child, as other tools do."""

    _seen: list[int] = field(default_factory=list)  # bytes, since the last `begin`
    _over: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        self._seen = []

    def rise(self) -> float | None:
        """Return how much RSS rose above its lowest since `begin`; None without a look."""
        seen = self._seen
        return float(max(seen) - min(seen)) if seen else None

    def __enter__(self) -> _Sampler:
        self._before = {child.pid for child in psutil.Process().children()}
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        self._thread.join()

    def _poll(self) -> None:
        child: psutil.Process | None = None
        while not self._over.wait(EVERY_S):
            child = child or self._child()
            try:
                if child is not None:
                    self._seen.append(child.memory_info().rss)
            except psutil.Error:
                return  # it has ended

    def _child(self) -> psutil.Process | None:
        found = psutil.Process().children()
        return next((child for child in found if child.pid not in self._before), None)


def _job(folder: Path, clips: Sequence[Clip], timeout_s: float) -> Job:
    return Job(
        factory="planted_memory:PlantedMemory.from_file",
        root=INSIDE,
        config=folder / "none.yaml",
        stages={STAGE: "plant", END_TO_END: "process_audio"},
        leaves=(STAGE,),
        clips=tuple(clips),
        timeout_s=timeout_s,
    )


def _clip(folder: Path, number: int, size: int, held: float) -> Clip:
    audio = folder / f"{number}.json"
    told = {"bytes": size, "held": held, "lived": str(_lived(audio))}
    audio.write_text(json.dumps(told), "utf-8")
    return Clip(
        id=str(number),
        audio=str(audio),
        text="",
        language="",
        speaker="",
        condition="",
        seconds=held,
        sha256=hashlib.sha256(audio.read_bytes()).hexdigest(),
    )


def _lived(audio: str | Path) -> Path:
    """Return the file to which a planting writes how long it was there."""
    return Path(audio).with_suffix(".lived")
