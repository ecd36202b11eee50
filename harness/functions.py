"""What pytest-benchmark times in a test becomes a measurement of the run.

A test with the fixture `benchmark` times one function in the harness' own process; its raw rounds
are stored as `function.<name>`, and gate nothing. These tests run last: whatever they import comes
after every measured process. Without pytest-benchmark there is no such fixture, and nothing to do.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from harness.records import Measurement
from harness.units import Unit

FIXTURE = "benchmark"


def last(items: list[pytest.Item]) -> None:
    """Move the tests that time a function behind all others, in place."""
    items.sort(key=lambda item: FIXTURE in getattr(item, "fixturenames", ()))


def configure(config: pytest.Config, seconds: float) -> None:
    """Let pytest-benchmark take about so long for each function, and keep no files of its own.

    To be called before it configures itself; what a person asks for on the command line stays.
    """
    options = config.option
    if not hasattr(options, "benchmark_max_time"):
        return  # it is not installed, or switched off
    asked = [word.partition("=")[0] for word in config.invocation_params.args]
    if "--benchmark-max-time" not in asked:
        options.benchmark_max_time = str(seconds)
    if "--benchmark-storage" not in asked:
        options.benchmark_storage = f"file://{os.devnull}"  # it makes a folder, used or not


def times_of(item: pytest.Item) -> Measurement | None:
    """Return the rounds that pytest-benchmark timed in a test, None if it timed none.

    A round is one call, or the mean of several where one is too short for the clock. The note is
    the first line of the test's docstring.
    """
    fixture: Any = getattr(item, "funcargs", {}).get(FIXTURE)
    taken = getattr(fixture, "stats", None)
    if taken is None or fixture.has_error:
        return None
    name = re.sub(r"\W+", "_", item.name.removeprefix("test_")).strip("_")
    about = (getattr(item, "obj", None).__doc__ or "").strip().partition("\n")[0]
    many = f" A round is the mean of {taken.iterations} calls." if taken.iterations > 1 else ""
    return Measurement(
        metric=f"function.{name}",
        unit=Unit.SECONDS,
        samples=tuple(float(seconds) for seconds in taken.stats.data),
        note=f"{about}{many}",
    )
