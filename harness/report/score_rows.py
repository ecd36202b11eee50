"""Finished rows about a run of `harness score`: its verdict, its speed, and what it lacks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.judge.scored import Scored, scored
from harness.records import Run, Verdict
from harness.report import rows
from harness.report.names import NONE, interval_text, rate_text
from harness.report.rows import Headline
from harness.report.score_closing import HEADS, cells, how
from harness.units import Unit, show

VERB = "score"
SHOWN = 50  # lacking clips that are named one by one


@dataclass(frozen=True, kw_only=True)
class ScoreTable:
    """One pipeline on one set."""

    heads: tuple[str, ...]
    cells: tuple[str, ...]
    how: str  # workers, view, digest of the set, errors
    lacking: tuple[str, ...]  # file, line and reason of what could not be used


def score_table(run: Run) -> ScoreTable | None:
    """Return what the run found of its set; None for a run of another verb."""
    found = _scored(run)
    if found is None:
        return None
    told = [str(one) for one in run.facts["sets"][found.name].get("lacking", ())]
    more = len(told) - SHOWN
    named = (*told[:SHOWN], *([f"And {show(more, Unit.COUNT)} more."] if more > 0 else []))
    return ScoreTable(heads=HEADS, cells=cells(found), how=how(found), lacking=named)


def score_headline(run: Run, verdicts: tuple[Verdict, ...]) -> Headline:
    """Return the verdict on the set with its rate; as the exit code of `harness score` has it."""
    judged, found = rows.headline(run, verdicts), _scored(run)
    if found is None or found.score is None:
        return replace(judged, word="NOTHING HEARD", style="fail", sentence="No clip has a text.")
    interval = interval_text(found.score.interval(), Unit.RATIO)
    sure = "" if interval == NONE else f", 95 % interval {interval}"
    text = f"{found.name}: WER {rate_text(found.score.total)}{sure}."
    if found.lacking:
        clips = f"{show(found.lacking, Unit.COUNT)} of {show(found.asked, Unit.COUNT)} clips"
        text = f"{clips} lack an answer, so nothing is passed. Of the others: {text}"
        return replace(judged, word="LACKING", style="fail", sentence=text)
    if not verdicts:
        return replace(judged, word="SCORED", style="none", sentence=f"{text} No budget is on it.")
    return replace(judged, sentence=f"{text} {judged.sentence}")


def _scored(run: Run) -> Scored | None:
    sets = run.facts.get("sets", {})
    return scored(run, next(iter(sets))) if run.verb == VERB and sets else None
