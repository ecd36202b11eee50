"""What `harness listen score` prints: who counts, and what they said, with its interval."""

from __future__ import annotations

from harness.accuracy.listening.ratings import Result
from harness.judge.listeners import Opinion, Preference, opinions, preference
from harness.records import Interval
from harness.report.tables import drawn, table
from harness.units import Unit, show

NONE = "too few to tell"


def listen_text(result: Result, *, colour: bool = False) -> str:
    """Return who counts and what they said, as plain text."""
    parts = [
        f"{result.title}: test {result.test} of {result.voice.name} "
        f"({result.voice.digest[:16]}), {_people(result.listeners)}.",
        *(f"LEFT OUT  {one.listener}: {one.reason}." for one in result.excluded),
    ]
    if result.excluded:
        parts.append(f"Rule: {result.rule}.")
    if not result.listeners:
        return drawn([*parts, "Nobody counts: nothing is shown."], colour)
    if result.kind == "ab":
        found = preference(result)
        return drawn([*parts, *(_preferred(result, found) if found else [])], colour)
    rows = [(_opinion_row(result, one), "none") for one in opinions(result)]
    heads = ("Heard", "Listeners", "Clips", "MOS", "95 % interval")
    return drawn([*parts, table(heads, rows), _method(opinions(result)[0])], colour)


def _opinion_row(result: Result, one: Opinion) -> tuple[str, ...]:
    name = f"anchor: {one.name}" if one.name else result.voice.name
    mean, interval = show(one.mean, Unit.SCORE), _spread(one.interval, Unit.SCORE)
    return name, str(one.listeners), str(one.sentences), mean, interval


def _preferred(result: Result, found: Preference) -> list[str]:
    other = result.other.name if result.other else "the other"
    tested = found.prefer + found.against
    share = show(found.share.mean, Unit.RATIO)
    lines = [
        f"{result.voice.name} was chosen over {other} in {share} of the pairs "
        f"({_spread(found.share.interval, Unit.RATIO)}). {_method(found.share)}"
    ]
    if tested:
        lines.append(
            f"By listener: {found.prefer} of {tested} chose it more often than not, {found.even} "
            f"both equally; {_spread(found.interval, Unit.RATIO)} (Wilson), exact binomial "
            f"p = {found.p:.3g}."
        )
    else:
        lines.append("By listener: all chose both equally often.")
    return lines


def _method(one: Opinion) -> str:
    if one.interval is None:
        return "An interval needs two listeners, two sentences and two different ratings."
    return f"Interval: {one.interval.method}"


def _people(number: int) -> str:
    return f"{number} listener{' counts' if number == 1 else 's count'}"


def _spread(interval: Interval | None, unit: Unit) -> str:
    return f"{show(interval.low, unit)} – {show(interval.high, unit)}" if interval else NONE
