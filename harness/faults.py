"""One small mechanism for everything that is planted on purpose: plant, expect, see.

    Fault(
        name="weights-cut",
        title="weights cut short by a byte",
        plant=cut,                       # puts it into an empty folder, and says where
        see=validated,                   # what a user is told of that place
        expect=("exit 1", "breach tensors_inside_file"),
        control=whole,                   # the same without the fault: it must raise no alarm
    )

The self-test, the table of faults, the table of defects in bundles and the planted memory of the
self-benchmark are lists of these. A fault that expects no alarm is a healthy control, and fails by
any alarm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from harness.errors import CannotPlantError

T = TypeVar("T")  # what `plant` hands to `see`


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a user is told."""

    alarms: Mapping[str, str]  # what was raised ("exit 1", "breach RULE", ...) -> its words
    notes: Mapping[str, str] = field(default_factory=dict)  # what was said without an alarm


@dataclass(frozen=True, kw_only=True)
class Fault(Generic[T]):
    """Something that is planted, and what must come of it."""

    name: str  # short, without spaces: how it is asked for
    title: str  # what a person reads: "weights cut short"
    plant: Callable[[Path], T]  # into an empty folder
    see: Callable[[T], Sight]
    expect: tuple[str, ...] = ()  # alarms that must be raised; (): none may be
    notes: tuple[str, ...] = ()  # what must be said without an alarm
    names: tuple[str, ...] = ()  # what the words of these alarms and notes must hold
    control: Fault[Any] | None = None  # the same without the fault


class Result(StrEnum):
    """What came of a fault."""

    CAUGHT = "CAUGHT"  # as expected
    QUIET = "QUIET"  # a healthy control, and no alarm
    MISSED = "MISSED"  # an alarm is absent, or says something else
    ALARM = "FALSE ALARM"  # a healthy control was alarmed at
    IMPOSSIBLE = "NOT POSSIBLE"  # it cannot be planted on this machine


GOOD = (Result.CAUGHT, Result.QUIET)
BAD = (Result.MISSED, Result.ALARM)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fault that was planted, and what was seen."""

    fault: Fault[Any]
    result: Result
    seen: str  # in one line
    seconds: float  # that seeing it took
    sight: Sight = Sight(alarms={})  # all of it; empty where seeing broke off


def with_controls(faults: Iterable[Fault[Any]]) -> tuple[Fault[Any], ...]:
    """Return the faults, each control once, before the first of its faults."""
    found: dict[int, Fault[Any]] = {}
    for fault in faults:
        for one in (fault.control, fault):
            if one is not None:
                found.setdefault(id(one), one)
    return tuple(found.values())


def tried(faults: Iterable[Fault[Any]], folder: Path) -> Iterator[Row]:
    """Plant each fault in a folder of its own inside `folder`, look, and yield what came of it."""
    for number, fault in enumerate(faults):
        place = folder / f"{number:03d}-{fault.name}"
        place.mkdir(parents=True)
        yield _row(fault, place)


def _row(fault: Fault[Any], place: Path) -> Row:
    start = time.perf_counter()
    try:
        planted = fault.plant(place)
        start = time.perf_counter()
        sight = fault.see(planted)
    except CannotPlantError as error:
        return Row(fault=fault, result=Result.IMPOSSIBLE, seen=str(error), seconds=0.0)
    except Exception as error:  # whatever it is, nobody was told of the fault
        seen = f"broke off: {type(error).__name__}: {error}"
        return Row(fault=fault, result=_wrong(fault), seen=seen, seconds=_since(start))
    seconds = _since(start)
    result, seen = judged(fault, sight), told(fault, sight).replace(str(place), "…")
    return Row(fault=fault, result=result, seen=seen, seconds=seconds, sight=sight)


def judged(fault: Fault[Any], sight: Sight) -> Result:
    """Say whether what was seen is what the fault expects."""
    words = "\n".join(_words(fault, sight))
    asked = all(one in sight.alarms for one in fault.expect)
    asked = asked and all(one in sight.notes for one in fault.notes)
    asked = asked and all(name in words for name in fault.names)
    if not asked or (not fault.expect and sight.alarms):
        return _wrong(fault)
    return Result.CAUGHT if fault.expect or fault.notes else Result.QUIET


def told(fault: Fault[Any], sight: Sight) -> str:
    """Return what was seen in one line: what was expected of it, or else all of it."""
    if judged(fault, sight) in GOOD:
        seen = {name: sight.alarms[name] for name in fault.expect}
        seen |= {name: sight.notes[name] for name in fault.notes}
    else:
        seen = {**sight.alarms, **sight.notes}
    parts = [f"{name}: {words}" if words else name for name, words in seen.items()]
    return " ".join("; ".join(parts).split()) or "no alarm"


def _words(fault: Fault[Any], sight: Sight) -> Iterator[str]:
    yield from (sight.alarms.get(name, "") for name in fault.expect)
    yield from (sight.notes.get(name, "") for name in fault.notes)


def _wrong(fault: Fault[Any]) -> Result:
    return Result.MISSED if fault.expect or fault.notes else Result.ALARM


def _since(start: float) -> float:
    return time.perf_counter() - start
