"""A config that names another model than the one that lies there is doubted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.config import read_settings
from harness.run.naming import name_doubt, words

ROOT = Path(__file__).parents[2]
SETTINGS = read_settings(ROOT / "config/reference.yaml", judged=False)


def doubt(config: str, model: dict[str, Any]) -> str:
    return name_doubt(replace(SETTINGS, name=config), model)


@pytest.mark.parametrize(
    ("config", "manifest", "fits"),
    [
        pytest.param("Spanish reference model", "reference", True, id="one word of several"),
        pytest.param("Spanish reference model, int8", "reference.int8", True, id="signs"),
        pytest.param("Qwen3-Omni-3B-Complete", "Qwen3-Omni-3B", True, id="the product's model"),
        pytest.param("qwen3 omni 3b", "Qwen3-Omni-3B", True, id="case"),
        pytest.param("Qwen3-Omni-3B-Complete", "Qwen3-VL-4B", False, id="what the document links"),
        pytest.param("Qwen3-Omni-3B-Complete", "rehearsal", False, id="the rehearsal"),
        pytest.param("Qwen3-Omni-3B-Complete", "", True, id="a manifest without a name"),
        pytest.param("", "rehearsal", True, id="a config without a name"),
    ],
)
def test_the_words_of_the_model_s_name_are_among_the_config_s(
    config: str, manifest: str, fits: bool
) -> None:
    assert (doubt(config, {"manifest": {"name": manifest}}) == "") is fits


def test_the_doubt_says_what_lies_there_what_is_missing_and_what_to_do() -> None:
    told = doubt("Qwen3-Omni-3B-Complete", {"manifest": {"name": "Qwen3-VL-4B"}})
    assert "calls itself 'Qwen3-VL-4B'" in told
    assert "The config lacks: 4b, vl." in told
    assert "or correct the name" in told


def test_without_a_manifest_the_name_in_the_graph_s_metadata_counts() -> None:
    assert doubt("reference", {"manifest": None, "metadata": {"name": "other"}})
    assert not doubt("reference", {"manifest": None, "metadata": {}})


def test_the_reference_config_fits_the_bundle_that_is_shipped() -> None:
    assert SETTINGS.name == "Spanish reference model"
    assert words("reference") <= words(SETTINGS.name)
