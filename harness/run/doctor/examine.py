"""All of it, in the order in which one thing needs the one before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.config import read_settings
from harness.errors import HarnessError
from harness.run.doctor import bundle, place
from harness.run.doctor.line import Line, State, broken, ok
from harness.run.doctor.trial import trial


def examine(config: Path, reports: Path, *, tries: bool = True) -> Iterator[Line]:
    """Look at everything that a run of `config` needs; one line each, as soon as it is known.

    Args:
        config: the pipeline's config.
        reports: where runs are to be kept.
        tries: whether to load the pipeline and send it a clip, unless something is broken before.
    """
    known = list[Line]()
    for line in _still(config, reports):
        known.append(line)
        yield line
    if tries and all(line.state is not State.BROKEN for line in known):
        yield from trial(read_settings(config))


def _still(config: Path, reports: Path) -> Iterator[Line]:
    """What can be seen without starting the pipeline."""
    yield from place.python()
    yield from place.libraries()
    yield from place.machine()
    yield from place.instruments()
    yield from bundle.disk(reports)
    try:
        settings = read_settings(config)
        budgets = f"{config}, suite.yaml and {len(settings.budgets)} budgets"
        yield ok("config", "Settings", f"{budgets} for {settings.bundle}")
        yield from bundle.files(settings)
        yield from bundle.voice(settings)
        yield from bundle.memory(settings)
    except HarnessError as error:
        yield broken("config", "Settings", str(error), "Correct what the message names.")
