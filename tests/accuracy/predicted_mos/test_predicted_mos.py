"""Predicted MOS: pinned, never without anchors, and not measured where a predictor is absent."""

from __future__ import annotations

import hashlib
import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from harness.accuracy.predicted_mos import dnsmos
from harness.accuracy.predicted_mos.anchors import LOW_PASS, anchors_of, low_passed, noisy
from harness.accuracy.predicted_mos.onnx_file import OnnxPredictor
from harness.accuracy.predicted_mos.predict import RULE, Loaded, load, predict
from harness.accuracy.predicted_mos.waveform import Waveform, prepared
from harness.errors import PredictorError
from harness.opinions import PredictorFile
from harness.records import Clip
from tests.accuracy.predicted_mos.models import loudness

RATE = 16_000


def sine(level: float = 0.5, hertz: float = 440.0, seconds: float = 1.0) -> Waveform:
    time = np.arange(round(seconds * RATE)) / RATE
    return Waveform((level * np.sin(2 * np.pi * hertz * time)).astype(np.float32), RATE)


@pytest.fixture
def predictor(tmp_path: Path) -> OnnxPredictor:
    """A real model that takes loudness for quality."""
    file = tmp_path / "loudness.onnx"
    return OnnxPredictor("loudness", file, loudness(file), RATE)


@pytest.fixture
def clips(tmp_path: Path) -> tuple[Clip, ...]:
    """Three clips on disk."""

    def clip(number: int) -> Clip:
        file = tmp_path / f"{number}.wav"
        soundfile.write(file, sine(0.1 * (number + 1)).samples, RATE, subtype="FLOAT")
        return Clip(
            id=str(number),
            audio=str(file),
            text="hola",
            language="es",
            speaker="nadie",
            condition="",
            seconds=1.0,
            sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        )

    return tuple(clip(number) for number in range(3))


def test_a_model_scores_every_waveform_by_its_own_samples(predictor: OnnxPredictor) -> None:
    """Worked by hand: 1 + 8 x 0.25 = 3; the mean of |sin| is 2 / pi."""
    flat = Waveform(np.full(100, 0.25, np.float32), RATE)
    found = predictor.score([flat, sine(0.5)])
    assert found[0]["loudness"] == pytest.approx(3.0)
    assert found[1]["loudness"] == pytest.approx(1 + 8 * 0.5 * 2 / np.pi, abs=0.01)


def test_a_waveform_is_resampled_to_the_rate_of_the_model_and_kept_within_full_scale() -> None:
    loud = Waveform(np.tile(np.array([2.0, -2.0], np.float32), 24_000), 48_000)
    made = prepared(loud, RATE)
    assert made.dtype == np.float32
    assert len(made) == 16_000
    assert np.abs(made).max() <= 1


@pytest.mark.parametrize(
    ("samples", "rate", "said"),
    [
        (np.zeros(0), RATE, r"n >= 1.*got \[0\]"),
        (np.zeros((2, 9)), RATE, r"got \[2, 9\]"),
        (np.array([0.0, np.nan, np.inf]), RATE, "got 2 of 3 that are not"),
        (np.zeros(9), 4000, "at 4000 Hz"),
    ],
)
def test_what_is_no_waveform_is_refused(samples: Any, rate: int, said: str) -> None:
    with pytest.raises(PredictorError, match=said):
        prepared(Waveform(samples, rate), RATE)


def test_a_wrong_digest_is_an_error_that_names_both(tmp_path: Path) -> None:
    file = tmp_path / "loudness.onnx"
    right = loudness(file)
    row = PredictorFile(name="loudness", path=str(file), sha256="0" * 64)
    with pytest.raises(PredictorError, match=f"wrong digest of the predictor loudness.*{right}"):
        load([row])


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"shape": (1, 16_000)}, r"n free.*got an input tensor\(float\) \[1, 16000\]"),
        ({"shape": (2, "n")}, r"got an input tensor\(float\) \[2, 'n'\]"),
        ({"many": True}, r"got an output of shape \[1, 16000\]"),
    ],
)
def test_a_model_of_another_contract_is_refused(
    how: dict[str, Any], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "other.onnx"
    digest = loudness(file, **how)
    with pytest.raises(PredictorError, match=said):
        OnnxPredictor("other", file, digest, RATE).score([sine()])


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "no.onnx"
    file.write_bytes(b"no model")
    with pytest.raises(PredictorError, match="onnxruntime cannot load the predictor no"):
        OnnxPredictor("no", file, hashlib.sha256(b"no model").hexdigest(), RATE)


def test_the_voice_and_every_anchor_are_scored_together(
    predictor: OnnxPredictor, clips: tuple[Clip, ...]
) -> None:
    loaded = Loaded(predictors=(predictor,), absent={})
    anchors = anchors_of({"natural": clips, "none": ()}, clips=2, seed=1)
    found = predict({"s1": sine(), "s2": sine(0.1)}, anchors, loaded)
    voice, *beside = found.measurements
    assert (voice.metric, voice.arm) == ("quality.predicted_mos.loudness", "")
    assert voice.clips == ("s1", "s2")
    assert [one.arm for one in beside] == [
        "anchor: natural",
        "anchor: natural, low-pass 3.5 kHz",
        "anchor: natural, noise 10 dB",
    ]
    assert all(len(one.samples) == 2 for one in beside)
    assert found.facts["digests"] == {"loudness": predictor.digest}
    assert [(one.rule, one.holds, one.checked) for one in found.findings] == [(RULE, True, True)]


def test_the_same_seed_gives_the_same_anchors(clips: tuple[Clip, ...]) -> None:
    one, again, other = (anchors_of({"a": clips}, clips=2, seed=seed) for seed in (1, 1, 2))
    name = "a, noise 10 dB"
    assert np.array_equal(one[name][0].samples, again[name][0].samples)
    assert not np.array_equal(one[name][0].samples, other[name][0].samples)


def test_nothing_is_predicted_without_anchors(predictor: OnnxPredictor) -> None:
    loaded = Loaded(predictors=(predictor,), absent={})
    for anchors in ({}, {"natural": ()}):
        with pytest.raises(PredictorError, match="never given alone"):
            predict({"s1": sine()}, anchors, loaded)
    with pytest.raises(PredictorError, match="No anchor"):
        anchors_of({"natural": ()}, clips=2, seed=1)


def test_an_absent_predictor_is_not_measured_and_no_pass(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dnsmos, "find_spec", lambda name: None if name == "speechmos" else 1)
    gone = PredictorFile(name="mine", path=str(tmp_path / "gone.onnx"), sha256="0" * 64)
    found = predict({"s1": sine()}, {"a": [sine()]}, load([gone]))
    assert found.measurements == ()
    assert [(one.rule, one.checked) for one in found.findings] == [(RULE, False)] * 2
    told = " ".join(one.detail for one in found.findings)
    assert "NOT MEASURED: quality.predicted_mos.dnsmos: speechmos not installed. Run: pip" in told
    assert "NOT MEASURED: quality.predicted_mos.mine:" in told


def test_the_low_pass_keeps_what_is_below_and_stops_what_is_above() -> None:
    def rms(waveform: Waveform) -> float:
        return float(np.sqrt(np.square(waveform.samples[RATE // 4 :]).mean()))

    below, above = sine(hertz=LOW_PASS / 2), sine(hertz=LOW_PASS * 2)
    assert rms(low_passed(below)) == pytest.approx(rms(below), rel=0.01)
    assert rms(low_passed(above)) < 0.001 * rms(above)


def test_the_noise_lies_ten_decibels_below_the_speech() -> None:
    clean = sine(0.2, seconds=3.0)
    added = noisy(clean, np.random.default_rng(1)).samples - clean.samples
    ratio = np.square(clean.samples).mean() / np.square(added).mean()
    assert 10 * np.log10(ratio) == pytest.approx(10, abs=0.3)


@pytest.fixture(scope="module")
def installed() -> Any:
    """DNSMOS itself; skipped where speechmos is not installed."""
    if reason := dnsmos.absent():
        pytest.skip(reason)
    return dnsmos.Dnsmos()


@pytest.mark.slow  # a second of audio takes it a quarter of one, and librosa its imports
def test_dnsmos_hears_noise(installed: Any) -> None:
    clip = Path("validation/reference_sets/es_synthetic/audio/es_synthetic_000.flac")
    samples, rate = soundfile.read(clip, dtype="float32")
    clean = Waveform(samples, rate)
    good, bad = installed.score([clean, noisy(clean, np.random.default_rng(1))])
    assert set(good) == {"dnsmos_ovrl", "dnsmos_sig", "dnsmos_bak", "dnsmos_p808"}
    assert all(1 <= value <= 5 for value in good.values())
    assert good["dnsmos_bak"] > bad["dnsmos_bak"] + 1
    assert good["dnsmos_ovrl"] > bad["dnsmos_ovrl"]


def test_dnsmos_of_another_digest_is_refused(installed: Any, tmp_path: Path) -> None:
    folder = Path(str(importlib.import_module("speechmos").__file__)).parent
    shutil.copytree(folder / "dnsmos_models", tmp_path / "dnsmos_models")
    with (tmp_path / "dnsmos_models/model_v8.onnx").open("ab") as file:
        file.write(b"\0")
    make: Callable[[Path], Any] = dnsmos.Dnsmos
    with pytest.raises(PredictorError, match=r"model_v8.onnx: wrong digest of the predictor"):
        make(tmp_path)
