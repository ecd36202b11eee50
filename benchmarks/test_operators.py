"""Where the time goes inside an inference: onnxruntime's own profile."""

from __future__ import annotations

import pytest

from harness.plugin import Gate


@pytest.mark.rules("operators")
def test_operators(gate: Gate, rule: str) -> None:
    """Every node of the model that ran is timed; what it takes gates nothing."""
    gate.rule("operators", rule)
