"""A small pipeline with a fault that its config or a clip asks for: what `harness selftest` runs.

It maps the data file of its model and reads it at every request. The config is a JSON object: the
pipeline's own section, and under `plant` what is wrong with it (`PLANT`). A clip is one too: the
text to hear, its number, and what is done instead of hearing it (`DEEDS`).

Standard library only: the measured process imports this file, and nothing else of the harness.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import mmap
import os
import signal
import time
from collections.abc import Callable
from typing import Any

STAGE_S = 0.02  # seconds of the one stage that takes its time
PAGE = mmap.PAGESIZE
PLANT = {
    "seconds": 0.0,  # added to the stage `inference`
    "leak": 0,  # bytes that every request keeps
    "keep": 0,  # bytes that the load keeps
    "cached": False,  # the stage `inference` answers as it did the first time
    "skip": False,  # no request passes the stage `inference`
    "wrong": [],  # remainders of a clip's number by 20: in these clips one word is misheard
    "clock": False,  # the clock is set back by a minute in every other reading
}


class Toy:
    """Hears what a clip says, after reading its weights."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as file:
            config = json.load(file)
        self.told = {**PLANT, **config.get("plant", {})}
        self.data = f"{config['audio_omni']['model_path']}.data"
        with open(self.data, "rb") as weights:
            self.weights = mmap.mmap(weights.fileno(), 0, prot=mmap.PROT_READ)
        self.kept: list[bytes] = [b"\1" * self.told["keep"]]
        self.first: dict[str, Any] = {}
        time.sleep(STAGE_S)
        if self.told["clock"]:
            set_clock_back()

    @classmethod
    def from_file(cls, path: str) -> Toy:
        return cls(path)

    def process_audio(self, data: bytes) -> dict[str, Any]:
        clip = self.decode(data)
        heard = clip if self.told["skip"] else self.infer(clip)
        text = self.write(heard)
        self.kept.append(b"\1" * self.told["leak"])
        return {"text": text, "metadata": {"greedy_text": text}}

    def decode(self, data: bytes) -> dict[str, Any]:
        clip: dict[str, Any] = json.loads(data)
        return clip

    def infer(self, clip: dict[str, Any]) -> dict[str, Any]:
        if deed := clip.get("do"):
            DEEDS[deed](self)
        sum(self.weights[::PAGE])
        time.sleep(STAGE_S + self.told["seconds"])
        if self.told["cached"]:
            clip = self.first.setdefault("clip", clip)
        return clip

    def write(self, clip: dict[str, Any]) -> str:
        words = str(clip["text"]).split()
        if clip["number"] % 20 in self.told["wrong"]:
            words[-1] = "cosa"
        return " ".join(words)


def set_clock_back() -> None:
    """Put a clock that jumps to and fro in the place of this process's own."""
    real, back = time.perf_counter_ns, itertools.cycle((0, 60_000_000_000))
    time.perf_counter_ns = lambda: real() - next(back)


def _kill(number: signal.Signals) -> Callable[[Toy], object]:
    return lambda toy: os.kill(os.getpid(), number)


def _read_null(toy: Toy) -> None:
    ctypes.string_at(0)


def _cut_the_mapped_file(toy: Toy) -> None:
    os.truncate(toy.data, PAGE)
    sum(toy.weights[::PAGE])


def _change_the_data_file(toy: Toy) -> None:
    """Change one byte in place, and leave size and time as they were."""
    seen = os.stat(toy.data)
    with open(toy.data, "r+b") as file:
        byte = file.read(1)[0]
        file.seek(0)
        file.write(bytes([byte ^ 1]))
    os.utime(toy.data, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def _take_memory(toy: Toy) -> None:
    """Take 32 MB after 32 MB and write to all of it; the kernel is to end this process first."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")
    while True:
        toy.kept.append(b"\1" * 32_000_000)


def _ask_for_memory(toy: Toy) -> None:
    """Ask for 512 MB after 512 MB, and write to none of it."""
    while True:
        toy.kept.append(bytes(512_000_000))


DEEDS: dict[str, Callable[[Toy], object]] = {
    "SIGKILL": _kill(signal.SIGKILL),
    "SIGSEGV": _read_null,
    "SIGBUS": _cut_the_mapped_file,
    "hang": lambda toy: time.sleep(600),
    "take memory": _take_memory,
    "ask for memory": _ask_for_memory,
    "change the data file": _change_the_data_file,
}
