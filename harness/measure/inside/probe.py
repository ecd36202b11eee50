"""The measured process: loads the pipeline, sends it clips, and reports what the kernel counts.

Executed by path, so that nothing of the harness is imported beside it; standard library only.

    python -P probe.py < order.json

The order names the mode and two inherited descriptors: one for reports, a JSON object a line, and
one of memory shared with the parent, which reads there in which stage a crash happened. Reports:

    loaded   imports, load (ns); outside; memory after the imports and after the load
    calling  request: number from 0; clip: about to be sent
    called   request, clip, and what the mode's instrument saw of it; fallback: what the answer's
             metadata says of another model that gave it, where it says so
    failed   stage, request, clip ("" before the first), audio, error: an exception of the pipeline
    done     every clip was sent, and what the instrument knows only then
    end      memory: sent last of all, after every other exit handler
"""

from __future__ import annotations

import atexit
import ctypes
import faulthandler
import functools
import itertools
import json
import mmap
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from importlib import import_module
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

HERE = os.path.dirname(os.path.abspath(__file__))

if TYPE_CHECKING or __package__:
    from harness.measure.inside import counters, instruments
    from harness.measure.inside.instruments import Call, Clip, Instrument
else:  # executed by path, and so is what lies beside it: the harness stays out of this process
    sys.path.insert(0, HERE)
    import counters
    import instruments

PLACE_BYTES = 64  # of shared memory that hold the name of the current stage
_SUBREAPER = 36  # prctl's PR_SET_CHILD_SUBREAPER

# Modes whose instrument lies in a file of its own, imported only where it is asked for.
ELSEWHERE = {"traffic": "traffic", "profile": "profiler", "handout": "handout"}
ELSEWHERE |= {"soak": "endurance"}
ELSEWHERE |= dict.fromkeys(("speak", "stream", "copy", "read"), "speaker")


class NoSuchStageError(Exception):
    """The pipeline lacks a method that the suite names."""


class Reports:
    """The way to the parent; what is sent is there even if this process dies next."""

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        self._lock = threading.Lock()  # requests may be answered by several threads

    def send(self, kind: str, **facts: Any) -> None:
        with self._lock:
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
    _adopt_orphans()
    instrument = _instrument(order)
    sys.path.insert(0, order["root"])
    try:
        process = _load(order, instrument, reports, place)
    except Exception as error:
        traceback.print_exc()
        reports.send("failed", stage=place.move("exit"), clip="", error=one_line(error))
        sys.exit(1)
    numbers = itertools.count()
    try:
        instrument.drive(
            order["clips"],
            lambda clip: _send(next(numbers), clip, process, instrument, reports, place),
        )
    except SystemExit:  # the pipeline's: stay where it came from
        place.move(place.failed)
        raise
    reports.send("done", **instrument.finish())
    place.move("exit")


def _adopt_orphans() -> None:
    """Become the parent of what the pipeline's own children leave: its CPU time is own too."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_SUBREAPER, 1, 0, 0, 0)


def _instrument(order: Mapping[str, Any]) -> Instrument:
    """Make the instrument of a mode, and take what lies here out of the pipeline's way."""
    mode = order["mode"]
    module = import_module(ELSEWHERE[mode]) if mode in ELSEWHERE else instruments
    sys.path[:] = [path for path in sys.path if path != HERE]
    for name in ("agreed", "counters", "instruments", "yardstick", *ELSEWHERE.values()):
        if name in sys.modules:
            sys.modules[f"_probe_{name}"] = sys.modules.pop(name)
    made: Instrument = module.INSTRUMENTS[mode](order)
    return made


def _load(order: Mapping[str, Any], instrument: Instrument, reports: Reports, place: Place) -> Call:
    place.move("import")
    instrument.prepare()
    start = time.perf_counter_ns()
    factory = resolve_name(order["factory"])
    imports = time.perf_counter_ns() - start
    imported, before = counters.memory(), counters.outside(order["throttling"])
    place.move("load")
    start = time.perf_counter_ns()
    pipeline = factory(order["config"])
    load = time.perf_counter_ns() - start
    after, loaded = counters.outside(order["throttling"]), counters.memory()
    for stage, method in order["stages"].items() if instrument.wraps else ():
        wrap(pipeline, stage, method, instrument, place)
    apart = counters.difference(before, after)
    took = {"imports": imports, "load": load}
    reports.send("loaded", **took, outside=apart, imported=imported, loaded=loaded)
    process: Call = getattr(pipeline, order["stages"]["end_to_end"])
    return process


def _send(
    request: int,
    clip: Clip,
    process: Call,
    instrument: Instrument,
    reports: Reports,
    place: Place,
) -> None:
    place.failed = ""
    place.move("")
    about = {"request": request, "clip": clip["id"]}
    reports.send("calling", **about)
    try:
        with open(clip["audio"], "rb") as file:
            data = file.read()
        seen = _call(instrument, process, data)
    except Exception as error:
        traceback.print_exc()
        where = {"stage": place.failed, "audio": clip["audio"]}
        reports.send("failed", **where, **about, error=one_line(error))
    else:
        reports.send("called", **about, **seen)


def _call(instrument: Instrument, process: Call, data: bytes) -> dict[str, Any]:
    """Let the instrument call the pipeline, and note which model answered if not the config's."""
    stood_in: list[Any] = []

    def noted(*given: Any) -> Any:
        result = process(*given)
        metadata = result.get("metadata") if isinstance(result, dict) else None
        if isinstance(metadata, dict) and metadata.get("fallback"):
            stood_in.append(metadata["fallback"])
        return result

    seen = instrument.call(noted, data)
    return {**seen, "fallback": _said(stood_in[0])} if stood_in else seen


def _said(fallback: Any) -> str:
    """Write what the metadata say, in whatever form, as text that JSON can hold."""
    if isinstance(fallback, dict):
        return ", ".join(f"{key}: {value}" for key, value in fallback.items())
    return str(fallback)


def _end(reports: Reports, owner: int) -> None:
    if os.getpid() == owner:  # a forked child has inherited the handler
        reports.send("end", memory=counters.memory())


def wrap(pipeline: Any, stage: str, name: str, instrument: Instrument, place: Place) -> None:
    """Put a measured method in the place of `pipeline.name`, on this one object."""
    method = getattr(pipeline, name, None)
    if not callable(method):
        public = [one for one in dir(type(pipeline)) if not one.startswith("_")]
        raise NoSuchStageError(
            f"stages: {stage}: {type(pipeline).__name__} has no method {name!r}. "
            f"Public there: {', '.join(public)}. Name one of them."
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
