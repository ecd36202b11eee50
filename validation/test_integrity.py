"""The bundle on disk, the contract of its model, and its canaries."""

from __future__ import annotations

import pytest

from harness.plugin import Gate


@pytest.mark.rules("integrity")
def test_integrity(gate: Gate, rule: str) -> None:
    """The files of the bundle are whole and are those that its manifest was written for."""
    gate.rule("integrity", rule)


@pytest.mark.rules("contract")
def test_contract(gate: Gate, rule: str) -> None:
    """The model takes and returns what its contract says, and the same each time."""
    gate.rule("contract", rule)


@pytest.mark.rules("canaries")
def test_canaries(gate: Gate, rule: str) -> None:
    """The model answers fixed codes as it did when it was sealed."""
    gate.rule("canaries", rule)
