"""Finished rows of the history: its groups, what the newest runs say, and where levels moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.judge.history import (
    ACCEPTED,
    ALPHA,
    BETTER,
    TOO_FEW,
    WORSE,
    Group,
    Series,
    Shift,
    group_of,
)
from harness.judge.scores import DECODED
from harness.records import Statistic
from harness.report import names
from harness.report.names import NONE
from harness.summaries import Figure, Summary
from harness.units import Unit, show

STYLES = {WORSE: "fail", BETTER: "pass", ACCEPTED: "waived", TOO_FEW: "not-measured"}
METHOD = (
    "Expected is where the newest run lies unless something changed: of clean runs "
    f"{100 * ALPHA:g} % have any budgeted figure outside, however many there are (Holm). It needs "
    "10 runs of the last level. Runs of other branches are held against the levels of the main one."
)


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """One figure of the newest run of a group."""

    title: str
    newest: str
    usual: str  # level that it is held against
    change: str  # from that level
    expected: str
    limit: str
    word: str
    style: str


@dataclass(frozen=True, kw_only=True)
class ShiftRow:
    """What moved to another level with one run, in one group."""

    at: str  # date of that run
    where: str  # bundle, verb, class of machine
    commits: str  # "1a2b3c4d..5e6f7a8b"
    run: str  # its id
    figures: tuple[str, ...]  # "End to end, p95: 40.0 ms → 46.1 ms, +15.25 %", with budgets first
    word: str  # worse where any figure is and nobody accepted it
    style: str
    because: tuple[str, ...]  # why it is accepted
    scope: Scope


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a row or section is filtered by."""

    branch: tuple[str, ...]
    config: tuple[str, ...]
    host: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One run with its figures, in the order of the group's heads."""

    run: str
    at: str
    commit: str
    branch: str
    word: str
    style: str
    cells: tuple[str, ...]
    scope: Scope


def title_of(figure: Figure) -> str:
    """Name a figure for a person: `'End to end p95'`."""
    given = figure.title if figure.title != figure.metric else names.title(figure.metric)
    if figure.title == figure.metric and figure.metric.startswith(DECODED):
        given = f"Word error rate, {figure.metric.removeprefix(DECODED)}"
    timed = figure.metric.startswith("latency.") or figure.statistic == Statistic.P95
    return f"{given}, {figure.statistic}" if timed else given


def group_text(group: Group) -> str:
    """Name a group: `'reference · bench · AMD EPYC · 2 of 2 cores'`."""
    bundle, verb, machine, quick = group
    return " · ".join((bundle, f"{verb} --quick" if quick else verb, machine))


def scope_of(runs: Iterable[Summary]) -> Scope:
    """Return by what rows about these runs are filtered."""
    given = tuple(runs)
    return Scope(
        branch=tuple(sorted({one.branch or NONE for one in given})),
        config=tuple(sorted({one.config for one in given})),
        host=tuple(sorted({one.machine for one in given})),
    )


def history_row(series: Series) -> HistoryRow:
    """Return what the newest run says of a figure."""
    figure, unit = series.newest.figure, series.newest.figure.unit
    ends = series.band and " – ".join(show(end, unit) for end in series.band)
    sign = "≤" if figure.at_most else "≥"
    return HistoryRow(
        title=title_of(figure),
        newest=show(series.newest.value, unit),
        usual=NONE if series.usual is None else show(series.usual, unit),
        change=change_text(series.usual, series.newest.value, unit),
        expected=ends or NONE,
        limit=NONE if figure.limit is None else f"{sign} {show(figure.limit, unit)}",
        word=series.word,
        style=STYLES.get(series.word, "none"),
    )


def change_text(old: float | None, new: float, unit: Unit) -> str:
    """Write a change: rates in points, all else as a share of what was."""
    if old is None:
        return NONE
    if unit is Unit.RATIO:
        return f"{100 * (new - old):+.2f} points"
    return names.signed(new / old - 1) if old else NONE


def shift_rows(found: Iterable[Series]) -> tuple[ShiftRow, ...]:
    """Return every change of level, those of one run together, the newest first."""
    moved: dict[tuple[str, str], list[tuple[Shift, Series]]] = {}
    for series in found:
        for shift in series.shifts:
            moved.setdefault((shift.first.id, shift.before.id), []).append((shift, series))
    newest = sorted(moved.values(), key=lambda some: some[0][0].first.started, reverse=True)
    return tuple(_shift_row(sorted(some, key=lambda one: not one[1].budgeted)) for some in newest)


def commits_text(shift: Shift) -> str:
    """Name the commits between which a level moved: `'1a2b3c4d..5e6f7a8b'`."""
    old, new = (one.commit[:8] or "unknown" for one in (shift.before, shift.first))
    return f"{old}..{new}"


def _shift_row(some: Sequence[tuple[Shift, Series]]) -> ShiftRow:
    shift, series = some[0]
    words = [ACCEPTED if one.accepted else WORSE if one.worse else BETTER for one, _ in some]
    word = next(word for word in STYLES if word in words)
    return ShiftRow(
        at=shift.first.started[:10],
        where=group_text(series.group),
        commits=commits_text(shift),
        run=shift.first.id,
        figures=tuple(_moved(*pair) for pair in some),
        word=word,
        style=STYLES[word],
        because=tuple(dict.fromkeys(one.accepted for one, _ in some if one.accepted)),
        scope=scope_of([shift.first]),
    )


def _moved(shift: Shift, series: Series) -> str:
    unit = series.newest.figure.unit
    levels = f"{show(shift.old, unit)} → {show(shift.new, unit)}"
    change = change_text(shift.old, shift.new, unit)
    return f"{title_of(series.newest.figure)}: {levels}, {change}"


def run_rows(
    runs: Iterable[Summary], found: Sequence[Series], by_id: Mapping[str, Summary]
) -> tuple[RunRow, ...]:
    """Return the runs of a group, the newest first, with the figures of `found` in that order.

    What they are filtered by stands in `by_id`: normalised, they have no machine of their own.
    """
    columns = [{point.run.id: point for point in series.points} for series in found]
    rows = []
    for run in sorted(runs, key=lambda one: (one.started, one.id), reverse=True):
        points = [column.get(run.id) for column in columns]
        rows.append(
            RunRow(
                run=run.id,
                at=run.started.replace("T", " ").removesuffix("Z")[:16],
                commit=run.commit[:8],
                branch=run.branch or NONE,
                word=run.decision if run.complete else "INCOMPLETE",
                style={"PASSED": "pass", "MISSED": "fail"}.get(run.decision, "not-proven"),
                cells=tuple(show(p.value, p.figure.unit) if p else NONE for p in points),
                scope=scope_of([by_id[run.id]]),
            )
        )
    return tuple(rows)


def newest_sentence(run: Summary, found: Sequence[Series]) -> str:
    """Say what the newest run of a group came to."""
    own = [one for one in found if one.newest.run.id == run.id]
    said = [f"{title_of(one.newest.figure)} is {one.word}" for one in own if one.word in STYLES]
    known = [text for text in said if not text.endswith(TOO_FEW)]
    about = " ".join(filter(None, (run.commit[:8], run.branch and f"on {run.branch}")))
    if not any(one.band for one in own):
        told = "too few runs to say what was to be expected of it"
    elif known:
        told = "; ".join(known)
    else:
        told = f"as before in all of {sum(one.band is not None for one in own)} figures"
    return f"Newest run {run.id}{f' ({about})' if about else ''}: {told}."


def group_runs(runs: Iterable[Summary]) -> dict[Group, list[Summary]]:
    """Return the runs of each group, the group with the newest run first."""
    found: dict[Group, list[Summary]] = {}
    for run in sorted(runs, key=lambda one: (one.started, one.id), reverse=True):
        if run.figures:
            found.setdefault(group_of(run), []).append(run)
    return found
