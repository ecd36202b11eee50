"""The verdict on a budget: a pure function of exact values and a limit. Nothing is rounded first.

    PASS          the whole interval keeps the limit
    FAIL          the whole interval breaks it
    NOT PROVEN    the limit lies inside, or too few runs bound anything: says how many more
    INFEASIBLE    missed or open, and nothing could keep it with this graph here: see `feasible`
    NOT MEASURED  the run has nothing of this metric: not a pass
    WAIVED        missed or not proven, under a waiver not expired on the day of the run; or not
                  measured, under one that covers absence, and then neither a miss

Samples disturbed from outside are judged with and without. Disturbance only slows: PASS with all
of them stands, unless the quiet ones alone fail; any other disagreement is NOT PROVEN. Where more
than 10 % are disturbed it is NOT PROVEN in any case (see `disturbed`).
A run in which another model answered proves nothing of the measured one (see `fallbacks`).
A score that lacks clips of its set is never a PASS (see `lacking`).
A sample that is not a finite number fails, and no waiver covers it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from harness.budgets import (
    EMOTION,
    END_TO_END,
    GROWTH,
    OVER_FLOOR,
    ROUND_TRIP,
    SERVER,
    UNMEASURED,
)
from harness.errors import ConfigError
from harness.judge.disturbed import disturbance, too_disturbed
from harness.judge.emotion import CONTROLS
from harness.judge.estimates import Estimate, estimate, from_samples
from harness.judge.fallbacks import without_fallbacks
from harness.judge.feasible import forbidden
from harness.judge.lacking import without_clips
from harness.judge.limits import resolve
from harness.judge.samples import Samples, samples_of
from harness.judge.scores import rate_name
from harness.records import Budget, Interval, Outcome, Run, Statistic, Verdict, Waiver
from harness.units import Unit, show

_NAMES = {
    GROWTH: "growth per request",
    SERVER: "highest rate that is kept",
    END_TO_END: "share of clips answered rightly and in time",
    ROUND_TRIP: "WER of the voice, heard again,",
    OVER_FLOOR: "WER of the voice over that of its source",
    **{f"{EMOTION}{control.name}": "effect of high against low" for control in CONTROLS},
}
_GATES = "It is required, so this is a miss."
_COVERED = {  # by what a waiver says that it covers
    "miss": (Outcome.FAIL, Outcome.NOT_PROVEN, Outcome.INFEASIBLE),
    "absence": (Outcome.NOT_MEASURED,),
}


def judge_all(budgets: Iterable[Budget], run: Run) -> tuple[Verdict, ...]:
    """Judge every budget, in the order given."""
    return tuple(judge(budget, run) for budget in budgets)


def judge(budget: Budget, run: Run) -> Verdict:
    """Say what `run` shows about `budget`.

    Raises:
        ConfigError: the budget's unit is not the measured one, or its waiver has no ISO date.
    """
    budget, origin = resolve(budget, run)
    found = estimate(budget, run)
    if found is None:
        return _waive(_not_measured(budget, run), run)
    if found.broken or math.isnan(budget.limit):
        return _not_a_number(budget, found)
    verdict = without_fallbacks(without_clips(_weigh(budget, run, found), run), run)
    sentence = f"{verdict.sentence} {origin}".rstrip()
    return _waive(forbidden(replace(verdict, sentence=sentence), run), run)


def outcome_of(budget: Budget, interval: Interval) -> Outcome:
    """Compare an interval with the limit; an end that is not a number never passes."""
    low, high, limit = interval.low, interval.high, budget.limit
    kept = high <= limit if budget.at_most else low >= limit
    broken = low > limit if budget.at_most else high < limit
    return Outcome.PASS if kept else Outcome.FAIL if broken else Outcome.NOT_PROVEN


def _weigh(budget: Budget, run: Run, found: Estimate) -> Verdict:
    outcome = outcome_of(budget, found.interval)
    sentence = _sentence(budget, found, outcome)
    doubt = _disturbed(budget, run, outcome)
    if doubt:
        outcome = Outcome.NOT_PROVEN
        sentence = f"{_seen(budget, found, outcome)} {doubt}"
    return Verdict(
        budget=budget,
        outcome=outcome,
        value=found.value if _is_available(found, outcome) else None,
        interval=None if _is_extreme(budget) else found.interval,
        samples=found.samples,
        sentence=sentence,
    )


def _disturbed(budget: Budget, run: Run, outcome: Outcome) -> str:
    """Say why disturbed samples leave nothing proven; "" where they do not stand in the way."""
    samples = samples_of(run, budget.metric)
    if samples is None or not samples.tainted.any():
        return ""
    quiet = _quiet_outcome(budget, samples)
    stands = outcome is Outcome.PASS and quiet is not Outcome.FAIL
    if (quiet is outcome or stands) and not too_disturbed(samples):
        return ""
    return disturbance(run, samples, outcome, quiet)


def _quiet_outcome(budget: Budget, samples: Samples) -> Outcome:
    quiet = samples.where(~samples.tainted)
    if quiet is None:
        return Outcome.NOT_PROVEN
    return outcome_of(budget, from_samples(budget, quiet).interval)


def _is_available(found: Estimate, outcome: Outcome) -> bool:
    """Whether there are samples enough for the statistic; a FAIL shows it from fewer."""
    return found.samples >= found.needed or outcome is Outcome.FAIL


def _sentence(budget: Budget, found: Estimate, outcome: Outcome) -> str:
    seen, limit = _seen(budget, found, outcome), _limit(budget, found)
    match outcome:
        case Outcome.PASS:
            return f"{seen} The {limit} is kept."
        case Outcome.FAIL:
            return f"{seen} The {limit} is missed by {_excess(budget, found)}."
        case _:
            return f"{seen} That does not prove the {limit}. {found.remedy}"


def _seen(budget: Budget, found: Estimate, outcome: Outcome) -> str:
    name, value = _name(budget), show(found.value, budget.unit)
    if not _is_available(found, outcome):
        return f"The {name} of {found.samples} runs is not available: it needs {found.needed}."
    if _is_extreme(budget):
        return f"The {name} of {found.samples} samples is {value}."
    if budget.statistic in (Statistic.MEAN, Statistic.RATE):
        return f"The {name} is {value}, {_both_ends(budget, found.interval)}."
    return f"The {name} of {found.samples} runs is {value}, {_end(budget, found, outcome)}."


def _end(budget: Budget, found: Estimate, outcome: Outcome) -> str:
    """Write the end of the interval that decides: both where it does not."""
    low, high = found.interval.low, found.interval.high
    if outcome is Outcome.NOT_PROVEN:
        return _both_ends(budget, found.interval)
    if (outcome is Outcome.PASS) == budget.at_most:
        return f"at most {show(high, budget.unit)} with 95 % confidence"
    return f"at least {show(low, budget.unit)} with 95 % confidence"


def _both_ends(budget: Budget, interval: Interval) -> str:
    low, high = interval.low, interval.high
    if math.isinf(low) and math.isinf(high):
        return "without a bound"
    if math.isinf(high):
        return f"at least {show(low, budget.unit)} and without an upper bound"
    if math.isinf(low):
        return f"at most {show(high, budget.unit)} and without a lower bound"
    return f"between {show(low, budget.unit)} and {show(high, budget.unit)} with 95 % confidence"


def _name(budget: Budget) -> str:
    rate = rate_name(budget.metric)
    if rate is not None:
        return rate
    if budget.metric in _NAMES:
        return _NAMES[budget.metric]
    if _is_extreme(budget):
        return "highest" if budget.at_most else "lowest"
    return str(budget.statistic.value)


def _is_extreme(budget: Budget) -> bool:
    return budget.statistic in (Statistic.MAX, Statistic.ALL)


def _limit(budget: Budget, found: Estimate) -> str:
    """Write the limit; in full where it would read like the value that it differs from."""
    name, shown = "limit" if budget.at_most else "minimum", show(budget.limit, budget.unit)
    alike = shown == show(found.value, budget.unit) and budget.limit != found.value
    exact = f" ({budget.limit!r} against {found.value!r})" if alike else ""
    return f"{name} of {shown}{exact}"


def _excess(budget: Budget, found: Estimate) -> str:
    by = abs(found.value - budget.limit)
    if budget.unit is Unit.RATIO or not budget.limit:
        return show(by, budget.unit)
    share = show(by / abs(budget.limit), Unit.RATIO)
    return f"{show(by, budget.unit)} ({share})"


def _not_measured(budget: Budget, run: Run) -> Verdict:
    reason = run.facts.get(f"{UNMEASURED}{budget.metric}")
    why = f": {str(reason).rstrip('.')}" if reason else ""
    gates = _GATES if budget.required else "It does not gate yet."
    return Verdict(
        budget=budget,
        outcome=Outcome.NOT_MEASURED,
        value=None,
        interval=None,
        samples=0,
        sentence=f"Nothing in this run supplies {budget.metric}{why}. {gates}",
    )


def _not_a_number(budget: Budget, found: Estimate) -> Verdict:
    what = (
        f"{found.broken} of {found.samples} samples of {budget.metric} are not a finite number. "
        "Look at the pass that measured them."
        if found.broken
        else f"The limit of {budget.metric} is not a number. Correct it in the budgets."
    )
    return Verdict(
        budget=budget,
        outcome=Outcome.FAIL,
        value=found.value,
        interval=None,
        samples=found.samples,
        sentence=what,
    )


def _waive(verdict: Verdict, run: Run) -> Verdict:
    waiver = verdict.budget.waiver
    if waiver is None or verdict.outcome not in _COVERED[waiver.covers]:
        return verdict
    if _day_of(run) > _expiry(waiver, verdict.budget):
        expired = f"{verdict.sentence} Its waiver expired on {waiver.expires}."
        return replace(verdict, sentence=expired)
    reason = waiver.reason.rstrip(".")
    told = verdict.sentence.removesuffix(f" {_GATES}")
    sentence = f"{verdict.outcome}, waived until {waiver.expires}: {reason}. {told}"
    return replace(verdict, outcome=Outcome.WAIVED, sentence=sentence)


def _day_of(run: Run) -> date:
    try:
        return datetime.fromisoformat(run.started).date()
    except ValueError as error:
        raise ConfigError(
            f"run {run.id}: its start {run.started!r} is not an ISO date; no waiver can be dated."
        ) from error


def _expiry(waiver: Waiver, budget: Budget) -> date:
    try:
        return date.fromisoformat(waiver.expires)
    except ValueError as error:
        raise ConfigError(
            f'budget "{budget.title}": the waiver expires on {waiver.expires!r}; '
            "expected a date such as 2026-12-31."
        ) from error
