"""Finished rows of the full-scale table: a figure in each row, a config in each column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from harness.judge.full_scale import Column, Words, columns_of
from harness.judge.intervals import percentile
from harness.judge.samples import samples_of
from harness.judge.scores import score_set
from harness.records import Budget, Run
from harness.report.names import NONE, interval_text, limit_text, signed, style_of
from harness.report.rows import Headline
from harness.units import Unit, show

INFERENCE, WHOLE = "latency.inference", "latency.end_to_end"
_BUDGETS = TypeAdapter(tuple[Budget, ...])


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure of one config."""

    text: str
    outcome: str  # "" where the figure is judged by nothing
    style: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure of every config."""

    title: str
    limit: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """The table, and what explains it."""

    names: tuple[str, ...]
    lines: tuple[Line, ...]
    sentence: str
    method: str
    notes: tuple[str, ...]  # what forbids a limit; then why a figure is missed or open, by config


def full_scale_table(run: Run) -> Table | None:
    """Return the table of a full-scale run, judged by `run.facts["limits"]`; None for others."""
    if "full_scale" not in run.facts:
        return None
    limits = {name: _BUDGETS.validate_python(rows) for name, rows in _limits(run).items()}
    columns = columns_of(run, limits)
    return Table(
        names=tuple(column.name for column in columns),
        lines=_lines(run, columns),
        sentence=_sentence(columns),
        method=_method(run),
        notes=(*_grounds(columns), *(note for column in columns for note in _open(column))),
    )


def full_scale_headline(run: Run, table: Table) -> Headline:
    """Return what opens the page: it passes nothing and misses nothing."""
    return Headline(
        word="MEASURED",
        style="none",
        sentence=table.sentence,
        bundle=run.bundle,
        verb=run.verb,
        incomplete=not run.complete,
        tiles=(),
    )


def _limits(run: Run) -> Mapping[str, Any]:
    found: Mapping[str, Any] = run.facts.get("limits", {})
    return found


def _lines(run: Run, columns: Sequence[Column]) -> tuple[Line, ...]:
    points = run.facts["full_scale"]["wer_points"]
    return (
        _judged("Load, warm", "latency.load_warm", columns),
        _judged("First result, cold", "latency.first_result", columns),
        _plain("Inference, p50", [_percentile(c, INFERENCE, 0.50) for c in columns]),
        _judged("Inference, p95", INFERENCE, columns),
        _plain("p95 between", [_bound(c, INFERENCE) for c in columns]),
        _plain("The least here", [_least(c) for c in columns]),
        _plain("What binds", [_binds(c) for c in columns]),
        _plain("Times the least", [_times(c) for c in columns]),
        _judged("End to end, p95", WHOLE, columns),
        _plain("End to end between", [_bound(c, WHOLE) for c in columns]),
        _judged("Peak RSS (VmHWM)", "memory.peak", columns),
        _plain("WER", [_wer(c) for c in columns]),
        _plain("WER less baseline's", [_apart(c.words) for c in columns]),
        _plain("Smallest detectable", [_detectable(c.words) for c in columns]),
        Line(
            title="Its upper end",
            limit=f"≤ {points:g} points",
            cells=tuple(_difference(c.words) for c in columns),
        ),
        _plain("Runs / processes", [_count(c) for c in columns]),
    )


def _judged(title: str, metric: str, columns: Sequence[Column]) -> Line:
    limits = [limit_text(c.verdicts[metric].budget) for c in columns if metric in c.verdicts]
    return Line(
        title=title,
        limit=" / ".join(dict.fromkeys(limits)) or NONE,
        cells=tuple(_cell(column, metric) for column in columns),
    )


def _cell(column: Column, metric: str) -> Cell:
    verdict = column.verdicts.get(metric)
    text = _value(column, metric)
    outcome = verdict.outcome if verdict else ""
    return Cell(text=text, outcome=outcome, style=style_of(outcome))


def _value(column: Column, metric: str) -> str:
    """The p95 of the stages, the highest of what is taken once a process."""
    staged = metric in (INFERENCE, WHOLE)
    taken = samples_of(column.run, metric)
    if staged or taken is None:
        return _percentile(column, metric, 0.95)
    return show(float(taken.values.max()), taken.unit)


def _plain(title: str, texts: Sequence[str]) -> Line:
    cells = tuple(Cell(text=text, outcome="", style="none") for text in texts)
    return Line(title=title, limit=NONE, cells=cells)


def _percentile(column: Column, metric: str, p: float) -> str:
    taken = samples_of(column.run, metric)
    return NONE if taken is None else show(percentile(taken.values, p), taken.unit)


def _bound(column: Column, metric: str) -> str:
    verdict = column.verdicts.get(metric)
    if verdict is None or verdict.interval is None:
        return NONE
    return interval_text(verdict.interval, verdict.budget.unit)


def _least(column: Column) -> str:
    found = column.needs.get(INFERENCE)
    return show(found.need.least, Unit.SECONDS) if found else NONE


def _binds(column: Column) -> str:
    found = column.needs.get(INFERENCE)
    return found.need.binds if found else NONE


def _times(column: Column) -> str:
    found = column.needs.get(INFERENCE)
    times = found.times_least if found else None
    return NONE if times is None else show(times, Unit.FACTOR)


def _count(column: Column) -> str:
    taken = samples_of(column.run, WHOLE)
    if taken is None:
        return NONE
    return f"{len(taken.values)} / {taken.process_count}"


def _wer(column: Column) -> str:
    score = score_set(column.run, column.run.facts["full_scale"]["wer_set"])
    rate = score.total.rate if score else None
    return NONE if rate is None else show(rate, Unit.RATIO)


def _difference(words: Words | None) -> Cell:
    if words is None:
        return Cell(text=NONE, outcome="", style="none")
    interval = words.change.interval
    text = NONE if interval is None else f"≤ {signed(interval.high)}"
    return Cell(text=text, outcome=words.outcome, style=style_of(words.outcome))


def _apart(words: Words | None) -> str:
    if words is None or words.change.new is None or words.change.old is None:
        return NONE
    return signed(words.change.new - words.change.old)


def _detectable(words: Words | None) -> str:
    least = words.change.detectable if words else None
    return NONE if least is None else signed(least)


def _sentence(columns: Sequence[Column]) -> str:
    kept = [c.name for c in columns if c.verdicts and _keeps_all(c)]
    told = f"{len(kept)} of {len(columns)} configs keep every limit of the table here"
    return f"{told}: {', '.join(kept)}." if kept else f"{told}."


def _keeps_all(column: Column) -> bool:
    seen = [str(verdict.outcome) for verdict in column.verdicts.values()]
    seen += [str(column.words.outcome)] if column.words else []
    return all(outcome == "PASS" for outcome in seen)


def _method(run: Run) -> str:
    part = run.facts["full_scale"]
    drawn = f", {part['heard']} of {part['of']} clips drawn by seed {run.facts['suite']['seed']}"
    heard = drawn if part["heard"] < part["of"] else f", all {part['of']} clips"
    return (
        f"One process of each config in each of {part['processes']} rounds, in an order drawn "
        f"anew; in the first {part['cold']} the model's files are on disk only. Loads, first "
        "results and memory are observed maxima. The least is the roofline's on this machine. "
        f"Words: {part['wer_set']}{heard}, paired with those of {part['baseline']}, interval at "
        "95 %. The table gates nothing: `harness bench` of each config does."
    )


def _grounds(columns: Sequence[Column]) -> list[str]:
    """Say what forbids limits, once for all that the same arithmetic forbids."""
    barred: dict[str, dict[tuple[str, str], list[str]]] = {}
    for column in columns:
        for metric, verdict in column.verdicts.items():
            if verdict.outcome == "INFEASIBLE":
                found = column.needs[metric]
                what = (found.budget.title, found.way_out)
                barred.setdefault(found.sentence, {}).setdefault(what, []).append(column.name)
    return [
        " ".join(
            [f"INFEASIBLE. {sentence}"]
            + [f"{title} of {', '.join(names)}: {way}" for (title, way), names in what.items()]
        )
        for sentence, what in barred.items()
    ]


def _open(column: Column) -> list[str]:
    """Say of each other figure that is not kept what was seen."""
    notes = [
        f"{column.name}: {v.budget.title}: {v.outcome}. {v.sentence}"
        for v in column.verdicts.values()
        if v.outcome not in ("PASS", "INFEASIBLE")
    ]
    notes += [f"{column.name}: {f.sentence}" for f in column.needs.values() if f.refuted]
    if column.words and column.words.outcome != "PASS":
        notes.append(f"{column.name}: words: {column.words.outcome}. {_more(column.words)}")
    return notes


def _more(words: Words) -> str:
    if words.lacking:
        return f"Clips that not both answered: {words.lacking}. See what broke, and run again."
    if words.change.interval is None:
        return words.note
    if words.more is None:
        return "The difference itself is beyond the limit: more clips would rather show it."
    more = f"About {words.more} more clips like these would prove the limit (--clips)."
    return f"{words.note} {more}".lstrip()
