"""How a fault of the self-test is written: a project, what is done to it, the verb that tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.faults import Fault
from harness.run.selftest.project import (
    CONFIG,
    PLANTED,
    Clip,
    make_project,
    sentences,
    write_config,
)
from harness.run.selftest.told import Place, seen

Spoil = Callable[[Path], object]  # does something to a project

WORDS = 6  # clips of the set that is heard
BENCH = ("bench", "--config", CONFIG, "--json", "-k")
VALIDATE = ("validate", "--config", CONFIG, "--json", "-k", "test_integrity")
SOAK = ("soak", "--config", CONFIG, "--json")
SIDES = ("ab", "--config", CONFIG, "--json", "--a", CONFIG, "--b", PLANTED)


def placed(
    *words: str,
    clips: Sequence[Clip] = (),
    spoil: Spoil | None = None,
    suite: dict[str, Any] | None = None,
    **how: Any,
) -> Callable[[Path], Place]:
    """Return what writes a project, spoils it, and says which verb is run in it."""

    def plant(folder: Path) -> Place:
        make_project(folder, words=clips or sentences(WORDS), suite=suite or {})
        if spoil is not None:
            spoil(folder)
        return Place(project=folder, words=words, **how)

    return plant


def fault(name: str, title: str, plant: Any, *expect: str, **more: Any) -> Fault[Place]:
    """Return a fault that the verb of a place must tell of; a control where it expects nothing."""
    return Fault(name=name, title=title, plant=plant, see=seen, expect=expect, **more)


def planted(**plant: Any) -> Spoil:
    """Plant something in the pipeline's config."""
    return lambda folder: write_config(folder / CONFIG, **plant)


def both(a: Mapping[str, Any], b: Mapping[str, Any]) -> Spoil:
    """Plant `a` in the pipeline's config, and write a second config with `b` in it."""

    def spoil(folder: Path) -> None:
        write_config(folder / CONFIG, **a)
        write_config(folder / PLANTED, **b)

    return spoil


def doing(deed: str) -> list[dict[str, Any]]:
    """Return clips of which the third is no sentence, but something to do."""
    clips = sentences(WORDS)
    clips[2]["do"] = deed
    return clips
