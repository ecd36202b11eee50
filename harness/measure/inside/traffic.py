"""Requests as users send them: one after the other, all at once, or whenever they happen to come.

Standard library only: the measured process imports this file from beside the probe. The order says
under `traffic`:

    workers   threads that take the requests in their order, each one at a time
    lead      requests before the trial, not counted; the workers share them too
    arrivals  ns after the trial's begin at which each request comes; null: when it is taken
    limit     ns of latency, and
    over      how many answers may take longer before no more requests are taken

A request that is taken late waits in the queue, and that counts: latency runs from its arrival.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from harness.measure.inside import counters
    from harness.measure.inside.instruments import Call, Clip, Instrument, Seen
else:
    import counters
    from instruments import Instrument

NS = 1_000_000_000


class Traffic(Instrument):
    """When each request came, when its processing began and ended, and the text it got.

    At the end: whether the trial was ended early, and what happened outside during the trial.
    """

    wraps = False

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._told = order["traffic"]
        self._begin = 0
        self._over = 0  # answers that took longer than the limit
        self._raised: BaseException | None = None  # what ended a worker
        self._lock = threading.Lock()
        self._own = threading.local()  # `arrival` of the request that a worker has taken

    def drive(self, clips: Iterable[Clip], send: Callable[[Clip], None]) -> None:
        every, lead = list(clips), self._told["lead"]
        arrivals = self._told["arrivals"] or [None] * (len(every) - lead)
        self._serve([(clip, None) for clip in every[:lead]], send)
        self._over = 0
        before = counters.outside(self.order["throttling"])
        self._serve(list(zip(every[lead:], arrivals, strict=True)), send)
        after = counters.outside(self.order["throttling"])
        self._outside = counters.difference(before, after)

    def call(self, process: Call, data: bytes) -> Seen:
        start = time.perf_counter_ns() - self._begin
        result = process(data)
        end = time.perf_counter_ns() - self._begin
        arrival = start if self._own.arrival is None else self._own.arrival
        with self._lock:
            self._over += end - arrival > self._told["limit"]
        text = result.get("text") if isinstance(result, dict) else None
        return {"arrival": arrival, "start": start, "end": end, "text": str(text)}

    def finish(self) -> Seen:
        return {"ended_early": self._full(), "outside": self._outside}

    def _serve(self, requests: list[tuple[Clip, int | None]], send: Callable[[Clip], None]) -> None:
        """Let the workers take every request, and pass on what ended one of them."""
        waiting = iter(requests)
        self._begin = time.perf_counter_ns()
        workers = [
            threading.Thread(target=self._work, args=(waiting, send))
            for _ in range(self._told["workers"])
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if self._raised is not None:
            raise self._raised

    def _work(
        self, waiting: Iterator[tuple[Clip, int | None]], send: Callable[[Clip], None]
    ) -> None:
        try:
            while (taken := self._take(waiting)) is not None:
                clip, self._own.arrival = taken
                if self._own.arrival is not None:
                    early = self._begin + self._own.arrival - time.perf_counter_ns()
                    time.sleep(max(0, early) / NS)
                send(clip)
        except BaseException as error:  # the pipeline left by sys.exit: so does this process
            self._raised = error

    def _take(self, waiting: Iterator[tuple[Clip, int | None]]) -> tuple[Clip, int | None] | None:
        with self._lock:
            return None if self._full() or self._raised else next(waiting, None)

    def _full(self) -> bool:
        return bool(self._over > self._told["over"])


INSTRUMENTS: dict[str, type[Instrument]] = {"traffic": Traffic}
