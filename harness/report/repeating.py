"""The command that takes one measurement of a run again."""

from __future__ import annotations

import shlex

from harness.records import Budget, Run

GATES = ("bench", "validate")  # verbs whose tests are chosen by -k


def repeat_command(run: Run, budget: Budget) -> str:
    """Return the line that repeats what `budget` is about, to be pasted into a shell."""
    words = ["harness", run.verb, "--config", run.config]
    if run.verb in GATES:
        words += ["-k", f"{budget.metric}.{budget.statistic}"]
    if run.facts.get("quick"):
        words.append("--quick")
    return shlex.join(words)
