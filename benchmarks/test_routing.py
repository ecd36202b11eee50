"""What the LangGraph node costs beside the pipeline that it calls."""

from __future__ import annotations

import pytest

from harness.plugin import Gate
from harness.records import Budget


@pytest.mark.budgets("routing")
def test_routing(gate: Gate, budget: Budget) -> None:
    """A request through the graph takes hardly more time than the pipeline itself."""
    gate.budget(budget)
