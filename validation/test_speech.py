"""How the pipeline speaks: what it costs, and what the signal of its speech is like."""

from __future__ import annotations

import pytest

from harness.plugin import Gate
from harness.records import Budget


@pytest.mark.budgets("speech")
def test_speech(gate: Gate, budget: Budget) -> None:
    """The pipeline speaks as quickly as a release must."""
    gate.budget(budget)


@pytest.mark.rules("quality")
def test_signal(gate: Gate, rule: str) -> None:
    """The signal of every sentence that it says is sound."""
    gate.rule("quality", rule)
