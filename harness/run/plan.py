"""What a run is going to do, settled before anything is measured.

Whatever would stop the run half an hour later stops it here: an absent model, a truncated data
file, an empty reference set.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness.accuracy.intents import check_expected, read_grammar
from harness.accuracy.lacking import usable
from harness.accuracy.sets import ReferenceSet, read_set, read_usable
from harness.config import SUITE, Settings
from harness.errors import BundleError, ReferenceSetError
from harness.integrity.bundle import read_bundle
from harness.integrity.rule import findings
from harness.integrity.rules import QUICK_RULES
from harness.records import Clip, Finding
from harness.run.looks import Undecided
from harness.suite import Suite

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The clips of every pass, and what was seen of the bundle without reading its weights."""

    settings: Settings
    latency: tuple[Clip, ...]
    memory: tuple[Clip, ...]
    sets: Mapping[str, tuple[Clip, ...]]  # name -> clips that are transcribed
    sizes: Mapping[str, int]  # name -> clips of the whole set, with those that cannot be used
    grammars: Mapping[str, str]  # name -> text of the set's grammar of intents; "": it has none
    found: Mapping[str, ReferenceSet]  # name -> the set as it was read
    lacking: Mapping[str, tuple[str, ...]]  # name -> why clips of it cannot be sent, one each
    files: tuple[Finding, ...]  # findings of `QUICK_RULES`
    doubts: tuple[str, ...]  # what is left out, and why
    undecided: Undecided  # which budgets the latency pass may go on for


def make_plan(
    settings: Settings, *, whole: bool, undecided: Undecided = lambda run, left: ()
) -> Plan:
    """Read the reference sets, draw the clips of each pass, look at the model's files.

    Args:
        whole: refuse a bundle whose files are not all there. A run that is to report what is
            wrong with a bundle passes False; a model that is no graph is refused then too.
        undecided: names the budgets that more runs may decide; without it no pass goes on.

    Raises:
        BundleError: the model is absent or cannot be read, or a file of it with `whole`; says
            which and what to do.
        ReferenceSetError: a set is absent or empty, or none of its clips can be used; a set to be
            timed is damaged. Names file and line. What can be used of a set to be heard is heard.
    """
    suite = settings.suite
    files = _look_at_files(settings, whole=whole)
    folders, doubts = _sets(suite)
    found = {
        name: _usable_named(settings, f"accuracy.{key}", folder)
        for name, (key, folder) in folders.items()
    }
    chosen = {
        name: usable(one, draw(one.clips, suite.accuracy.clips, suite.seed))
        for name, one in found.items()
    }
    return Plan(
        settings=settings,
        latency=drawn(settings, "latency.set", suite.latency.set, suite.latency.clips),
        memory=drawn(settings, "memory.set", suite.memory.set, suite.memory.clips),
        sets={name: clips for name, (clips, _) in chosen.items()},
        sizes={name: one.size for name, one in found.items()},
        grammars={
            name: _grammar(found[name].clips, folder) for name, (_, folder) in folders.items()
        },
        found=found,
        lacking={name: (*found[name].faults, *faults) for name, (_, faults) in chosen.items()},
        files=files,
        doubts=doubts,
        undecided=undecided,
    )


def draw(clips: Sequence[Row], count: int | None, seed: int) -> tuple[Row, ...]:
    """Draw at most `count` clips by `seed`, kept in the order of the set; None takes all."""
    if count is None or count >= len(clips):
        return tuple(clips)
    chosen = sorted(random.Random(seed).sample(range(len(clips)), count))
    return tuple(clips[i] for i in chosen)


def drawn(settings: Settings, key: str, name: str, count: int | None) -> tuple[Clip, ...]:
    """Return at most `count` clips of the set `name`, which `key` of suite.yaml names, by the seed.

    Raises:
        ReferenceSetError: the set is absent, empty or damaged; names file, line and key.
    """
    clips = read_named(settings, key, Path(settings.suite.sets) / name)
    return draw(clips, count, settings.suite.seed)


def read_named(settings: Settings, key: str, folder: Path) -> tuple[Clip, ...]:
    """Read the set in `folder`, which `key` of suite.yaml names: an error says so.

    Raises:
        ReferenceSetError: the set is absent, empty or damaged.
    """
    with _naming(settings, key):
        return read_set(folder)


def _usable_named(settings: Settings, key: str, folder: Path) -> ReferenceSet:
    with _naming(settings, key):
        return read_usable(folder)


@contextmanager
def _naming(settings: Settings, key: str) -> Iterator[None]:
    try:
        yield
    except ReferenceSetError as error:
        suite = settings.config.with_name(SUITE)
        raise ReferenceSetError(f"{error} {suite} names it: {key}.") from None


def _grammar(clips: tuple[Clip, ...], folder: Path) -> str:
    """The text of a set's grammar, once every clip that expects an intent was held to it."""
    grammar = read_grammar(folder)
    check_expected(clips, grammar, folder)
    return grammar


def _sets(suite: Suite) -> tuple[dict[str, tuple[str, Path]], tuple[str, ...]]:
    """Key and folder of each set that is transcribed, and a doubt for the one that is absent."""
    named = {"gated": suite.accuracy.gated, "reported": suite.accuracy.reported}
    folders = {
        name: (key, Path(suite.sets) / name) for key, names in named.items() for name in names
    }
    if not suite.accuracy.human:
        return folders, ()
    human = Path(suite.accuracy.human)
    if not human.is_dir():
        return folders, (f"No human speech was heard: {human} is absent. Put such a set there.",)
    return {**folders, human.name: ("human", human)}, ()


def _look_at_files(settings: Settings, *, whole: bool) -> tuple[Finding, ...]:
    if not settings.model.exists():
        raise BundleError(
            f"{settings.model}: no such model; {settings.config} names it. Put the model and its "
            "data there, or choose another pipeline with --config (`make bench CONFIG=...`)."
        )
    bundle = read_bundle(settings.model)
    seen = findings(QUICK_RULES, bundle, area="integrity")
    broken = [finding.detail for finding in seen if not finding.holds]
    if broken and (whole or bundle.onnx_files[0].problem):
        raise BundleError(broken[0])
    return seen
