"""The command that takes one measurement of a run again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from harness.records import Budget, Run, Verdict

GATES = ("bench", "validate")  # verbs whose tests are chosen by -k


def repeat_command(run: Run, budget: Budget) -> str:
    """Return the line that repeats what `budget` is about, to be pasted into a shell."""
    words = ["harness", run.verb, "--config", run.config]
    if run.verb in GATES:
        words += ["-k", f"{budget.metric}.{budget.statistic}"]
    if run.facts.get("quick"):
        words.append("--quick")
    return shlex.join(words)


def repeat_commands(run: Run, verdicts: Iterable[Verdict]) -> Mapping[str, str]:
    """Return the line for each budget by its name: "latency.end_to_end.p95"."""
    budgets = (verdict.budget for verdict in verdicts)
    return {f"{one.metric}.{one.statistic}": repeat_command(run, one) for one in budgets}
