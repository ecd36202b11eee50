"""The measured processes themselves."""

from __future__ import annotations

from harness.plugin import Gate


def test_processes(gate: Gate) -> None:
    """Every measured process answered every request and ended by itself, in time."""
    gate.processes()
