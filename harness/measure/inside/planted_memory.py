"""A pipeline that takes memory in its one stage, and gives it back before the stage ends.

A clip is a JSON object: `bytes` to take, `held` seconds to keep them once all are touched, and
`lived`, a file that is told for how many seconds they were there. Around the stage it pauses, so
that whoever polls from outside sees where the memory began.

Standard library only: imported by the measured process.
"""

from __future__ import annotations

import json
import mmap
import time
from typing import Any

PAUSE_S = 0.06  # before and after the stage


class PlantedMemory:
    @classmethod
    def from_file(cls, path: str) -> PlantedMemory:
        return cls()

    def process_audio(self, data: bytes) -> dict[str, Any]:
        told = json.loads(data)
        time.sleep(PAUSE_S)
        begin = time.perf_counter()
        self.plant(told["bytes"], told["held"])
        lived = time.perf_counter() - begin
        with open(told["lived"], "w", encoding="ascii") as file:
            file.write(str(lived))
        time.sleep(PAUSE_S)
        return {}

    def plant(self, size: int, held: float) -> None:
        touched = b"\1" * len(range(0, size, mmap.PAGESIZE))
        with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as taken:
            if hasattr(mmap, "MADV_HUGEPAGE"):
                taken.madvise(mmap.MADV_HUGEPAGE)  # a short life needs quick page faults
            taken[:: mmap.PAGESIZE] = touched
            time.sleep(held)
