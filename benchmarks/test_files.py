"""The model's files, as far as they can be told without reading a weight."""

from __future__ import annotations

import pytest

from harness.plugin import Gate


@pytest.mark.rules("files")
def test_files(gate: Gate, rule: str) -> None:
    """Graphs can be read, their data files are there, and every tensor lies inside its file."""
    gate.rule("files", rule)
