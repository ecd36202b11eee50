"""Clips that the parent hands out one at a time while the process runs: a worker of a pool.

Standard library only: the measured process imports this file from beside the probe. The order says
under `handout`:

    line     descriptor from which clips are read, one JSON object a line; its end is the end
    load_s   seconds for the imports and the load, and
    clip_s   seconds for one clip, after which the process writes down where it hangs and ends

The line ends too when the parent dies, so that no worker outlives it by more than a clip.
"""

from __future__ import annotations

import faulthandler
import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from harness.measure.inside import counters
    from harness.measure.inside.instruments import Call, Clip, Instrument, Listener, Seen
else:
    import counters
    from instruments import Listener


class Worker(Listener):
    """What the pipeline hears, how long the call takes, and the peak of the process so far."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._told = order["handout"]
        os.set_inheritable(self._told["line"], False)

    def prepare(self) -> None:
        faulthandler.dump_traceback_later(self._told["load_s"], exit=True)

    def drive(self, clips: Iterable[Clip], send: Callable[[Clip], None]) -> None:
        faulthandler.cancel_dump_traceback_later()
        with open(self._told["line"], encoding="utf-8") as line:
            for row in line:
                send(json.loads(row))

    def call(self, process: Call, data: bytes) -> Seen:
        faulthandler.dump_traceback_later(self._told["clip_s"], exit=True)
        try:
            seen = super().call(process, data)
        finally:
            faulthandler.cancel_dump_traceback_later()
        return {**seen, "peak": counters.memory().get("VmHWM", 0)}


INSTRUMENTS: dict[str, type[Instrument]] = {"handout": Worker}
