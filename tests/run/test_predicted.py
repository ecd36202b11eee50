"""The predicted MOS of a voice as a run records it, from the suite's own words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness.accuracy.predicted_mos import dnsmos
from harness.accuracy.predicted_mos.waveform import Waveform
from harness.judge.predicted import predictions
from harness.opinions import PredictedMos, PredictorFile
from harness.records import Finding, Measurement
from harness.report.page import page
from harness.run.predicted import take_predicted
from tests.accuracy.predicted_mos.models import loudness
from tests.sample_run import empty_run

SETS = Path(__file__).parents[2] / "validation/reference_sets"


def test_a_run_holds_the_voice_beside_its_anchors_and_shows_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dnsmos, "find_spec", lambda name: None)
    file = tmp_path / "loudness.onnx"
    mine = PredictorFile(name="loudness", path=str(file), sha256=loudness(file))
    part = PredictedMos(predictors=(mine,), anchors=("es_window",), human="nobody", clips=2)
    suite = SimpleNamespace(predicted_mos=part, sets=str(SETS), seed=1)
    kept: list[Any] = []
    facts: dict[str, Any] = {}
    doubts: list[str] = []
    recording: Any = SimpleNamespace(
        keep=kept.append, fact=facts.__setitem__, doubt=doubts.append, say=lambda text: None
    )
    settings: Any = SimpleNamespace(suite=suite)
    noise = np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)
    take_predicted(settings, {"s1": Waveform(noise, 16_000)}, recording)
    run = empty_run(
        measurements=tuple(one for one in kept if isinstance(one, Measurement)),
        findings=tuple(one for one in kept if isinstance(one, Finding)),
        facts=facts,
    )
    (one,) = predictions(run)
    assert one.voice.mean == pytest.approx(1 + 8 * 0.1 * np.sqrt(2 / np.pi), rel=0.02)
    assert list(one.anchors) == [
        "es_window",
        "es_window, low-pass 3.5 kHz",
        "es_window, noise 10 dB",
    ]
    assert doubts == ["No human anchor of a MOS: nobody is absent. Put such a set there."]
    shown = page(run, ())
    assert "Predicted MOS, beside anchors" in shown
    assert shown.count("anchor: es_window") == 3
    assert "NOT MEASURED: quality.predicted_mos.dnsmos" in shown


def test_a_suite_without_it_takes_nothing() -> None:
    settings: Any = SimpleNamespace(suite=SimpleNamespace(predicted_mos=None))
    recording: Any = None
    take_predicted(settings, {}, recording)
