"""A small pipeline that does what the clip's bytes tell it, faults included.

A clip is a JSON object: seconds to sleep, megabytes to take, a fault to commit, the stage in which
all of it happens ("inference" unless named), and the text to hear. The config, another one, tells
what the load does. Imported by the measured process, never by a test.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KB = 1_000
MB = 1_000_000


class PlantedError(ValueError):
    """The planted exception."""


class Pipeline:
    def __init__(self, config: Path) -> None:
        behave(json.loads(config.read_text()), "load")

    @classmethod
    def from_file(cls, path: str) -> Pipeline:
        return cls(Path(path))

    def process_audio(self, data: bytes) -> dict[str, Any]:
        told = json.loads(data)
        for _ in range(told.get("windows", 1)):
            self.run_inference(self.audio_to_codes(told))
        text = self.post_process(told)
        fallback = {"fallback": told["fallback"]} if "fallback" in told else {}
        return {"text": text, "metadata": {"greedy_text": str(text).upper(), **fallback}}

    def audio_to_codes(self, told: dict[str, Any]) -> dict[str, Any]:
        behave(told, "audio_to_codes")
        return self.tokenise(self.decode(told))

    def decode(self, told: dict[str, Any]) -> dict[str, Any]:
        behave(told, "decode")
        return told

    def tokenise(self, told: dict[str, Any]) -> dict[str, Any]:
        behave(told, "tokenise")
        return told

    def run_inference(self, told: dict[str, Any]) -> None:
        behave(told, "inference")

    def post_process(self, told: dict[str, Any]) -> Any:
        behave(told, "post_process")
        if "modules" in told:
            return " ".join(sorted(sys.modules))
        if "number" in told:
            return str(next(NUMBERS))
        if "cached" in told:
            return FIRST.setdefault("text", told["text"])
        return told.get("text", "hola")


def behave(told: dict[str, Any], stage: str) -> None:
    if told.get("stage", stage if stage == "load" else "inference") != stage:
        return
    time.sleep(told.get("seconds", 0))
    taken = bytearray(told.get("megabytes", 0) * MB)
    taken[::4096] = b"\1" * len(taken[::4096])  # touch every page
    del taken
    if told.get("say"):
        print("noise" * 10_000)
        os.write(1, b'{"kind": "called", "clip": "forged"}\n')
    if fault := told.get("fault"):
        FAULTS[fault]()
    if "child" in told:
        _leave_a_child(Path(told["child"]))
    if "orphan_s" in told:
        _leave_a_busy_orphan(told["orphan_s"])
    if "map" in told:
        KEPT.append(_map(Path(told["map"])))
    if told.get("keep_file"):
        KEPT.append(open(os.devnull, "rb"))  # noqa: SIM115
    if told.get("keep_thread"):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    if kept := told.get("keep_megabytes", 0) * MB + told.get("keep_kilobytes", 0) * KB:
        KEPT.append(bytearray(b"\1") * kept)


KEPT: list[Any] = []  # memory that outlives the call
NUMBERS = itertools.count()  # state that calls share
FIRST: dict[str, str] = {}  # the answer to the first request


def _map(file: Path) -> mmap.mmap:
    """Map a whole file and read the first half of its pages."""
    with file.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
    mapped.madvise(mmap.MADV_RANDOM)  # no page is read that was not asked for
    for start in range(0, len(mapped) // 2, mmap.PAGESIZE):
        mapped[start]
    return mapped


def _leave_a_busy_orphan(seconds: float) -> None:
    """Start a process whose parent ends at once, and wait until it has used so much CPU time."""
    told, tell = os.pipe()
    if os.fork() == 0:
        if os.fork() == 0:
            while time.process_time() < seconds:
                pass
            os.write(tell, b"done")
            time.sleep(60)  # it is not reaped, nor its time, while the call is measured
        os._exit(0)
    os.wait()
    os.read(told, 4)


def _raise() -> None:
    raise PlantedError("the clip is\n not to my taste")


def _read_null() -> None:
    ctypes.string_at(0)


def _leave_a_child(pid_file: Path) -> None:
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    pid_file.write_text(str(child))


def _set_clock_back() -> None:
    real, begin = time.perf_counter_ns, time.perf_counter_ns()
    time.perf_counter_ns = lambda: real() - 60_000_000_000 if real() - begin < 1e9 else real()


FAULTS: dict[str, Callable[[], object]] = {
    "exception": _raise,
    "KeyError": lambda: FAULTS["codes"],
    "SIGSEGV": _read_null,
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exit 3": lambda: os._exit(3),
    "sys.exit 0": lambda: sys.exit(0),
    "clock": _set_clock_back,
    "hang": lambda: time.sleep(60),
}
