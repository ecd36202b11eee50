"""Quality of what was timed: a quick answer that is wrong is no answer."""

from __future__ import annotations

import pytest

from harness.plugin import Gate
from harness.records import Budget


@pytest.mark.budgets("accuracy")
def test_quality(gate: Gate, budget: Budget) -> None:
    """The pipeline understands at least as well as budgeted."""
    gate.budget(budget)
