"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing was found."""

    OK = "OK"
    LOOK = "LOOK"  # runs work, and something about it is worth knowing
    BROKEN = "BROKEN"  # a run cannot work, or would fail


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that was looked at, and what to do about it."""

    area: str  # python | libraries | machine | instruments | config | model | memory | disk | trial
    title: str
    state: State
    seen: str
    remedy: str = ""  # what to do; "" where there is nothing to do

    def __post_init__(self) -> None:
        if self.state is State.BROKEN and not self.remedy:
            raise ValueError(f"{self.area}, {self.title}: broken, and no remedy is named.")


def ok(area: str, title: str, seen: str) -> Line:
    """Return a line that is as it should be."""
    return Line(area=area, title=title, state=State.OK, seen=seen)


def look(area: str, title: str, seen: str, remedy: str) -> Line:
    """Return a line that is worth knowing."""
    return Line(area=area, title=title, state=State.LOOK, seen=seen, remedy=remedy)


def broken(area: str, title: str, seen: str, remedy: str) -> Line:
    """Return a line that a run would fail on."""
    return Line(area=area, title=title, state=State.BROKEN, seen=seen, remedy=remedy)
