"""Finished rows of an A/B run: what decides first, then what is shown beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.judge.ab import Difference
from harness.judge.arms import IMPROVED, WORSE, Answer, Sides, is_gated, judge_sides
from harness.judge.change import Change, Word
from harness.judge.compare import MARGIN
from harness.judge.scores import DECODED, GREEDY
from harness.records import Interval, Run
from harness.report.names import NONE, WORD_STYLES, signed, title
from harness.report.rows import Headline
from harness.units import Unit, show

_ORDER = (*WORSE, *IMPROVED, Word.UNKNOWN, Word.SAME)  # what a reader must see first
_DIGITS = 12  # of a digest that are shown
ANSWER_STYLES = {
    Answer.BROKEN: "fail",
    Answer.WORSE: "fail",
    Answer.UNKNOWN: "not-proven",
    Answer.BETTER: "pass",
    Answer.SAME: "pass",
}


@dataclass(frozen=True, kw_only=True)
class AbRow:
    """One metric of both arms."""

    title: str
    a: str
    b: str
    ratio: str  # relative change; of a rate the difference in points
    interval: str
    control: str  # interval of a again / a
    detectable: str  # smallest change that is found in 80 of 100 such comparisons
    word: str
    style: str
    note: str
    gated: bool


@dataclass(frozen=True, kw_only=True)
class SideRow:
    """One side: what it was."""

    name: str
    given: str
    commit: str


def ab_rows(sides: Sides) -> tuple[AbRow, ...]:
    """Return every metric, those that decide first, and the words after the times."""
    rows = [*map(_measured, sides.differences), *map(_heard, sides.heard)]
    return tuple(sorted(rows, key=lambda row: not row.gated))


def side_rows(run: Run) -> tuple[SideRow, ...]:
    """Return what a and b were."""
    sides: Mapping[str, Any] = run.facts.get("sides", {})
    return tuple(
        SideRow(name=name, given=str(side["given"]), commit=_short(str(side["commit"])))
        for name, side in sides.items()
    )


def apart_text(run: Run) -> str:
    """Say what differs between the two sides, or that nothing does."""
    sides = list(run.facts.get("sides", {}).values())
    if len(sides) < 2:
        return ""
    first, second = (_flat(side) for side in sides)
    told = [
        f"{key}: {first[key]} in a, {second[key]} in b"
        for key in first
        if first[key] != second.get(key)
    ]
    if not told:
        return "Nothing differs between a and b: this is an A/A comparison."
    return f"What differs: {'; '.join(told)}."


def ab_headline(run: Run) -> Headline:
    """Return what opens the page of an A/B run."""
    sides = judge_sides(run)
    return Headline(
        word=sides.answer,
        style=ANSWER_STYLES[sides.answer],
        sentence=answer_sentence(run, sides),
        bundle=run.bundle,
        verb=run.verb,
        incomplete=not run.complete,
        tiles=(),
    )


def answer_sentence(run: Run, sides: Sides) -> str:
    """Say in one sentence what b is against a."""
    gated = [row for row in ab_rows(sides) if row.gated]
    words = [word for word in _ORDER if any(row.word == word for row in gated)]
    told = [_named(word, [row for row in gated if row.word == word]) for word in words]
    broken = sum(not finding.holds for finding in run.findings)
    if broken:
        told.insert(0, f"{broken} of {len(run.findings)} rules do not hold.")
    return f"b against a. {' '.join(told) or 'Nothing was measured.'}"


def method_text(sides: Sides) -> str:
    """Say how the comparison was made, and how much of it was disturbed."""
    rounds = max((difference.rounds for difference in sides.differences), default=0)
    margin, tainted = show(MARGIN, Unit.RATIO), show(sides.tainted, Unit.RATIO)
    return (
        f"{rounds} rounds of one process each of a, a again and b, in an order drawn anew. b / a "
        "is the ratio of process medians, against both a together, and A/A the interval of a "
        "again / a. A difference is one when its whole interval is beyond the margin of "
        f"{margin} and beyond what a differed from itself; what decides is also corrected for the "
        f"number of its times and bytes (Holm). {tainted} of the requests were disturbed from "
        "outside; the arms took turns, so that this met all of them."
    )


def notes_of(found: Iterable[AbRow]) -> tuple[str, ...]:
    """Return why rows cannot tell and what they leave out, the rows of one reason together."""
    titles: dict[str, list[str]] = {}
    for row in found:
        if row.note:
            titles.setdefault(row.note, []).append(row.title)
    return tuple(f"{'; '.join(rows)}: {note}" for note, rows in titles.items())


def _measured(difference: Difference) -> AbRow:
    ratio, least = difference.ratio, difference.detectable
    return AbRow(
        title=title(difference.metric),
        a=_value(difference.a, difference.unit),
        b=_value(difference.b, difference.unit),
        ratio=NONE if ratio is None else signed(ratio - 1),
        interval=spread_text(difference.interval, 1.0),
        control=spread_text(difference.control, 1.0),
        detectable=NONE if least is None else signed(least - 1),
        word=difference.word,
        style=WORD_STYLES[difference.word],
        note=difference.note,
        gated=is_gated(difference),
    )


def _heard(change: Change) -> AbRow:
    points = None if change.old is None or change.new is None else change.new - change.old
    greedy = change.metric.startswith(GREEDY)
    name = change.metric.removeprefix(GREEDY if greedy else DECODED)
    return AbRow(
        title=f"WER {name}{', greedy' if greedy else ''}",
        a=_value(change.old, change.unit),
        b=_value(change.new, change.unit),
        ratio=NONE if points is None else signed(points),
        interval=spread_text(change.interval, 0.0),
        control=NONE,
        detectable=NONE if change.detectable is None else signed(change.detectable),
        word=change.word,
        style=WORD_STYLES[change.word],
        note=change.note,
        gated=is_gated(change),
    )


def spread_text(interval: Interval | None, base: float) -> str:
    """Write an interval of a ratio (`base` 1) or of a difference (0) as relative changes."""
    if interval is None:
        return NONE
    low, high = signed(interval.low - base), signed(interval.high - base)
    return f"{low.removesuffix(' %')} … {high}"


def _value(value: float | None, unit: Unit) -> str:
    return NONE if value is None or math.isnan(value) else show(value, unit)


def _named(word: Word, rows: list[AbRow]) -> str:
    changed = word in (*WORSE, *IMPROVED)
    named = "; ".join(f"{row.title} {row.ratio}" if changed else row.title for row in rows)
    return f"{word[:1].upper()}{word[1:]}: {named}."


def _flat(side: Mapping[str, Any]) -> dict[str, str]:
    """The identity of a side, without the name that a person gave it."""
    plain = {key: _short(str(side[key])) for key in ("commit", "config", "bundle")}
    return {**plain, **side["packages"]}


def _short(digest: str) -> str:
    """The start of a digest or commit; "+ changes" stays."""
    first, _, rest = digest.partition(" ")
    return f"{first[:_DIGITS]} {rest}".strip()
