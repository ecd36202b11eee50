"""Whether two runs may be compared, and what differs between them besides the figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.records import Budget, Run, Statistic, Waiver
from harness.units import Unit


def unlike(old: Run, new: Run) -> tuple[str, ...]:
    """Name each condition that differs and makes a comparison meaningless; () for like runs."""
    if old.environment is None or new.environment is None:
        lost = old.id if old.environment is None else new.id
        return (f"environment: unknown in {lost}, which ended before it was recorded.",)
    bundle = differences({"bundle": old.bundle}, {"bundle": new.bundle})
    return (*bundle, *differences(old.environment.comparable, new.environment.comparable))


def identity_changes(old: Run, new: Run) -> tuple[str, ...]:
    """Name what differs in the things under test: commit, digests of bundle, config and sets."""
    first = old.environment.identity if old.environment else {}
    second = new.environment.identity if new.environment else {}
    return differences(first, second)


def budget_facts(budgets: Iterable[Budget]) -> list[dict[str, Any]]:
    """Return budgets as plain data for `Run.facts["budgets"]`: what a decision was made on."""
    return [
        {
            "metric": budget.metric,
            "statistic": budget.statistic.value,
            "limit": budget.limit,
            "unit": budget.unit.value,
            "at_most": budget.at_most,
            "or_share": budget.share,
            "yardstick": budget.yardstick,
            "required": budget.required,
            "waived_until": budget.waiver.expires if budget.waiver else "",
            "waiver_covers": budget.waiver.covers if budget.waiver else "",
        }
        for budget in budgets
    ]


def budgets_then(run: Run) -> tuple[Budget, ...]:
    """Return the budgets that a run was made for, from `facts["budgets"]`; () where none stand.

    Their titles are not kept: a row bears the name of its metric.
    """
    return tuple(
        Budget(
            metric=row["metric"],
            statistic=Statistic(row["statistic"]),
            limit=row["limit"],
            unit=Unit(row["unit"]),
            at_most=row["at_most"],
            title=row["metric"],
            required=row["required"],
            share=row.get("or_share"),
            yardstick=row.get("yardstick"),
            waiver=Waiver(reason="", expires=row["waived_until"]) if row["waived_until"] else None,
        )
        for row in run.facts.get("budgets", ())
    )


def budget_changes(old: Run, new: Run) -> tuple[str, ...]:
    """Name each budget that is not the same in `facts["budgets"]` of both runs."""
    return differences(_budget_rows(old), _budget_rows(new))


def _budget_rows(run: Run) -> dict[str, str]:
    rows: dict[str, str] = {}
    for row in run.facts.get("budgets", ()):
        sign = "<=" if row["at_most"] else ">="
        text = f"{sign} {row['limit']!r} {row['unit']}"
        share = row.get("or_share")  # runs of before know none
        text += f" or {share!r} of a request" if share is not None else ""
        yardstick = row.get("yardstick")  # nor this
        text += f" at a yardstick of {yardstick!r} s" if yardstick is not None else ""
        text += "" if row["required"] else ", not required"
        absence = "absence " if row.get("waiver_covers") == "absence" else ""  # nor this
        text += f", {absence}waived until {row['waived_until']}" if row["waived_until"] else ""
        rows[f"{row['metric']} {row['statistic']}"] = text
    return rows


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """Name each entry that is not the same in both, a sentence each."""
    keys = dict.fromkeys((*old, *new))
    pairs = [(key, old.get(key, "absent"), new.get(key, "absent")) for key in keys]
    return tuple(f"{key}: '{a}' then '{b}'." for key, a, b in pairs if a != b)
