"""Smaller models that answer where the first one cannot.

Where a model cannot be opened, lacks memory, fails while it runs, or is late
`fallback_after_timeouts` times in a row, the next one takes over, and answers the request at hand
too if there is time. While a late run keeps a model busy, the next one answers in its stead for
that request only. A model that took over is opened by the request that first needs it.

Recovery: the first request that comes `fallback_recovery_s` after the take-over or the last attempt
has the first model opened, if need be, and run once within the limit, in the background; requests
go on with the smaller one meanwhile. If that works, the first model serves again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from agents.config import AudioOmniConfig
from agents.errors import (
    BundleError,
    BundleIncompleteError,
    InferenceTimeoutError,
    OnnxRuntimeError,
)
from agents.time_limit import TimeLimit, unlimited

logger = logging.getLogger(__name__)

Result = dict[str, Any]


class Model(Protocol):
    """What a pipeline offers to those that answer with it."""

    config: AudioOmniConfig
    limit: TimeLimit

    def answer(self, data: bytes) -> Result:
        """Return what the model makes of an audio file, without a limit of its own."""

    def warm_up(self) -> None:
        """Run everything once."""

    def try_out(self) -> None:
        """Open the model if need be, and run it once within the limit."""

    def release(self) -> None:
        """Give the model's memory back; it is opened again when it is next used."""

    def close(self) -> None:
        """End it for good."""


Open = Callable[[str], Model]


def is_fault(error: BaseException) -> bool:
    """Whether an error is the model's or the machine's, so that another model may do better."""
    faults = (MemoryError, OnnxRuntimeError, BundleError)
    return isinstance(error, faults) and not isinstance(error, BundleIncompleteError)


class Fallbacks:
    """The models behind the first one, and which of all serves now: 0 is the first."""

    def __init__(self, config: AudioOmniConfig, open_model: Open) -> None:
        """Take the first model's config, and what opens a file that it names under `fallback`."""
        self._config = config
        self._names = config.fallback
        self._open_model = open_model
        self._opened: dict[int, Model] = {}
        self._serving = 0
        self._why = ""
        self._late = 0  # requests of the serving model in a row
        self._next_try = 0.0
        self._trying = False
        self._unwanted = False  # the first model's memory is to be given back
        self._users = 0  # requests that the first model is answering
        self._lock = threading.RLock()
        self._opening = threading.Lock()

    def answer(self, first: Model, data: bytes) -> Result:
        """Return the answer of the model that serves, within the first one's limit."""
        asked = [0]  # the models that were asked
        try:
            return first.limit.run(lambda: self._answer(first, data, asked))
        except InferenceTimeoutError as error:
            self._note_late(asked[-1], error)
            raise

    def take_over(self, at: int, error: Exception) -> bool:
        """Let the model after `at` serve because of `error`; return whether there is a cure in it.

        There is none where no model is left, or where the error is no fault of a model.
        """
        if at >= len(self._names) or not is_fault(error):
            return False
        with self._lock:
            if self._serving <= at:
                self._switch(at + 1, str(error))
        return True

    def open_serving(self, first: Model) -> None:
        """Open and warm up the model that serves instead of the first, or the next that works."""
        while self._serving:
            at = self._serving
            try:
                with unlimited():
                    self._model(first, at).warm_up()
                return
            except Exception as error:
                if not self.take_over(at, error):
                    raise

    def close(self) -> None:
        """Close every model but the first."""
        with self._opening:
            for model in self._opened.values():
                model.close()
            self._opened.clear()

    def _answer(self, first: Model, data: bytes, asked: list[int]) -> Result:
        at, why = self._choose(first)
        while True:
            asked.append(at)
            try:
                with self._used(first, at):
                    model = self._model(first, at)
                    model.limit.enter()
                    result = model.answer(data)
                break
            except Exception as error:
                if not self.take_over(at, error):
                    raise
                at, why = at + 1, str(error)
        self._note_answer(at)
        if at:
            said = {"model": model.config.name, "instead_of": self._config.name, "why": why}
            result["metadata"]["fallback"] = said
        return result

    def _choose(self, first: Model) -> tuple[int, str]:
        """Return the model for a request, and why it is not the first."""
        with self._lock:
            at, why = self._serving, self._why
            due = bool(at) and not self._trying and time.monotonic() >= self._next_try
            self._trying |= due
        if due:
            first.limit.in_background(lambda: self._try_first(first))
        serving = first if at == 0 else self._opened.get(at)
        if at < len(self._names) and serving is not None and serving.limit.busy:
            return at + 1, f"{serving.config.name} is busy with a run that was given up"
        return at, why

    def _model(self, first: Model, at: int) -> Model:
        if at == 0:
            return first
        with self._opening:
            if at not in self._opened:
                self._opened[at] = self._open_model(self._names[at - 1])
            return self._opened[at]

    @contextmanager
    def _used(self, first: Model, at: int) -> Iterator[None]:
        """Count who uses the first model, and give its memory back when nobody does any more."""
        with self._lock:
            self._users += at == 0
        try:
            yield
        except Exception as error:
            if at == 0 and self._names and is_fault(error):
                self._unwanted = True
            raise
        finally:
            with self._lock:
                self._users -= at == 0
                if self._unwanted and not self._users:
                    self._unwanted = False
                    first.release()

    def _note_answer(self, at: int) -> None:
        with self._lock:
            if at == self._serving:
                self._late = 0

    def _note_late(self, at: int, error: InferenceTimeoutError) -> None:
        with self._lock:
            if at != self._serving or at >= len(self._names):
                return
            self._late += 1
            if self._late >= self._config.fallback_after_timeouts:
                self._switch(at + 1, f"{self._late} requests in a row were late: {error}")

    def _switch(self, at: int, why: str) -> None:
        self._serving, self._why, self._late = at, why, 0
        self._next_try = time.monotonic() + self._config.fallback_recovery_s
        logger.warning("%s: %s takes over: %s", self._config.name, self._names[at - 1], why)

    def _try_first(self, first: Model) -> None:
        """Let the first model serve again if it can be opened and answers in time."""
        try:
            first.try_out()
        except Exception as error:
            logger.warning("%s cannot serve yet: %s", self._config.name, error)
            if is_fault(error):
                first.release()
        else:
            logger.warning("%s serves again", self._config.name)
            with self._lock:
                self._serving, self._why, self._late = 0, "", 0
        with self._lock:
            self._trying = False
            self._next_try = time.monotonic() + self._config.fallback_recovery_s
