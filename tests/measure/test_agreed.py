"""Whether a result keeps its contract is seen where it is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.measure.inside.agreed import broken
from harness.measure.passes import transcribe_pass
from harness.records import Expect, Measurement, Transcript

CONTRACT: dict[str, dict[str, Any]] = {
    "codes": {"dtype": "int64", "shape": [1, 2, 8], "codebook": 100},
    "features": {"dtype": "float32", "shape": [1, 6, 64], "least": [1, 6, 64]},
}
CUT: dict[str, dict[str, Any]] = {
    **CONTRACT,
    "features": {**CONTRACT["features"], "least": [1, 3, 16]},
}


def result(**other: Any) -> dict[str, Any]:
    """Return what a pipeline owes for two windows, with some of it changed."""
    kept = {
        "mel_features": np.ones((1, 6, 128), np.float32),
        "audio_codes": np.full((1, 2, 16), 99),
        "text": "hola",
        "metadata": {},
    }
    return {**kept, **other}


def spoilt(value: float) -> Any:
    features = np.ones((1, 6, 128), np.float32)
    features[0, 5, 127] = value
    return features


def test_what_was_agreed_is_kept() -> None:
    one = {"mel_features": np.ones((1, 6, 64), np.float32), "audio_codes": np.zeros((1, 2, 8), int)}
    assert broken(result(), CONTRACT) == ""
    assert broken(result(**one), CONTRACT) == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": None}, "text: expected str, got NoneType"),
        ({"metadata": []}, "metadata: expected dict, got list"),
        ({"mel_features": None}, "mel_features: expected [1, 6, 128], got NoneType"),
        ({"mel_features": np.ones((1, 6, 64), np.float32)}, "expected [1, 6, 128], got [1, 6, 64]"),
        ({"mel_features": np.ones((6, 128), np.float32)}, "got [6, 128]"),
        ({"mel_features": np.ones((1, 6, 128))}, "mel_features: expected float32, got float64"),
        ({"mel_features": spoilt(np.nan)}, "1 of 768 values looked at are NaN or infinite"),
        ({"mel_features": spoilt(-np.inf)}, "1 of 768 values looked at are NaN or infinite"),
        ({"audio_codes": [[1]]}, "audio_codes: expected [1, 2, 8] x windows, got list"),
        ({"audio_codes": np.zeros((1, 2, 12), int)}, "got [1, 2, 12]"),
        ({"audio_codes": np.zeros((1, 2, 0), int)}, "got [1, 2, 0]"),
        ({"audio_codes": np.zeros((1, 2, 16), np.int32)}, "expected int64, got int32"),
        ({"audio_codes": np.full((1, 2, 16), 100)}, "expected 0 to 99, got 100 to 100"),
        ({"audio_codes": np.full((1, 2, 16), -1)}, "expected 0 to 99, got -1 to -1"),
    ],
)
def test_each_breach_is_named(given: dict[str, Any], said: str) -> None:
    assert said in broken(result(**given), CONTRACT)


def test_what_is_missing_is_named() -> None:
    assert broken("hola", CONTRACT) == "expected a dict, got str"
    told = broken({"text": "hola"}, CONTRACT)
    assert told == "missing: mel_features, audio_codes, metadata"


def test_a_model_that_is_cut_owes_what_the_text_is_read_from() -> None:
    for shape in ((1, 3, 32), (1, 4, 64), (1, 6, 128)):
        assert broken(result(mel_features=np.ones(shape, np.float32)), CUT) == ""
    for shape in ((1, 2, 32), (1, 3, 16), (1, 3, 40), (1, 6, 256)):
        assert "expected" in broken(result(mel_features=np.ones(shape, np.float32)), CUT)
    assert "expected" in broken(result(mel_features=np.ones((1, 3, 32), np.float32)), CONTRACT)


@pytest.mark.parametrize(
    ("contract", "broke"), [(None, None), (CONTRACT, "missing: mel_features, audio_codes")]
)
def test_a_transcript_tells_what_its_result_broke(
    make_job: Any, contract: Any, broke: str | None
) -> None:
    job = make_job({"a": {"text": "hola"}}, contract=contract)
    told: list[Any] = []
    transcribe_pass(job, {"words": job.clips}, told.append)
    (heard,) = (one for one in told if isinstance(one, Transcript))
    assert heard.broke == broke
    speeds = [m for m in told if isinstance(m, Measurement)]
    assert [m.metric for m in speeds] == ["host.yardstick_hearing"]
    assert min(speeds[0].samples) > 0


def test_a_transcript_keeps_what_its_clip_asks_for(make_job: Any) -> None:
    job = make_job({"a": {"text": "hola"}})
    asked = Expect(intent="greet")
    told: list[Any] = []
    transcribe_pass(job, {"words": [replace(job.clips[0], expect=asked)]}, told.append)
    assert [one.expect for one in told if isinstance(one, Transcript)] == [asked]
