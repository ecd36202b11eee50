"""Systems that speak, in real processes: what they cost, what they said, and what goes wrong."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import pytest

from harness.measure.beside import espeak
from harness.measure.job import Job
from harness.measure.keeper import ANSWERS
from harness.measure.speech import Request, System, cost_pass, refusal, speak, written
from harness.records import Finding, Measurement
from harness.units import Unit

STAGES = {name: name for name in ("text_front_end", "acoustic_model", "vocoder")}
TEXTS = ("hola", "pon la luz", "son las tres")


def talking(
    folder: Path,
    *requests: Request,
    method: str = "generate_audio",
    factory: str = "talker:Talker.from_file",
    told: dict[str, Any] | None = None,
    stages: dict[str, str] | None = None,
    **how: Any,
) -> Job:
    config = folder / "talker.json"
    config.write_text(json.dumps(told or {}))
    return Job(
        factory=factory,
        root=Path(__file__).parent,
        config=config,
        stages={**(stages or {}), "end_to_end": method},
        leaves=tuple(stages or {}),
        clips=written(requests or [Request(id=text, text=text) for text in TEXTS], folder / "r"),
        timeout_s=30.0,
        **how,
    )


def test_each_process_tells_stages_rtf_and_peak_and_the_other_system_has_its_name(
    tmp_path: Path,
) -> None:
    how: dict[str, Any] = {"processes": 2, "repeats": 2, "warmup": 0}
    job = talking(tmp_path, stages=STAGES, **how)
    paragraph = Request(id="p", text="pon la luz. son las tres. hola")
    streams = talking(tmp_path, paragraph, method="slow_stream", **how)
    kept: list[Any] = []
    systems = [
        System(arm="", job=job, streams=streams),
        System(arm="other", job=talking(tmp_path, **how), streams=None),
    ]
    cost_pass(systems, kept.append)
    assert all(one.holds for one in kept if isinstance(one, Finding))
    found = {(m.metric, m.arm, m.process): m for m in kept if isinstance(m, Measurement)}
    own = {metric for metric, arm, _ in found if not arm}
    assert own == {
        *(f"speech.{stage}" for stage in STAGES),
        *("speech.end_to_end", "speech.rtf", "speech.cpu", "speech.peak", "speech.first_audio"),
        "speech.streamed",
    }
    rtf, whole = found["speech.rtf", "", 1], found["speech.end_to_end", "", 1]
    assert rtf.unit is Unit.FACTOR
    assert len(rtf.samples) == 2
    seconds = [0.35 * len(text.split()) for text in rtf.clips]
    assert rtf.samples == pytest.approx(
        [took / audio for took, audio in zip(whole.samples, seconds, strict=True)], rel=1e-3
    )
    first, last = found["speech.first_audio", "", 0], found["speech.streamed", "", 0]
    assert 0 < first.samples[0] < last.samples[0] - 0.1, "two pieces come later, 50 ms each"
    assert ("speech.rtf", "other", 1) in found


def test_what_was_said_is_kept_and_measured(tmp_path: Path) -> None:
    keep = tmp_path / "a.wav"
    job = talking(tmp_path, Request(id="a", text="pon la luz", keep=keep))
    seen: list[Any] = []
    spoken = speak("voice", job, seen.append)
    assert spoken["a"]["audio"] == pytest.approx(1.05, abs=1e-3)
    with wave.open(str(keep)) as file:
        assert file.getnframes() / file.getframerate() == spoken["a"]["audio"]
    assert all(finding.holds for finding in seen)


def test_controls_reach_the_pipeline(tmp_path: Path) -> None:
    quick = Request(id="quick", text="pon la luz", emotion=(2.0, 0.0, 0.0, 0.0))
    spoken = speak("voice", talking(tmp_path, quick), lambda record: None)
    assert spoken["quick"]["audio"] == pytest.approx(0.525, abs=1e-3)


def test_a_text_that_is_refused_is_a_finding_and_the_rest_is_spoken(tmp_path: Path) -> None:
    seen: list[Any] = []
    spoken = speak("voice", talking(tmp_path, stages=STAGES, told={"refuse": "luz"}), seen.append)
    assert set(spoken) == {"hola", "son las tres"}
    (broken,) = [finding for finding in seen if not finding.holds]
    assert broken.rule == ANSWERS
    assert "in text_front_end: ValueError: no such word: pon la luz" in broken.detail


def test_the_words_of_a_front_end_and_copies_are_asked_for(tmp_path: Path) -> None:
    job = talking(tmp_path, Request(id="a", text="son 1"), method="spoken_text")
    read = speak("read", job, lambda record: None, mode="read")
    assert read["a"]["words"] == "son uno"
    source, keep = tmp_path / "source.wav", tmp_path / "copy.wav"
    with wave.open(str(source), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(range(32)))
    job = talking(
        tmp_path,
        Request(id="a", text="", source=source, keep=keep),
        method="vocoder",
        factory="talker:Copier.from_file",
    )
    told = {"features": "talker:picture", "rate": 8000}
    copied = speak("copy", job, lambda record: None, mode="copy", copy=told)
    assert copied["a"]["audio"] == pytest.approx(0.002)
    assert keep.read_bytes() == source.read_bytes()


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"method": "sing"}, "has no method 'sing'"),
        ({"factory": "nowhere:Talker"}, "cannot be imported"),
        ({"told": {"refuse": "hola"}}, "no such word: hola"),
        ({"method": "no_audio"}, "expected a WAV file as bytes, got str"),
        ({"method": "no_samples"}, "expected 16-bit samples, got 0 of 16 bits"),
    ],
)
def test_why_a_pipeline_does_not_speak_is_said(
    tmp_path: Path, how: dict[str, Any], told: str
) -> None:
    assert refusal(talking(tmp_path, Request(id="hola", text="hola"))) == ""
    job = talking(tmp_path, Request(id="hola", text="hola"), stages=STAGES, **how)
    assert told in refusal(job)


def test_a_stream_without_audio_is_a_finding(tmp_path: Path) -> None:
    kept: list[Any] = []
    job = talking(tmp_path, processes=1, warmup=0)
    streams = talking(tmp_path, method="no_stream", processes=1, warmup=0)
    cost_pass([System(arm="", job=job, streams=streams)], kept.append)
    broken = [one for one in kept if isinstance(one, Finding) and not one.holds]
    assert any("got one without a piece" in finding.detail for finding in broken)


@pytest.mark.skipif(espeak.library() is None, reason=f"espeak-ng is absent. {espeak.INSTALL}")
def test_espeak_speaks_in_a_process_of_its_own_and_its_controls_move(tmp_path: Path) -> None:
    factory = "harness.measure.beside.espeak:Espeak.from_file"
    text = "Pon la luz de la cocina."
    requests = [
        Request(id="plain", text=text),
        Request(id="quick", text=text, emotion=(1.0, 0.0, 0.0, 0.0)),
    ]
    job = talking(tmp_path, *requests, factory=factory, told={"voice": "es"})
    spoken = speak("espeak-ng", job, lambda record: None)
    assert 1.0 < spoken["plain"]["audio"] < 3.0
    assert spoken["quick"]["audio"] < 0.8 * spoken["plain"]["audio"]
    absent = talking(tmp_path, *requests[:1], factory=factory, told={"voice": "nobody"})
    assert "has no voice 'nobody'" in refusal(absent)
