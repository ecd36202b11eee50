"""`harness speak`: how the pipeline speaks, measured, judged, and to be listened to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.errors import MeasurementError
from harness.verbs import common
from harness.verbs.gate import judged

if TYPE_CHECKING:
    from harness.records import Run

FAMILIES = ("speech", "quality")  # first words of the metrics that it judges


@click.command(short_help="Let the pipeline speak: cost, words, signal, emotion.")
@click.option("--quick", is_flag=True, help="Fewer sentences and runs (`quick` in suite.yaml).")
@click.option("--sentences", metavar="FILE", help="Say these, one a line, or a reference set's.")
@click.option("--count", type=click.IntRange(min=1), help="So many of them, drawn by the seed.")
@click.option(
    "--keep",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Copy the audio of every sentence there.",
)
@common.config
@common.reports
@common.as_json
def speak(
    config: str,
    reports: str,
    quick: bool,
    sentences: str | None,
    count: int | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Let the pipeline say the suite's sentences and hear them again.

    Says what that costs, beside espeak-ng in turn; which words are lost, and by which part; what
    the signal is like; what each control of an emotion does. Its page plays some of the sentences.

    Ends with 1 where a budget or a rule is missed, with 2 where the pipeline does not speak, with 3
    where something is not proven.
    """
    from harness.config import read_settings
    from harness.judge.likeness import budget_facts
    from harness.run.listening import listening
    from harness.run.recording import recorded
    from harness.run.speech.cost import take_cost
    from harness.run.speech.quality import take_quality
    from harness.run.speech.session import NOT_SPOKEN, changed

    settings = read_settings(Path(config), quick=quick)
    common.section(settings.suite.speech, "speech", Path(config))
    settings = changed(settings, sentences=sentences, count=count)
    budgets = tuple(b for b in settings.budgets if b.metric.split(".")[0] in FAMILIES)
    with recorded(
        settings,
        verb="speak",
        runs=common.runs_folder(reports),
        say=common.tell,
        facts={"budgets": budget_facts(budgets)},
    ) as recording:
        take_cost(settings, recording)
        if spoke(recording.run):
            listening(settings, recording)
            take_quality(settings, recording, keep=keep)
    if not spoke(recording.run):
        told = [doubt for doubt in recording.run.doubts if doubt.startswith(NOT_SPOKEN)]
        raise MeasurementError(" ".join(told) or "No sentence was spoken; the lines above say why.")
    sys.exit(judged(recording, budgets, as_json=as_json))


def spoke(run: Run) -> bool:
    """Return whether anything of speaking was measured."""
    return any(m.metric.startswith("speech.") for m in run.measurements)
