"""The files of the reference model that the project ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents import audio
from agents.audio_omni_pipeline import AudioOmniPipeline
from harness.accuracy.sets import check_digests, read_set
from harness.accuracy.text import GATED
from harness.accuracy.wer import score, total
from harness.integrity.contract import check_contract
from harness.integrity.drift import check_canaries
from harness.integrity.rules import check_bundle

PROJECT = Path(__file__).parents[2]
BUNDLE = PROJECT / "models" / "onnx" / "reference"
SETS = PROJECT / "validation" / "reference_sets"
NAMES = sorted(path.parent.name for path in SETS.glob("*/manifest.jsonl"))


@pytest.fixture(scope="module")
def pipeline() -> AudioOmniPipeline:
    return AudioOmniPipeline.from_file(PROJECT / "config" / "reference.yaml")


def test_the_bundle_is_whole_and_keeps_its_contract() -> None:
    model = BUNDLE / "core.onnx"
    findings = check_bundle(model) + check_contract(model) + check_canaries(model)[0]
    assert [f"{f.rule}: {f.detail}" for f in findings if not (f.holds and f.checked)] == []


def test_the_bundle_stays_below_twenty_megabytes() -> None:
    assert sum(path.stat().st_size for path in BUNDLE.iterdir()) < 20_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_audio_of_a_reference_set_is_what_its_manifest_says(name: str) -> None:
    findings = check_digests(read_set(SETS / name))
    assert findings
    assert [f.detail for f in findings if not f.holds] == []


def test_it_understands_commands_that_it_never_heard(pipeline: AudioOmniPipeline) -> None:
    clips = read_set(SETS / "es_synthetic")[::15]
    heard = [str(pipeline.process_audio(Path(c.audio).read_bytes())["text"]) for c in clips]
    counts = total(score(c.text, h, GATED) for c, h in zip(clips, heard, strict=True))
    assert counts.rate is not None
    assert counts.rate < 0.10  # a smoke alarm; the gate is the run's, over the whole set


def test_it_reads_a_paragraph_longer_than_a_window(pipeline: AudioOmniPipeline) -> None:
    clip = read_set(SETS / "es_long")[0]
    result = pipeline.process_audio(Path(clip.audio).read_bytes())
    windows = result["metadata"]["windows"]
    assert windows >= 2
    assert result["audio_codes"].shape == (1, 16, 128 * windows)
    rate = score(clip.text, result["text"], GATED).rate
    assert rate is not None
    assert rate < 0.15


def test_silence_has_no_words(pipeline: AudioOmniPipeline) -> None:
    assert pipeline.process_audio(audio.sine(0.0))["text"] == ""


def test_a_pure_tone_has_codes_in_range_and_finite_features(pipeline: AudioOmniPipeline) -> None:
    result = pipeline.process_audio(audio.sine(440.0, 24_000))
    assert result["audio_codes"].shape == (1, 16, 128)
    assert result["audio_codes"].min() >= 0
    assert result["audio_codes"].max() < 2_048
    assert result["mel_features"].shape == (1, 144, 1_024)
    assert np.isfinite(result["mel_features"]).all()
