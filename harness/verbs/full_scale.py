"""Configs of one model side by side: `python -m benchmarks.full_scale`."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.errors import ConfigError
from harness.verbs import common

if TYPE_CHECKING:
    from harness.records import Run
    from harness.suite import FullScale


@click.command(short_help="Configs of one model side by side.")
@click.option(
    "--variant",
    "names",
    multiple=True,
    help="Only this config (give it again for more); the baseline is always there.",
)
@click.option("--rounds", type=click.IntRange(min=3), help="Processes of each config.")
@click.option("--clips", type=click.IntRange(min=1), help="Clips whose words are compared.")
@click.option(
    "--config",
    default="config/sarai.yaml",
    show_default=True,
    help="A pipeline's config: the others lie beside it.",
)
@common.reports
@common.as_json
def full_scale(
    names: tuple[str, ...],
    rounds: int | None,
    clips: int | None,
    config: str,
    reports: str,
    as_json: bool,
) -> None:
    """Measure the configs that suite.yaml names in `full_scale`, process by process in turn.

    Prints the table as Markdown. It gates nothing and ends with 0; with 2 where it could not work.
    """
    from harness.config import read_settings
    from harness.judge.fineness import refuse_finer_than
    from harness.run.full_scale import full_scale as measured
    from harness.run.plan import drawn

    base = Path(config)
    settings = read_settings(base, judged=False)
    part = common.section(settings.suite.full_scale, "full_scale", base)
    cold = min(part.cold, rounds // 2) if rounds else None  # warm loads are wanted too
    given = {"processes": rounds, "cold": cold, "wer_clips": clips}
    part = part.model_copy(update={key: value for key, value in given.items() if value})
    chosen = _chosen(part, names, base)
    part = part.model_copy(update={"repeats": {name: part.repeats[name] for name in chosen}})
    variants = {name: read_settings(base.with_name(f"{name}.yaml"), full=True) for name in chosen}
    heard = drawn(settings, "full_scale.wer_set", part.wer_set, part.wer_clips)
    refuse_finer_than("full_scale.wer_points", part.wer_points / 100, part.wer_set, heard)
    runs = common.runs_folder(reports)
    folder, run = measured(settings, variants, part, runs=runs, say=common.tell)
    show(run, folder, as_json=as_json)


def _chosen(part: FullScale, names: tuple[str, ...], base: Path) -> tuple[str, ...]:
    from harness.strict import nearest

    for name in names:
        if name not in part.repeats:
            suite = base.with_name("suite.yaml")
            raise ConfigError(
                f"--variant {name}: not in full_scale.repeats of {suite}."
                f"{nearest(name, part.repeats)}"
            )
    wanted = (*names, part.baseline) if names else tuple(part.repeats)
    return tuple(name for name in part.repeats if name in wanted)


def show(run: Run, folder: Path, *, as_json: bool) -> None:
    """Judge a full-scale run by today's budgets, draw its page, and print the table."""
    from harness.report.full_scale_markdown import full_scale_markdown
    from harness.report.full_scale_rows import full_scale_table
    from harness.report.page import page
    from harness.store import keep_page

    judged = replace(run, facts={**run.facts, "limits": _limits(run)})
    table, kept = full_scale_table(judged), keep_page(folder, page(judged, ()))
    if table is None:
        raise ConfigError(f"{folder}: it was interrupted before its configs were known.")
    told = {
        "run": run.id,
        "page": str(kept),
        **asdict(table),
        "findings": [asdict(finding) for finding in run.findings],
        "doubts": run.doubts,
    }
    broken = [f"BROKEN  {f.title} Not so: {f.detail}" for f in run.findings if not f.holds]
    text = "\n".join([full_scale_markdown(table), *broken, *(f"DOUBT  {d}" for d in run.doubts)])
    click.echo(common.to_json(told) if as_json else f"{text}\n\npage: {kept}")


def _limits(run: Run) -> dict[str, Any]:
    """Today's rows of each config's bundle."""
    from harness.config import read_settings

    arms = run.facts.get("full_scale", {}).get("arms", {})
    configs = {name: Path(arm["config"]) for name, arm in arms.items()}
    return {
        name: [asdict(budget) for budget in read_settings(config).budgets]
        for name, config in configs.items()
    }
