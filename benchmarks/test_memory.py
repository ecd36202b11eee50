"""Memory: what the kernel counted for processes of their own."""

from __future__ import annotations

import pytest

from harness.plugin import Gate
from harness.records import Budget


@pytest.mark.budgets("memory")
def test_memory(gate: Gate, budget: Budget) -> None:
    """The process never holds more memory than budgeted, from its start to its exit."""
    gate.budget(budget)
