"""Answers of a smaller model that took over: they prove nothing about the model that is measured.

Which samples of the run were the smaller one's is not told apart: so much of what is timed and
weighed is of the whole process. No budget of such a run is a PASS.
"""

from __future__ import annotations

from dataclasses import replace

from harness.records import Outcome, Run, Verdict

METRIC = "fallbacks"
RULE = "answers_come_from_the_measured_model"  # the finding that says which, and why


def fallback_sentence(run: Run) -> str:
    """Say how many answers of a run came from another model; "" where none did."""
    found = [one for one in run.measurements if one.metric == METRIC]
    count = int(sum(sum(one.samples) for one in found))
    if not count:
        return ""
    return f"{count} {'answer' if count == 1 else 'answers'} came from another model (a fallback)."


def without_fallbacks(verdict: Verdict, run: Run) -> Verdict:
    """Turn a PASS into NOT PROVEN where another model answered, and say so in any verdict."""
    told = fallback_sentence(run)
    if not told:
        return verdict
    sentence = f"{told} With those: {verdict.sentence}"
    if verdict.outcome is not Outcome.PASS:
        return replace(verdict, sentence=sentence)
    sentence += f" Of the measured one nothing is proven: mend what {RULE} names."
    return replace(verdict, outcome=Outcome.NOT_PROVEN, sentence=sentence)
