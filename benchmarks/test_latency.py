"""Time: loading, the first result, and every stage of one request."""

from __future__ import annotations

import pytest

from harness.plugin import Gate
from harness.records import Budget


@pytest.mark.budgets("latency")
def test_latency(gate: Gate, budget: Budget) -> None:
    """Loading and each stage of a request of one window take no longer than budgeted."""
    gate.budget(budget)
