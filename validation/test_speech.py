"""The signal of what the pipeline says."""

from __future__ import annotations

import pytest

from harness.plugin import Gate


@pytest.mark.rules("quality")
def test_signal(gate: Gate, rule: str) -> None:
    """The signal of every sentence that it says is sound."""
    gate.rule("quality", rule)
