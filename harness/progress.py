"""How far long work has come: a bar on a terminal, plain lines in a log. All of it to stderr.

    with progress("soak", total=600) as step:
        for request in requests:
            ...
            step()

What is told goes through the logger "harness": INFO what happens now, DEBUG every record that is
kept. `harness --quiet` and `--verbose` choose. rich is imported when a bar is drawn, never by
importing this module.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINE_S = 15.0  # seconds between two lines of a log

Step = Callable[[], None]  # one more is done

logger = logging.getLogger("harness")


def tell(text: str) -> None:
    """Say what happens now, beside the result: standard output holds the result alone."""
    logger.info("%s", text)


def nothing() -> None:
    """Take no notice of a step."""


@contextmanager
def progress(what: str, *, total: int) -> Iterator[Step]:
    """Show that `what` has `total` parts, and each of them done as the function given is called."""
    shown = _bar if logger.isEnabledFor(logging.INFO) and sys.stderr.isatty() else _lines
    with shown(what, total) as step:
        yield step


@contextmanager
def silent(what: str, *, total: int) -> Iterator[Step]:
    """Show nothing: for tests, and where another program shows what happens."""
    yield nothing


@contextmanager
def _lines(what: str, total: int) -> Iterator[Step]:
    done, began = 0, time.monotonic()
    told = began

    def step() -> None:
        nonlocal done, told
        done += 1
        now = time.monotonic()
        if done < total and now - told >= LINE_S:
            told = now
            left = (now - began) / done * (total - done)
            tell(f"{what}: {done} of {total}, about {left:.0f} s left")

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
