"""`harness soak`: many requests in one process, and whether its memory grows."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.verbs import common
from harness.verbs.gate import judged


@click.command()
@click.option("--quick", is_flag=True, help="Fewer clips and rounds (`quick` in suite.yaml).")
@common.reports
@common.config
@common.as_json
def soak(config: str, reports: str, quick: bool, as_json: bool) -> None:
    """Send many requests of mixed lengths and see whether memory grows.

    Ends with 1 where growth is shown that exceeds the stated rate, with 3 where neither that nor
    the contrary is shown.
    """
    from harness.accuracy.sets import set_digest
    from harness.budgets import growth_budgets
    from harness.config import read_settings
    from harness.judge.likeness import budget_facts
    from harness.measure.soak import soak_pass
    from harness.progress import progress
    from harness.run.jobs import job_of
    from harness.run.plan import drawn
    from harness.run.recording import recorded

    settings = read_settings(Path(config), quick=quick)
    part = common.section(settings.suite.soak, "soak", Path(config))
    sets = {name: drawn(settings, "soak.sets", name, part.clips) for name in part.sets}
    clips = tuple(clip for chosen in sets.values() for clip in chosen)
    job = job_of(settings, clips, processes=part.processes, timeout_s=part.timeout_s)
    budgets = growth_budgets(settings.suite, settings.budgets)
    common.tell(
        f"soak: {part.processes} processes, {part.warmup} + {part.rounds} rounds of "
        f"{len(clips)} clips from {', '.join(sets)}"
    )
    total = part.processes * (part.warmup + part.rounds) * len(clips)
    with (
        recorded(
            settings,
            verb="soak",
            runs=common.runs_folder(reports),
            say=common.tell,
            facts={"budgets": budget_facts(budgets), "soak": {"round": len(clips)}},
            identity={f"set {name}": set_digest(chosen) for name, chosen in sets.items()},
        ) as recording,
        progress("soak, requests", total=total) as step,
    ):
        soak_pass(job, recording.keep, warmup=part.warmup, rounds=part.rounds, step=step)
    sys.exit(judged(recording, budgets, as_json=as_json))
