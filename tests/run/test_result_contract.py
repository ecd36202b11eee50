"""What `process_audio` owes is read off the manifest, and the project's own pipeline keeps it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agents.audio_omni_pipeline import AudioOmniPipeline
from harness.config import Settings, read_settings
from harness.measure.inside.agreed import broken
from harness.run.jobs import result_contract

PROJECT = Path(__file__).parents[2]
LONG = PROJECT / "validation/reference_sets/es_long/audio/es_long_000.flac"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the reference model."""
    monkeypatch.chdir(PROJECT)
    return read_settings(Path("config/reference.yaml"))


def test_it_is_the_manifest_s(settings: Settings) -> None:
    assert result_contract(settings) == {
        "codes": {"dtype": "int64", "shape": [1, 16, 128], "codebook": 2048},
        "features": {"dtype": "float32", "shape": [1, 144, 1024], "least": [1, 144, 1024]},
    }


def test_without_a_manifest_it_is_the_product_s(settings: Settings, tmp_path: Path) -> None:
    bare = replace(settings, model=tmp_path / "model.onnx", cut=True)
    assert result_contract(bare)["features"]["shape"] == [1, 2048, 245_760]


@pytest.mark.parametrize("output", ["full", "frames"])
def test_our_pipeline_keeps_it_over_several_windows(
    settings: Settings, tmp_path: Path, output: str
) -> None:
    config = tmp_path / "own.yaml"
    text = (PROJECT / "config/reference.yaml").read_text("utf-8")
    text = text.replace("models/", f"{PROJECT}/models/")
    config.write_text(f"{text}  output: {output}\n")
    result = AudioOmniPipeline.from_file(config).process_audio(LONG.read_bytes())
    assert result["metadata"]["windows"] >= 2
    contract = result_contract(replace(settings, cut=output == "frames"))
    assert broken(result, contract) == ""
    result["mel_features"] = result["mel_features"][..., :1024]
    assert "mel_features: expected" in broken(result, contract)
