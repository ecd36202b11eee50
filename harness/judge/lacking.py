"""Clips that a score lacks: it is never a PASS without them.

A clip is lacking when its line in the manifest or its audio cannot be used, and when the pipeline
gave no answer to it: an exception, a crash, the end of the run's time.
"""

from __future__ import annotations

from dataclasses import replace

from harness.budgets import UNDER
from harness.judge.scores import sets_of
from harness.records import Outcome, Run, Verdict


def lacking_clips(run: Run, name: str) -> tuple[int, int]:
    """Return how many clips of the set `name` are not scored, and of how many that should be.

    A treatment after an @ asks for the clips that were to be heard under it.

    `run.facts["sets"][name]` says what was to be heard; (0, 0) where it does not. What several
    arms heard belongs to none of them alone.
    """
    name, _, treatment = name.partition(UNDER)
    fact = run.facts.get("sets", {}).get(name)
    if fact is None or name not in sets_of(run):
        return 0, 0
    wanted = (name, "", treatment)
    heard = len({t.clip for t in run.transcripts if (t.set, t.arm, t.treatment) == wanted})
    of = int(fact["clips"]) + len(fact.get("lacking", ()))
    return max(of - heard, 0), of


def lacking_sentence(run: Run, name: str) -> str:
    """Say how many clips of a set are not scored; "" where none is lacking."""
    lacking, of = lacking_clips(run, name)
    if not lacking:
        return ""
    return f"{lacking} of {of} clips {'is' if lacking == 1 else 'are'} lacking."


def without_clips(verdict: Verdict, run: Run) -> Verdict:
    """Turn the PASS of a score that lacks clips into NOT PROVEN, and say so in any verdict.

    A score is a metric of one set, `accuracy.<what>.<set>`; other verdicts are returned as given.
    """
    area, _, rest = verdict.budget.metric.partition(".")
    told = lacking_sentence(run, rest.partition(".")[2]) if area == "accuracy" else ""
    if not told:
        return verdict
    sentence = f"{told} Of the others: {verdict.sentence}"
    if verdict.outcome is not Outcome.PASS:
        return replace(verdict, sentence=sentence)
    sentence += " Without the rest that is not proven: mend what every_clip_is_scored names."
    return replace(verdict, outcome=Outcome.NOT_PROVEN, sentence=sentence)
