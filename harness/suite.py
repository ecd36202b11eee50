"""`suite.yaml`: what a run does, section by section. Reading is strict."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from harness.strict import Strict, checked, nearest, read_yaml


class Pass(Strict):
    """How one kind of measurement is taken."""

    set: str  # reference set whose clips are sent
    clips: int = Field(ge=1)  # how many of them, drawn by the suite's seed
    processes: int = Field(ge=1)  # fresh processes, one after the other
    repeats: int = Field(ge=1)  # timed requests in each process
    cold: int = Field(default=0, ge=0)  # how many of them find the model's files on disk only
    warmup: int = Field(ge=0)  # requests before them, not counted
    timeout_s: float = Field(gt=0)  # a process that takes longer is ended and reported


class Accuracy(Strict):
    """Which reference sets are transcribed."""

    gated: tuple[str, ...]  # sets that budgets are about
    reported: tuple[str, ...] = ()  # sets whose figures stand beside them
    human: str | None = None  # folder of a set of human speech, reported where it is present
    clips: int | None = Field(default=None, ge=1)  # at most so many a set, drawn by seed; None: all
    timeout_s: float = Field(gt=0)  # for one process that transcribes a set


class Extension(Strict):
    """How a latency pass goes on when a budget is not proven."""

    processes: int = Field(ge=1)  # added at each look
    most: int = Field(ge=1)  # processes in all, where it stops
    within_s: float = Field(gt=0)  # wall-clock seconds of the whole pass after which none is added


class Latency(Pass):
    """How time is taken."""

    extend: Extension | None = None  # None: the processes above, and no more


class Host(Strict):
    """The machine's own ceilings."""

    seconds: float = Field(gt=0, le=5)  # for all of them together


class Soak(Strict):
    """Many requests of mixed lengths in one process: does its memory grow?"""

    sets: tuple[str, ...] = Field(min_length=1)  # clips are drawn from all of them
    processes: int = Field(ge=1)
    requests: int = Field(ge=20)  # in each process
    warmup: int = Field(ge=0)  # requests before them, not counted
    growth_bytes: float = Field(ge=0)  # per request: what may be shown before it is a FAIL
    timeout_s: float = Field(gt=0)


class Load(Strict):
    """Requests as users send them."""

    set: str
    clips: int = Field(ge=1)
    requests: int = Field(ge=20)  # in one trial of one shape
    warmup: int = Field(ge=0)
    concurrency: tuple[int, ...] = Field(min_length=1)  # requests in flight, one trial each
    timeout_s: float = Field(gt=0)


class Comparing(Strict):
    """Two arms, interleaved."""

    set: str
    clips: int = Field(ge=1)
    processes: int = Field(ge=3)  # an arm
    repeats: int = Field(ge=1)
    warmup: int = Field(ge=0)
    wer_set: str  # whose words are compared, pair by pair
    wer_clips: int | None = Field(default=None, ge=1)  # at most so many, drawn by seed; None: all
    timeout_s: float = Field(gt=0)


class Tuning(Comparing):
    """Variants of the pipeline's config, measured on the same clips."""

    grid: dict[str, tuple[Any, ...]]  # key of the pipeline's config -> values to try


class Rounds(Strict):
    """How many interleaved processes."""

    rounds: int = Field(ge=3)  # processes of every arm
    repeats: int = Field(ge=1)  # timed requests in each


class Selfbench(Strict):
    """The harness measured by itself."""

    set: str
    clips: int = Field(ge=1)
    warmup: int = Field(ge=0)
    timeout_s: float = Field(gt=0)
    overhead: Rounds  # the latency pass beside a bare loop
    comparison: Rounds  # one comparison of a pipeline with itself and with slower copies
    comparisons: int = Field(ge=1)  # how many of them
    starts: int = Field(ge=3)  # of each program whose start is timed
    plantings: int = Field(ge=1)  # of each amount of memory
    gates: int = Field(ge=1)  # simulated in each cell of the operating curve


class Suite(Strict):
    """What a run does."""

    factory: str  # "module:callable", called with the path of the pipeline's config
    model_key: str  # where that config names the model file: "audio_omni.model_path"
    threads_key: str | None = None  # where it says how many threads compute; absent or 0: all cores
    stages: dict[str, str]  # name of a stage -> method of what the factory returns
    leaves: tuple[str, ...]  # stages that are summed: they do not contain each other
    sets: str  # folder of the reference sets
    seed: int = 0
    latency: Latency
    memory: Pass
    accuracy: Accuracy
    host: Host = Host(seconds=4)
    operators: Pass | None = None  # requests under onnxruntime's own profile; None: not taken
    soak: Soak | None = None
    load: Load | None = None
    ab: Comparing | None = None
    tune: Tuning | None = None
    selfbench: Selfbench | None = None

    @model_validator(mode="after")
    def _leaves_are_stages(self) -> Self:
        for leaf in self.leaves:
            if leaf not in self.stages:
                text = f"leaves: {leaf!r} is no stage.{nearest(leaf, self.stages)}"
                raise PydanticCustomError("unknown_stage", "{text}", {"text": text})
        return self


def read_suite(file: Path, *, quick: bool = False) -> Suite:
    """Read `suite.yaml`; both settings of it are checked whichever is asked for.

    Raises:
        ConfigError: as in `read_settings`.
    """
    data = dict(read_yaml(file))
    overrides = data.pop("quick", {})
    full = checked(Suite, data, file)
    short = checked(Suite, _merged(data, overrides), file, part="with `quick` applied, ")
    return short if quick else full


def _merged(data: Mapping[str, Any], over: Any) -> dict[str, Any]:
    """`data` with the values of `over` in place of its own, section by section."""
    merged = dict(data)
    for key, value in over.items() if isinstance(over, dict) else ():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) else value
    return merged
