"""What the pipeline understands, and how it speaks."""

from __future__ import annotations

import pytest

from harness.plugin import Gate
from harness.records import Budget


@pytest.mark.budgets("accuracy", "speech", "quality")
def test_quality(gate: Gate, budget: Budget) -> None:
    """The pipeline understands, and speaks, at least as well as a release must."""
    gate.budget(budget)
