"""`harness soak`: many requests in one process, and whether its memory grows."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from harness.verbs import common
from harness.verbs.gate import judged


@click.command()
@click.option("--quick", is_flag=True, help="Fewer clips and rounds (`quick` in suite.yaml).")
@common.reports
@common.config
@common.as_json
@click.option(
    "--requests",
    type=click.IntRange(min=1),
    help="How many in all, the warm-up's too. Default: the rounds of suite.yaml.",
)
def soak(config: str, reports: str, quick: bool, requests: int | None, as_json: bool) -> None:
    """Send many requests of mixed lengths, 1 % of them bad, and see whether anything grows.

    Ends with 1 where memory is shown to grow by more than the stated rate, where files or threads
    stay open, where bad input is answered or ends in an error that is none of the pipeline's own,
    and where a clip's text changes; with 3 where memory is shown neither to grow nor not to.
    """
    from harness.accuracy.sets import set_digest
    from harness.budgets import growth_budgets
    from harness.config import read_settings
    from harness.judge.likeness import budget_facts
    from harness.measure.soak import NO_BAD_INPUT, BadInput, soak_pass
    from harness.measure.spoiled import spoiled_clips
    from harness.progress import progress
    from harness.run.jobs import job_of
    from harness.run.plan import drawn
    from harness.run.recording import recorded

    settings = read_settings(Path(config), quick=quick)
    part = common.section(settings.suite.soak, "soak", Path(config))
    sets = {name: drawn(settings, "soak.sets", name, part.clips) for name in part.sets}
    clips = tuple(clip for chosen in sets.values() for clip in chosen)
    each = part.warmup + part.rounds
    if requests is not None:
        each = max(part.warmup + 4, math.ceil(requests / (part.processes * len(clips))))
    timeout_s = part.timeout_s * each / (part.warmup + part.rounds)
    job = job_of(settings, clips, processes=part.processes, timeout_s=timeout_s)
    budgets = growth_budgets(settings.suite, settings.budgets)
    common.tell(
        f"soak: {part.processes} processes, {part.warmup} + {each - part.warmup} rounds of "
        f"{len(clips)} clips from {', '.join(sets)}; bad input: {'1 %' if part.refusal else 'none'}"
    )
    total = part.processes * each * len(clips)
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
        TemporaryDirectory() as folder,
    ):
        bad = NO_BAD_INPUT
        if part.refusal:
            bad = BadInput(clips=spoiled_clips(Path(folder)), refusal=part.refusal)
        rounds = each - part.warmup
        soak_pass(job, recording.keep, warmup=part.warmup, rounds=rounds, bad=bad, step=step)
    sys.exit(judged(recording, budgets, as_json=as_json))
