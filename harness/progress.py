"""How far long work has come: a bar on a terminal, plain lines in a log. All of it to stderr.

    with progress("soak", total=600) as step:
        for request in requests:
            ...
            step()

rich is imported when a bar is drawn, never by importing this module.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINE_S = 15.0  # seconds between two lines of a log

Step = Callable[[], None]  # one more is done


def nothing() -> None:
    """Take no notice of a step."""


@contextmanager
def progress(what: str, *, total: int) -> Iterator[Step]:
    """Show that `what` has `total` parts, and each of them done as the function given is called."""
    with _bar(what, total) if sys.stderr.isatty() else _lines(what, total) as step:
        yield step


@contextmanager
def silent(what: str, *, total: int) -> Iterator[Step]:
    """Show nothing: for tests, and where another program shows what happens."""
    yield nothing


@contextmanager
def _lines(what: str, total: int) -> Iterator[Step]:
    done, told = 0, time.monotonic()

    def step() -> None:
        nonlocal done, told
        done += 1
        if done < total and time.monotonic() - told >= LINE_S:
            told = time.monotonic()
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)

    yield step


@contextmanager
def _bar(what: str, total: int) -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
