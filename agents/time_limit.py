"""A request is answered within its limit, or its caller is told so in time.

onnxruntime can be told to stop, and does so when the node that it is in has ended: that may take
seconds. So a request runs in a thread of its own while its caller waits. When the limit has passed,
the caller leaves with `InferenceTimeoutError`, the runs that go on are told to stop, and what they
write is dropped. Until they have ended the model is busy: a new request waits for it.

The limit is for one window. Each further one has it anew: it begins when a model is run that the
request has run before.
"""

from __future__ import annotations

import math
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from numpy.typing import NDArray

from agents.errors import InferenceTimeoutError, PipelineClosedError, explain

THREADS = 64  # requests that run at once; further ones wait, and that counts
KEY = "inference_timeout_s"

T = TypeVar("T")
Buffers = weakref.WeakKeyDictionary[Any, NDArray[Any]]  # model -> what its last output lies in

_own = threading.local()  # of a thread: `buffers`, and the `request` that it works at


class Request:
    """One call: how long it may take, what it runs, and whether its caller still waits."""

    def __init__(self, seconds: float, buffers: Buffers) -> None:
        self.buffers = buffers  # of the caller's thread
        self.model: TimeLimit | None = None  # the model that it runs, once it may
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._begun: set[int] = set()  # ids of the models that have run for this window
        self._running: dict[Any, str] = {}  # onnxruntime's RunOptions -> what it runs
        self._given_up = False
        self._lock = threading.Lock()

    def remaining(self) -> float:
        """Return the seconds that are left; 0 when the caller has left."""
        return 0.0 if self._given_up else max(0.0, self._deadline - time.monotonic())

    def check(self) -> None:
        """Raise InferenceTimeoutError where nobody waits any more."""
        if self.remaining() <= 0:
            raise self._late()

    def begin(self, model: object) -> None:
        """Note that `model` is about to be run; a second time is the next window's."""
        self.check()
        if id(model) in self._begun:
            self._begun.clear()
            self._deadline = time.monotonic() + self._seconds
        self._begun.add(id(model))

    @contextmanager
    def stoppable(self, options: Any, what: str) -> Iterator[None]:
        """Let the run that has `options` be stopped while it lasts."""
        with self._lock:
            self._running[options] = what
            options.terminate = self._given_up
        try:
            yield
        finally:
            with self._lock:
                del self._running[options]

    def give_up(self) -> InferenceTimeoutError:
        """Stop what runs, and return what to tell the caller."""
        with self._lock:
            self._given_up = True
            for options in self._running:
                options.terminate = True
            return self._late()

    def _late(self) -> InferenceTimeoutError:
        runs = " and ".join(self._running.values())
        return InferenceTimeoutError(
            explain(
                "Inference timeout",
                expected=f"an answer within {KEY} = {self._seconds:g}",
                got=f"none, with {runs or 'no model'} running",
                do=f"Send fewer requests at once, take a smaller model, or raise {KEY}.",
            )
        )


def current() -> Request | None:
    """Return the request that this thread works at."""
    return getattr(_own, "request", None)


@contextmanager
def unlimited() -> Iterator[None]:
    """Let nothing inside have a limit; within a request, that one's stays."""
    if current() is not None:
        yield
        return
    _own.request = Request(math.inf, _buffers_here())
    try:
        yield
    finally:
        del _own.request


def buffers() -> Buffers:
    """Return the kept outputs of the thread that called the pipeline."""
    request = current()
    return _buffers_here() if request is None else request.buffers


def _buffers_here() -> Buffers:
    if not hasattr(_own, "buffers"):
        _own.buffers = weakref.WeakKeyDictionary()
    found: Buffers = _own.buffers
    return found


class TimeLimit:
    """The limit of one model's requests, and the threads that they run in."""

    def __init__(self, seconds: float) -> None:
        """Take the limit in seconds; 0: none, and requests run in their caller's thread."""
        self._seconds = seconds or math.inf
        self._pool: ThreadPoolExecutor | None = None
        self._process = 0  # that the threads belong to: they do not survive a fork
        self._late = 0  # requests whose caller has left, and that still run
        self._closed = False
        self._change = threading.Condition()

    @property
    def busy(self) -> bool:
        """Whether a run goes on that nobody waits for."""
        return self._late > 0

    def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, or raise what it raises, within the limit.

        Inside another request, it is part of that one.

        Raises:
            InferenceTimeoutError: the limit has passed. What runs is told to stop.
            PipelineClosedError: after `close`.
        """
        self.check_open()
        if current() is not None or math.isinf(self._seconds):
            return work()
        request = Request(self._seconds, _buffers_here())
        future = self._threads().submit(_work, request, work)
        try:
            return _result(future, request)
        except BaseException:
            if not future.done():  # the limit has passed, or the caller was interrupted
                self._leave(future, request)
            raise
        finally:
            del future  # it holds the error, whose traceback holds this frame

    def enter(self) -> None:
        """Let the current request use this model, once no late run does.

        Raises:
            InferenceTimeoutError: the limit has passed meanwhile.
        """
        request = current()
        if request is None:
            return
        with self._change:
            left = request.remaining()
            self._change.wait_for(lambda: not self._late, None if math.isinf(left) else left)
            request.check()
            request.model = self

    def check_open(self) -> None:
        """Raise PipelineClosedError after `close`."""
        if self._closed:
            raise PipelineClosedError("The pipeline is closed. Create another one.")

    def in_background(self, work: Callable[[], None]) -> None:
        """Do `work` in a thread of the pool, without a limit."""
        self._threads().submit(work)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """Take no more requests, and wait until those that run have ended."""
        with self._change:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None and self._process == os.getpid():
            pool.shutdown(wait=True, cancel_futures=True)

    def _threads(self) -> ThreadPoolExecutor:
        with self._change:
            self.check_open()
            if self._pool is None or self._process != os.getpid():
                self._pool = ThreadPoolExecutor(THREADS, "audio_omni")
                self._process = os.getpid()
            return self._pool

    def _leave(self, future: Future[Any], request: Request) -> None:
        """Drop what a late run writes into, and keep its model busy until it has ended."""
        request.give_up()
        _own.buffers = weakref.WeakKeyDictionary()
        if future.cancel():
            return
        model = request.model
        if model is not None:
            with model._change:
                model._late += 1
            future.add_done_callback(lambda _: model._came_back())

    def _came_back(self) -> None:
        with self._change:
            self._late -= 1
            self._change.notify_all()


def _result(future: Future[T], request: Request) -> T:
    try:
        while (left := request.remaining()) > 0:
            try:
                return future.result(left)
            except TimeoutError:
                if future.done():  # the work's own, or it ended at the last moment
                    return future.result()
        raise request.give_up()
    finally:
        del future  # see TimeLimit.run


def _work(request: Request, work: Callable[[], T]) -> T:
    _own.request = request
    try:
        return work()
    finally:
        del _own.request
