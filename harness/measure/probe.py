"""The measured process: loads the pipeline, sends it clips, and reports what the kernel counts.

Executed by path, so that nothing of the harness is imported beside it; standard library only.

    python -P probe.py < order.json

The order names the mode and two inherited descriptors: one for reports, a JSON object a line, and
one of memory shared with the parent, which reads there in which stage a crash happened. Reports:

    loaded   imports, load (ns); outside; memory after the imports and after the load
    calling  clip: about to be sent
    called   clip, and what the mode's instrument saw of it
    failed   stage, clip ("" before the first), error: an exception of the pipeline
    done     every clip was sent
    end      memory: sent last of all, after every other exit handler
"""

from __future__ import annotations

import atexit
import faulthandler
import functools
import json
import mmap
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from harness.measure import counters
else:  # executed by path: so is what lies beside it, for the harness stays out of this process
    _spec = spec_from_file_location("counters", f"{os.path.dirname(__file__)}/counters.py")
    counters = module_from_spec(_spec)
    _spec.loader.exec_module(counters)

PLACE_BYTES = 64  # of shared memory that hold the name of the current stage

Call = Callable[[bytes], Any]
Seen = dict[str, Any]


class Instrument:
    """What is measured of a call; told when a stage within it begins and ends."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self.order = order

    def enter(self, stage: str) -> None:
        pass

    def leave(self, stage: str) -> None:
        pass

    def call(self, process: Call, data: bytes) -> Seen:
        raise NotImplementedError


class Stopwatch(Instrument):
    """Time per stage: of a leaf without the leaves inside it, of any other stage with them.

    So the leaves of one thread never sum to more than the stage around them.
    """

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._leaves = frozenset(order["leaves"])
        self._taken: list[tuple[str, int]] = []
        self._open = threading.local()

    def enter(self, stage: str) -> None:
        frames = self._open.__dict__.setdefault("frames", [])
        frames.append([0, 0])  # ns spent in leaves inside; start, read last
        frames[-1][1] = time.perf_counter_ns()

    def leave(self, stage: str) -> None:
        now = time.perf_counter_ns()
        frames = self._open.frames
        inside, start = frames.pop()
        leaf = stage in self._leaves
        self._taken.append((stage, now - start - inside if leaf else now - start))
        if frames:
            frames[-1][0] += now - start if leaf else inside

    def call(self, process: Call, data: bytes) -> Seen:
        self._taken.clear()
        before = counters.outside(self.order["throttling"])
        process(data)
        after = counters.outside(self.order["throttling"])
        stages: dict[str, int] = {}
        for stage, ns in self._taken:
            stages[stage] = stages.get(stage, 0) + ns
        return {"stages": stages, "outside": counters.difference(before, after)}


class Scale(Instrument):
    """Memory between calls, when the result has been dropped. The kernel's peak is left alone."""

    def call(self, process: Call, data: bytes) -> Seen:
        process(data)
        return {"memory": counters.memory()}


class StageScale(Instrument):
    """Peak of every stage and its rise over the stage's start, of one thread at a time.

    Each boundary reads the kernel's peak for all stages that are open, and sets it back.
    """

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._clear = os.open("/proc/self/clear_refs", os.O_WRONLY)
        self._open: list[list[int]] = []  # peak so far and bytes at the start
        self._seen: dict[str, dict[str, int]] = {}

    def enter(self, stage: str) -> None:
        self._open.append([0, self._boundary()["VmRSS"]])

    def leave(self, stage: str) -> None:
        self._boundary()
        peak, start = self._open.pop()
        seen = self._seen.setdefault(stage, {"peak": 0, "rise": 0})
        seen["peak"] = max(seen["peak"], peak)
        seen["rise"] = max(seen["rise"], peak - start)

    def call(self, process: Call, data: bytes) -> Seen:
        self._seen = {}
        process(data)
        return {"stages": self._seen}

    def _boundary(self) -> dict[str, int]:
        """Credit the peak since the last boundary to every open stage; the next begins here."""
        now = counters.memory()
        for stage in self._open:
            stage[0] = max(stage[0], now["VmHWM"])
        os.write(self._clear, b"5")
        return now


class Listener(Instrument):
    """What the pipeline hears, and how long the call takes."""

    def call(self, process: Call, data: bytes) -> Seen:
        start = time.perf_counter_ns()
        result = process(data)
        elapsed = time.perf_counter_ns() - start
        text = result.get("text") if isinstance(result, dict) else None
        if not isinstance(text, str):
            got = sorted(result) if isinstance(result, dict) else type(result).__name__
            raise TypeError(f"expected a dict with the str 'text', got {got}")
        greedy = (result.get("metadata") or {}).get("greedy_text")
        return {"text": text, "greedy": greedy or "", "elapsed": elapsed}


INSTRUMENTS: dict[str, type[Instrument]] = {
    "latency": Stopwatch,
    "memory": Scale,
    "memory_stages": StageScale,
    "transcribe": Listener,
}


class Reports:
    """The way to the parent; what is sent is there even if this process dies next."""

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")

    def send(self, kind: str, **facts: Any) -> None:
        self._file.write(json.dumps({"kind": kind, **facts}) + "\n")
        self._file.flush()


class Place:
    """The stage that this process is in, in memory that outlives it."""

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._shared = mmap.mmap(descriptor, PLACE_BYTES)
        self._now = ""
        self.failed = ""  # innermost stage that an exception left, since cleared

    def move(self, stage: str) -> str:
        """Note that `stage` begins and return the one that this was."""
        before, self._now = self._now, stage
        self._shared[:] = stage.encode()[:PLACE_BYTES].ljust(PLACE_BYTES, b"\0")
        return before


def main() -> None:
    order = json.load(sys.stdin)
    reports, place = Reports(order["reports"]), Place(order["place"])
    atexit.register(_end, reports, os.getpid())  # registered first, so called last
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)  # how the parent asks where it hangs
    sys.path.insert(0, order["root"])
    try:
        instrument = INSTRUMENTS[order["mode"]](order)
        process = _load(order, instrument, reports, place)
    except Exception as error:
        traceback.print_exc()
        reports.send("failed", stage=place.move("exit"), clip="", error=one_line(error))
        sys.exit(1)
    try:
        for clip in order["clips"]:
            _send(clip, process, instrument, reports, place)
    except SystemExit:  # the pipeline's: stay where it came from
        place.move(place.failed)
        raise
    reports.send("done")
    place.move("exit")


def _load(order: Mapping[str, Any], instrument: Instrument, reports: Reports, place: Place) -> Call:
    place.move("import")
    start = time.perf_counter_ns()
    factory = resolve_name(order["factory"])
    imports = time.perf_counter_ns() - start
    imported, before = counters.memory(), counters.outside(order["throttling"])
    place.move("load")
    start = time.perf_counter_ns()
    pipeline = factory(order["config"])
    load = time.perf_counter_ns() - start
    after, loaded = counters.outside(order["throttling"]), counters.memory()
    for stage, method in order["stages"].items():
        wrap(pipeline, stage, method, instrument, place)
    apart = counters.difference(before, after)
    took = {"imports": imports, "load": load}
    reports.send("loaded", **took, outside=apart, imported=imported, loaded=loaded)
    process: Call = getattr(pipeline, order["stages"]["end_to_end"])
    return process


def _send(
    clip: Mapping[str, str], process: Call, instrument: Instrument, reports: Reports, place: Place
) -> None:
    place.failed = ""
    place.move("")
    reports.send("calling", clip=clip["id"])
    try:
        with open(clip["audio"], "rb") as file:
            data = file.read()
        seen = instrument.call(process, data)
    except Exception as error:
        traceback.print_exc()
        reports.send("failed", stage=place.failed, clip=clip["id"], error=one_line(error))
    else:
        reports.send("called", clip=clip["id"], **seen)


def _end(reports: Reports, owner: int) -> None:
    if os.getpid() == owner:  # a forked child has inherited the handler
        reports.send("end", memory=counters.memory())


def wrap(pipeline: Any, stage: str, name: str, instrument: Instrument, place: Place) -> None:
    """Put a measured method in the place of `pipeline.name`, on this one object."""
    method = getattr(pipeline, name, None)
    if not callable(method):
        public = [one for one in dir(type(pipeline)) if not one.startswith("_")]
        raise AttributeError(
            f"stages: {stage}: {type(pipeline).__name__} has no method {name!r}. "
            f"Public there: {', '.join(public)}. Correct suite.yaml."
        )

    @functools.wraps(method)
    def measured(*args: Any, **kwargs: Any) -> Any:
        before = place.move(stage)
        instrument.enter(stage)
        try:
            return method(*args, **kwargs)
        except BaseException:
            place.failed = place.failed or stage
            raise
        finally:
            instrument.leave(stage)
            place.move(before)

    setattr(pipeline, name, measured)


def one_line(error: BaseException) -> str:
    """Return the message of an error; Python's own errors say little without their name."""
    message = " ".join(str(error).split())
    kind = type(error)
    if message and kind.__module__ != "builtins":
        return message
    return f"{kind.__name__}: {message}" if message else kind.__name__


if __name__ == "__main__":
    main()
