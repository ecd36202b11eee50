"""`harness conditions`: what noise, lines, rooms and levels do to the word error rate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.accuracy.conditions.treatment import Kind
from harness.errors import ConfigError
from harness.verbs import common
from harness.verbs.common import COULD_NOT_WORK, MISSED, PASSED
from harness.verbs.gate import exit_code as gate_code
from harness.verbs.gate import refusals

if TYPE_CHECKING:
    from harness.judge.conditions import Trade
    from harness.records import Run, Verdict


@click.command()
@click.option("--quick", is_flag=True, help="Fewer clips (`quick` in suite.yaml).")
@click.option("--clips", type=click.IntRange(min=1), help="So many clips, drawn by the seed.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Only this kind; more than once for several.",
)
@click.option("--against", metavar="CONFIG", help="Let a second pipeline hear the same clips.")
@common.reports
@common.config
@common.as_json
def conditions(
    config: str,
    reports: str,
    quick: bool,
    clips: int | None,
    only: tuple[str, ...],
    against: str | None,
    as_json: bool,
) -> None:
    """Hear a set again under noise, over a line, in a room; say what each costs.

    With --against, say what the second pipeline wins on the clean clips and loses under the
    conditions. Two stored runs are compared by `harness compare`.

    Judged are the budgets on such a set, accuracy.wer.SET@white 10. Ends with 1 where one is missed
    or a process failed, with 2 where a clip could not be treated or was refused, with 3 where one
    is not proven.
    """
    from harness.config import read_settings

    if against is not None:
        read_settings(Path(against), quick=quick)  # what is wrong with it is told at once
    first = _heard(config, reports, quick, clips, only)
    if against is None:
        sys.exit(show(first[1], first[0], as_json=as_json))
    second = _heard(config, reports, quick, clips, only, by=against)
    judged = verdicts_on(first[1])
    _keep(*first, judged)
    code = show(second[1], second[0], as_json=as_json, first=first[1])
    sys.exit(max(code, exit_code(first[1], judged)))


def _heard(
    config: str,
    reports: str,
    quick: bool,
    clips: int | None,
    only: tuple[str, ...],
    *,
    by: str | None = None,
) -> tuple[Path, Run]:
    """Record what `config` asks for; heard by the pipeline `by` where that is given."""
    from harness.config import read_settings
    from harness.run.conditions import listen, treatments

    settings = read_settings(Path(config), quick=quick)
    part = common.section(settings.suite.conditions, "conditions", Path(config))
    if clips is not None:
        part = part.model_copy(update={"clips": clips})
    wanted = treatments(part, only)
    if not wanted:
        raise ConfigError(
            f"{Path(config).parent / 'suite.yaml'}: `conditions` asks for no "
            f"{' or '.join(only) or 'treatment'}. Give levels there, or another --only."
        )
    if by is not None:
        settings = read_settings(Path(by), quick=quick)
        own = common.section(settings.suite.conditions, "conditions", Path(by))
        part = part.model_copy(update={"timeout_s": max(part.timeout_s, own.timeout_s)})
    return listen(settings, part, wanted, runs=common.runs_folder(reports), say=common.tell)


def show(run: Run, folder: Path, *, as_json: bool, first: Run | None = None) -> int:
    """Draw the page of such a run, print what came of it, and return the exit code.

    `first` is the run that it is set against.
    """
    from dataclasses import asdict

    from harness.judge.conditions import severities, trade
    from harness.report.conditions_table import conditions_table, trade_table

    judged = verdicts_on(run)
    page, colour = _keep(folder, run, judged), common.colour()
    traded = trade(first, run) if first else None
    if as_json:
        told: dict[str, Any] = {
            "run": run.id,
            "page": page,
            "conditions": [_told(one) for one in severities(run)],
            "verdicts": [asdict(verdict) for verdict in judged],
            **({"trade": trade_told(traded)} if traded else {}),
            "findings": [finding.detail for finding in run.findings if not finding.holds],
            "doubts": run.doubts,
        }
        click.echo(common.to_json(told))
    else:
        other = f"{conditions_table(first, colour=colour)}\n" if first else ""
        weighed = f"\n{trade_table(traded, colour=colour)}" if traded else ""
        lines = "".join(f"\n{v.outcome}  {v.budget.title}. {v.sentence}\n" for v in judged)
        told_so = f"{other}{conditions_table(run, colour=colour)}{weighed}{lines}"
        click.echo(f"{told_so}\npage: {page}")
    return exit_code(run, judged)


def verdicts_on(run: Run) -> tuple[Verdict, ...]:
    """Judge the budgets on what was heard under the treatments asked for; none without a config."""
    from harness.budgets import UNDER
    from harness.config import read_settings
    from harness.judge.verdicts import judge_all

    config, told = Path(run.config), run.facts.get("conditions", {})
    if not config.is_file():
        return ()
    asked = {f"{told.get('set')}{UNDER}{name}" for name in told.get("treatments", ())}
    rows = read_settings(config).treated
    return judge_all((row for row in rows if row.metric.split(".", 2)[2] in asked), run)


def exit_code(run: Run, verdicts: tuple[Verdict, ...]) -> int:
    """0 kept, 1 a budget missed or a process failed, 2 a clip was not heard, 3 not proven."""
    from harness.run.conditions import TREATABLE

    broken = [finding.rule for finding in run.findings if not finding.holds]
    if TREATABLE in broken or refusals(run):
        return COULD_NOT_WORK
    if broken:
        return MISSED
    return gate_code(run, verdicts, strict=True) if verdicts else PASSED


def trade_told(trade: Trade) -> dict[str, Any]:
    """Return a trade as plain data."""
    from dataclasses import asdict

    from harness.report.conditions_rows import trade_line

    sides = {name: asdict(getattr(trade, name)) for name in ("clean", "conditions", "net")}
    changes = [
        {"treatment": str(treatment or ""), "old": c.old, "new": c.new, "word": c.word}
        for treatment, c in trade.changes
    ]
    about = {"set": trade.set, "clips": trade.clips, "word": trade.word, "changes": changes}
    return {**about, **sides, "sentence": trade_line(trade)}


def _told(one: Any) -> dict[str, Any]:
    from dataclasses import asdict

    total = one.score.total
    return {
        "set": one.set,
        "treatment": str(one.treatment),
        "clips": len(one.score.counts),
        **asdict(total),
        "wer": total.rate,
        "interval": one.interval and asdict(one.interval),
        "clean": one.clean,
        "more": one.more,
        "difference": one.difference and asdict(one.difference),
    }


def _keep(folder: Path, run: Run, verdicts: tuple[Verdict, ...]) -> str:
    from harness.report.page import page
    from harness.store import keep_page

    return str(keep_page(folder, page(run, verdicts)))
