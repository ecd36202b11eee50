"""Finished rows of `harness tune`: the variants measured in full, and those looked at briefly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from harness.judge import tuning
from harness.judge.tuning import GOALS, LOAD, MEASURED, P95, PEAK, UNITS, WER, Standing
from harness.records import Run, Variant
from harness.report.names import NONE, signed
from harness.report.rows import Headline
from harness.units import Unit, show

FRONT, BEATEN, FAILED = "FRONT", "BEATEN", "DID NOT RUN"
_STYLES = {FRONT: "pass", BEATEN: "none", FAILED: "fail"}
_WORDS = {P95: "p95", PEAK: "peak memory", LOAD: "load", WER: "WER"}


@dataclass(frozen=True, kw_only=True)
class TuneRow:
    """One variant that was measured in full."""

    number: str  # by which the picture names it
    name: str
    p95: str
    peak: str
    load: str
    wer: str
    outcome: str  # FRONT | BEATEN | DID NOT RUN
    style: str
    why: str  # by which numbers it is beaten
    config: str  # path of its config file


@dataclass(frozen=True, kw_only=True)
class Paste:
    """The options of one variant of the front, as lines of the pipeline's config."""

    number: str
    name: str
    config: str
    lines: str


@dataclass(frozen=True, kw_only=True)
class LookRow:
    """One change that was looked at briefly, beside what it changes."""

    name: str
    on: str  # what it was tried on
    p95: str
    peak: str
    load: str
    went_on: str


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """Everything that a page or a table shows of a search."""

    standings: tuple[Standing, ...]
    sentence: str
    noise: str
    rows: tuple[TuneRow, ...]
    pastes: tuple[Paste, ...]
    looks: tuple[LookRow, ...]


def tuned(run: Run) -> Tuned | None:
    """Return the rows of a search; None where the run is no search, or did not come so far."""
    told = tuning.standings(run)
    if not any(one.whole for one in told):
        return None
    numbers = {one.variant.name: str(n) for n, one in enumerate(told, start=1)}
    return Tuned(
        standings=told,
        sentence=_sentence(told),
        noise=_noise(run),
        rows=tuple(_row(one, numbers) for one in told),
        pastes=tuple(_paste(run, one, numbers) for one in told if one.on_front),
        looks=tuple(_looks(run)),
    )


def tune_headline(run: Run, found: Tuned) -> Headline:
    """Return what opens the page of a search: it passes nothing and misses nothing."""
    return Headline(
        word="MEASURED",
        style="none",
        sentence=found.sentence,
        bundle=run.bundle,
        verb=run.verb,
        incomplete=not run.complete,
        tiles=(),
    )


def _row(one: Standing, numbers: Mapping[str, str]) -> TuneRow:
    outcome = FRONT if one.on_front else BEATEN if one.whole else FAILED
    shown = {goal: _shown(one.values.get(goal), UNITS[goal]) for goal in GOALS}
    why = ", ".join(sorted((numbers[name] for name in one.beaten_by), key=int))
    return TuneRow(
        number=numbers[one.variant.name],
        name=one.variant.name,
        p95=shown[P95],
        peak=shown[PEAK],
        load=shown[LOAD],
        wer=shown[WER],
        outcome=outcome,
        style=_STYLES[outcome],
        why=f"by {why}" if why else "",
        config=one.variant.config,
    )


def _paste(run: Run, one: Standing, numbers: Mapping[str, str]) -> Paste:
    section: Any = dict(one.variant.options)
    for key in reversed(run.facts["suite"]["model_key"].split(".")[:-1]):
        section = {key: section}
    text = yaml.safe_dump(section, sort_keys=False, allow_unicode=True).rstrip()
    return Paste(
        number=numbers[one.variant.name],
        name=one.variant.name,
        config=one.variant.config,
        lines=text if one.variant.options else "(nothing to change)",
    )


def _sentence(told: Sequence[Standing]) -> str:
    given = next((one for one in told if not one.variant.options), None)
    front = [one for one in told if one.on_front]
    stands = "is one of them" if given and given.on_front else "is beaten"
    text = (
        f"{len(front)} of {len(told)} configs are beaten by no other; the config as given {stands}."
    )
    for goal in (P95, PEAK):
        best = min(front, key=lambda one: one.values.get(goal, math.inf))
        value = show(best.values[goal], UNITS[goal])
        text += f" Lowest {_WORDS[goal]}: {value} ({_against(best, given, goal)})."
    return text


def _against(one: Standing, given: Standing | None, goal: str) -> str:
    if given is None or goal not in given.values or one is given:
        return one.variant.name
    change = signed(one.values[goal] / given.values[goal] - 1)
    return f"{one.variant.name}: {change} against the config as given"


def _noise(run: Run) -> str:
    """Say what the config as given showed against itself, and so what counts as a difference."""
    seen = tuning.control_ratios(run)
    if not seen:
        return "There is no control: what noise does here is not known."
    told = ", ".join(
        f"{_WORDS[goal]} {signed(i.low - 1)} to {signed(i.high - 1)}" for goal, i in seen.items()
    )
    least = ", ".join(
        f"{_WORDS[goal]} {show(math.expm1(log), Unit.RATIO)}"
        for goal, log in tuning.margins(run).items()
    )
    return (
        f"The config as given, measured a second time beside itself: {told} (95 % intervals). "
        f"A difference counts when its whole interval lies beyond {least}."
    )


def _looks(run: Run) -> Iterable[LookRow]:
    """Yield each change that was screened; the first of a step is what its changes stand on."""
    steps: dict[str, Variant] = {}
    for one in tuning.variants_of(run, "screen"):
        base = steps.setdefault(one.arm.partition(":")[0], one)
        if one is not base:
            yield _look(run, one, base)


def _look(run: Run, one: Variant, base: Variant) -> LookRow:
    gains = tuning.gains(run, one, base)
    cells = {goal: signed(math.expm1(-gains[goal])) if goal in gains else NONE for goal in MEASURED}
    changed = one.options.items() - base.options.items()
    went_on = any(changed <= other.options.items() for other in tuning.variants_of(run, "final"))
    return LookRow(
        name=one.name.removeprefix(f"{base.name}, "),
        on=base.name,
        p95=cells[P95],
        peak=cells[PEAK],
        load=cells[LOAD],
        went_on="yes" if went_on else "no",
    )


def _shown(value: float | None, unit: Unit) -> str:
    return NONE if value is None else show(value, unit)
