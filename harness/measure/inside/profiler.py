"""The instrument of mode `profile`: what onnxruntime notes of every session of the pipeline.

Standard library only: the measured process imports this file from beside the probe.

Each session that the pipeline opens is opened with onnxruntime's own profile on. Its file is
opened here and its name removed as soon as the session is there, so that nothing is left on the
disk however this process ends. Only events within a timed request count. Their times are of the
wall clock: the start of the session's profile, which onnxruntime tells, and microseconds since.
"""

from __future__ import annotations

import functools
import json
import os
import time
import weakref
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING or __package__:
    from harness.measure.inside import counters
    from harness.measure.inside.instruments import Call, Instrument, Seen
else:
    import counters
    from instruments import Call, Instrument, Seen

US = 1_000  # nanoseconds in the microsecond of a profile
KERNEL = "_kernel_time"  # what the name of a node is followed by, in the event of its work
RUN = "model_run"  # the event of one call of a session

Event = Mapping[str, Any]
Window = tuple[int, int]  # ns of the wall clock: begin and end of a request


class Opened(NamedTuple):
    """One session of the pipeline, and where its profile will be."""

    session: weakref.ref[Any]  # what the pipeline drops, ends its own profile
    model: str  # name of the file; "" where it was opened from bytes
    began: int  # ns of the wall clock at which its profile starts
    files: Sequence[IO[bytes]]


class Profiler(Instrument):
    """Reports the timed requests, and of each session what its runs and its nodes took."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._opened: list[Opened] = []
        self._sent = 0
        self._requests: list[Window] = []
        self._outside: list[Mapping[str, float] | None] = []  # what happened around each of them

    def prepare(self) -> None:
        try:
            import onnxruntime
        except ImportError:
            return  # no session can be opened: none will be reported
        _watch(onnxruntime.InferenceSession, onnxruntime.SessionOptions, self._opened)

    def call(self, process: Call, data: bytes) -> Seen:
        self._sent += 1
        before = counters.outside(self.order["throttling"])
        start = time.time_ns()
        process(data)
        end = time.time_ns()
        after = counters.outside(self.order["throttling"])
        if self._sent > 1 + self.order["warmup"]:
            self._requests.append((start, end))
            self._outside.append(counters.difference(before, after))
        return {}

    def finish(self) -> Seen:
        sessions = []
        for opened in self._opened:
            if (session := opened.session()) is not None:
                session.end_profiling()
            events = [event for file in opened.files for event in _read(file)]
            seen = aggregate(events, opened.began, self._requests)
            sessions.append({"model": opened.model, **seen})
        requests = [end - start for start, end in self._requests]
        return {"requests": requests, "outside": self._outside, "sessions": sessions}


INSTRUMENTS: dict[str, type[Instrument]] = {"profile": Profiler}


def _watch(kind: type[Any], make_options: type[Any], opened: list[Opened]) -> None:
    """Let every `kind` of session be profiled, whoever makes it by whatever name."""
    plain = kind.__init__

    @functools.wraps(plain)
    def profiled(
        session: Any, path_or_bytes: Any, sess_options: Any = None, *rest: Any, **named: Any
    ) -> None:
        options = make_options() if sess_options is None else sess_options
        before = options.enable_profiling, options.profile_file_prefix
        with TemporaryDirectory() as folder:
            options.enable_profiling = True
            options.profile_file_prefix = os.path.join(folder, "profile")
            try:
                plain(session, path_or_bytes, options, *rest, **named)
            finally:
                options.enable_profiling, options.profile_file_prefix = before
            files = [open(file, "rb") for file in os.scandir(folder)]  # noqa: SIM115
        named_by_path = isinstance(path_or_bytes, str | os.PathLike)
        model = os.path.basename(path_or_bytes) if named_by_path else ""
        began = session.get_profiling_start_time_ns()
        opened.append(Opened(weakref.ref(session), model, began, files))

    setattr(kind, "__init__", profiled)  # noqa: B010 - mypy: assigning to __init__ is unsound


def _read(file: IO[bytes]) -> list[Event]:
    """Return the events of a profile; none where onnxruntime has not written one."""
    file.seek(0)
    try:
        found: list[Event] = json.load(file)
    except ValueError:
        return []
    return found


def aggregate(events: Iterable[Event], began: int, requests: Sequence[Window]) -> Seen:
    """Return the runs of a session within `requests`, and what each node took in each of them.

    Args:
        events: of its profile; `ts` and `dur` in microseconds.
        began: start of the profile, ns of the wall clock.
        requests: what counts, in the same clock.

    Returns:
        runs: us of each. nodes: name, op, calls in all runs, and us in each run, without the nodes
        that run inside it, as those of a loop do. A kernel belongs to the run that began last.
    """
    counted = [event for event in events if "ts" in event and _within(event, began, requests)]
    runs = sorted((event["ts"], event["dur"]) for event in counted if event["name"] == RUN)
    starts = [ts for ts, _ in runs]
    nodes: dict[tuple[str, str], dict[str, Any]] = {}
    for event, own in _own_times(event for event in counted if event["name"].endswith(KERNEL)):
        number = bisect_right(starts, event["ts"]) - 1
        if number < 0:
            continue  # of a run that began before the request
        name = event["name"].removesuffix(KERNEL)
        op = event.get("args", {}).get("op_name", "")
        new = {"name": name, "op": op, "calls": 0, "us": [0] * len(runs)}
        row = nodes.setdefault((name, op), new)
        row["calls"] += 1
        row["us"][number] += own
    return {"runs": [dur for _, dur in runs], "nodes": list(nodes.values())}


def _within(event: Event, began: int, requests: Sequence[Window]) -> bool:
    start = began + event["ts"] * US
    end = start + event["dur"] * US
    # Times in a profile are cut to whole microseconds.
    return any(begin - US <= start and end <= until + US for begin, until in requests)


def _own_times(kernels: Iterable[Event]) -> Iterator[tuple[Event, int]]:
    """Yield each event and its us less those of the events inside it, thread by thread."""
    own: dict[int, int] = {}
    around: dict[Any, list[Event]] = {}  # by thread: the events that are open, outermost first
    ordered = sorted(kernels, key=lambda event: (event["ts"], -event["dur"]))
    for event in ordered:
        own[id(event)] = event["dur"]
        stack = around.setdefault(event.get("tid"), [])
        end = event["ts"] + event["dur"]
        while stack and stack[-1]["ts"] + stack[-1]["dur"] < end:
            stack.pop()
        if stack and event["ts"] < stack[-1]["ts"] + stack[-1]["dur"]:
            own[id(stack[-1])] -= event["dur"]
        stack.append(event)
    for event in ordered:
        yield event, own[id(event)]
