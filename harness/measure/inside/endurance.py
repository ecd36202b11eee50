"""What a process holds after every request of a soak, and how it refuses bad input.

Standard library only: the measured process imports this file from beside the probe. The order says
under `soak`:

    bad      ids of the clips that are no audio
    refusal  "package.module:Class", the errors that the pipeline raises on purpose; "" where it
             is not told: then every exception counts as one
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from harness.measure.inside import counters
    from harness.measure.inside.instruments import Call, Clip, Instrument, Seen
else:
    import counters
    from instruments import Instrument


class Endurance(Instrument):
    """Memory, open files and threads between calls; of bad input, what became of it."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._bad = frozenset(order["soak"]["bad"])
        self._now: Clip = {}

    def drive(self, clips: Iterable[Clip], send: Callable[[Clip], None]) -> None:
        for clip in clips:
            self._now = clip
            send(clip)

    def call(self, process: Call, data: bytes) -> Seen:
        seen: Seen = {}
        if self._now["id"] in self._bad:
            seen = self._refused(process, data)
        else:
            result = process(data)
            text = result.get("text") if isinstance(result, dict) else None
            seen = {"text": text if isinstance(text, str) else "", "audio": self._now["audio"]}
            del result
        held = {"files": len(os.listdir("/proc/self/fd")), "threads": _threads()}
        return {"memory": counters.memory(), **held, **seen}

    def _refused(self, process: Call, data: bytes) -> Seen:
        """`refused`: the name of the exception, "" for an answer; `typed`: one of the expected."""
        try:
            process(data)
        except Exception as error:
            name = self.order["soak"]["refusal"]
            expected = resolve_name(name) if name else Exception
            return {"refused": type(error).__name__, "typed": isinstance(error, expected)}
        return {"refused": "", "typed": False}


def _threads() -> int:
    """How many threads the kernel counts, those of C libraries with them."""
    return len(os.listdir("/proc/self/task"))


INSTRUMENTS: dict[str, type[Instrument]] = {"soak": Endurance}
