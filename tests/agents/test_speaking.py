"""The pipeline speaks, with the voice that the project ships."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest
from numpy.typing import NDArray

from agents.audio_omni_pipeline import AudioOmniConfig, AudioOmniPipeline
from agents.errors import (
    EmotionError,
    InputRangeError,
    InputShapeError,
    ManifestError,
    ModelFileNotFoundError,
    ModelFileSizeError,
    ModelTooLargeError,
    TextError,
)
from agents.features import log_mel
from agents.voice.emotion import Emotion
from agents.voice.tokens import SYMBOLS
from agents.voice.vocoder import griffin_lim
from agents.voice.voice import picture
from agents.voice.wav import PAUSE

PROJECT = Path(__file__).resolve().parents[2]
VOICE = PROJECT / "models" / "onnx" / "voice"
TEXT = "Mañana por la tarde lloverá. ¿Quieres llevarte el paraguas?"


@pytest.fixture(scope="module")
def pipeline() -> AudioOmniPipeline:
    return AudioOmniPipeline.from_file(PROJECT / "config" / "reference.yaml")


def samples(data: bytes) -> NDArray[np.int16]:
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_what_is_said_is_heard_again(pipeline: AudioOmniPipeline) -> None:
    said = [
        "son las siete y media de la mañana",
        "el perro come pan con queso",
        "mañana lloverá en la montaña",
        "quiero reservar una mesa para cuatro personas",
        "la luz de la cocina está apagada",
    ]
    heard = [pipeline.process_audio(pipeline.generate_audio(text))["text"] for text in said]
    assert jiwer.wer(said, heard) <= 0.1


def test_the_same_text_gives_the_same_bytes_from_many_threads(pipeline: AudioOmniPipeline) -> None:
    alone = pipeline.generate_audio(TEXT)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(pipeline.generate_audio, [TEXT] * 4)) == {alone}


def test_a_stream_is_the_whole_in_sentences(pipeline: AudioOmniPipeline) -> None:
    pieces = [samples(piece) for piece in pipeline.stream_audio(TEXT)]
    assert len(pieces) == 2
    pause = round(PAUSE * 16_000)
    assert [bool(np.any(piece[-pause:])) for piece in pieces] == [False, True]
    assert np.array_equal(np.concatenate(pieces), samples(pipeline.generate_audio(TEXT)))


def test_a_stream_makes_a_sentence_when_it_is_asked_for(
    pipeline: AudioOmniPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    vocoder = pipeline.vocoder

    def counted(mel: NDArray[np.float32]) -> NDArray[np.float32]:
        made.append(1)
        return vocoder(mel)

    monkeypatch.setattr(pipeline, "vocoder", counted)
    next(pipeline.stream_audio(TEXT))
    assert made == [1]


def test_a_stream_refuses_at_once(pipeline: AudioOmniPipeline) -> None:
    with pytest.raises(TextError):
        pipeline.stream_audio("😀")
    with pytest.raises(EmotionError):
        pipeline.stream_audio("hola", [0.0])


def test_rate_pitch_and_energy_move_the_right_way(pipeline: AudioOmniPipeline) -> None:
    def said(*vector: float) -> NDArray[np.float64]:
        return samples(pipeline.generate_audio(TEXT, vector)) / 32_768

    assert len(said(1, 0, 0, 0)) < 0.85 * len(said(0, 0, 0, 0)) < 0.85**2 * len(said(-1, 0, 0, 0))
    loud, quiet = (float(np.std(said(0, 0, 0, value))) for value in (1, -1))
    assert loud > 1.8 * quiet
    high, low = (_pitch(said(0, value, 0, 0)) for value in (1, -1))
    assert high > 1.8 * low


def _pitch(heard: NDArray[np.float64]) -> float:
    """Return the median pitch in Hz, by the peak of the autocorrelation of loud frames."""
    frames = np.lib.stride_tricks.sliding_window_view(heard, 1024)[::512]
    frames = frames[frames.std(1) > 0.5 * frames.std(1).max()]
    spectrum = np.abs(np.fft.rfft(frames - frames.mean(1, keepdims=True), 4096)) ** 2
    correlation = np.fft.irfft(spectrum)[:, 40:320]  # 400 to 50 Hz
    return float(16_000 / np.median(40 + correlation.argmax(1)))


@pytest.mark.parametrize(
    ("vector", "same"),
    [
        ((0, 0, 0, 0), None),
        ((9, -9, 2, -2), (1, -1, 1, -1)),
        (np.array([2.0, 0, 0, 0]), Emotion(1.0)),
    ],
)
def test_a_control_beyond_its_range_is_clipped(vector: object, same: object) -> None:
    assert Emotion.of(vector) == Emotion.of(same)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "vector",
    [(), (1, 2, 3), (0, 0, 0, 0, 0), (0, 0, 0, float("nan")), (0, float("inf"), 0, 0), "hola", 3,
     ("a", 0, 0, 0), (None, 0, 0, 0), [[0, 0, 0, 0]]],
)  # fmt: skip
def test_what_is_no_emotion_is_refused(pipeline: AudioOmniPipeline, vector: object) -> None:
    with pytest.raises(EmotionError, match="4 finite numbers from -1 to 1"):
        pipeline.generate_audio("hola", vector)


def test_every_token_has_its_frames(pipeline: AudioOmniPipeline) -> None:
    (tokens,) = pipeline.text_front_end("Pon la mesa, por favor.")
    mel, durations = pipeline._speaker.voice().timed(tokens)
    assert durations.shape == tokens.shape
    assert durations.sum() == mel.shape[2]
    assert durations.min() >= 1  # no sound is skipped


def test_the_front_end_notes_what_is_not_said(pipeline: AudioOmniPipeline) -> None:
    noted: dict[str, object] = {}
    pipeline.text_front_end("hola 😀. <b>Ya</b>", noted)
    assert noted == {"sentences": 2, "dropped": "😀", "tags": 2}
    assert pipeline.spoken_text("hola 😀. <b>Son 3</b>") == "hola son tres"


def test_stages_refuse_what_is_not_theirs(pipeline: AudioOmniPipeline) -> None:
    with pytest.raises(InputRangeError, match=f"0 .. {len(SYMBOLS) - 1}, got -1 to 3"):
        pipeline.acoustic_model(np.array([[3, -1]]))
    wrong_ones: list[NDArray[Any]] = [
        *(np.zeros((1, 0), np.int64), np.zeros(3, np.int64), np.zeros((1, 3), np.float32))
    ]
    for wrong in wrong_ones:
        with pytest.raises(InputShapeError, match="expected int64"):
            pipeline.acoustic_model(wrong)
    for picture_of in ((80, 10), (1, 79, 10), (1, 80, 0)):
        with pytest.raises(InputShapeError, match="mel of vocoder"):
            pipeline.vocoder(np.zeros(picture_of, np.float32))


def test_the_vocoder_gives_back_the_picture_of_a_voice(pipeline: AudioOmniPipeline) -> None:
    said = pipeline.generate_audio("El perro come pan.")
    mel = picture(said)[0]
    again = log_mel(griffin_lim(mel), mel.shape[1])
    loud = mel > mel.max() - 7  # 30 dB
    assert np.abs(again - mel)[loud].mean() < 0.105  # 0.12 without momentum
    assert np.array_equal(griffin_lim(mel), griffin_lim(mel))


def copied(folder: Path) -> Path:
    shutil.copytree(VOICE, folder / "voice")
    return folder / "voice" / "acoustic.onnx"


def speaking_with(model: Path, **changes: object) -> Callable[[], bytes]:
    config = AudioOmniConfig.from_file(PROJECT / "config" / "reference.yaml")
    changes = {"voice_path": str(model), "load_on_startup": False, **changes}
    made = AudioOmniPipeline(dataclasses.replace(config, **changes))  # type: ignore[arg-type]
    return lambda: made.generate_audio("hola")


def test_a_voice_that_is_not_whole_is_told_when_it_is_to_speak(tmp_path: Path) -> None:
    model = copied(tmp_path)
    data, manifest = model.with_name("acoustic.onnx.data"), f"{model}.manifest.json"
    with pytest.raises(ModelFileNotFoundError, match="nowhere"):
        speaking_with(tmp_path / "nowhere.onnx")()
    with pytest.raises(ModelTooLargeError, match="max_memory_mb = 5"):
        speaking_with(model, max_memory_mb=5)()
    document = json.loads(Path(manifest).read_text("utf-8"))
    Path(manifest).write_text(json.dumps({**document, "symbols": ["a"]}), "utf-8")
    with pytest.raises(ManifestError, match="symbols"):
        speaking_with(model)()
    Path(manifest).write_text("{}", "utf-8")
    with pytest.raises(ManifestError, match="format"):
        speaking_with(model)()
    Path(manifest).write_text(json.dumps(document), "utf-8")
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(ModelFileSizeError, match="bytes, got"):
        speaking_with(model)()
    Path(manifest).unlink()
    with pytest.raises(ManifestError, match="JSON"):
        speaking_with(model)()


def test_who_only_hears_does_not_load_the_voice() -> None:
    code = (
        "import sys; from agents.audio_omni_pipeline import AudioOmniPipeline\n"
        "p = AudioOmniPipeline.from_file('config/reference.yaml')\n"
        "print(sorted(m for m in sys.modules if m.startswith(('agents.voice', 'num2words'))))\n"
        "p.generate_audio('hola'); print('agents.voice.voice' in sys.modules, "
        "'num2words' in sys.modules)\n"
        "p.generate_audio('son 3'); print('num2words' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\nTrue False\nTrue\n"
