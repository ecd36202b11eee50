"""The pipeline on a tiny bundle that hears any sound as "a" and silence as nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.audio_omni_pipeline import AudioOmniConfig, AudioOmniPipeline
from agents.bundle import read_bundle
from agents.errors import (
    AudioFormatError,
    AudioOmniConfigError,
    BundleIncompleteError,
    InputRangeError,
    InputShapeError,
    ManifestError,
    ModelFileNotFoundError,
    ModelTooLargeError,
    OnnxRuntimeError,
)
from agents.sessions import open_sessions

MakeBundle = Callable[..., Path]
Encode = Callable[..., bytes]
Sound = Callable[..., NDArray[np.float32]]


def test_a_sine_of_one_second_keeps_the_contract(
    pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    result = pipeline.process_audio(encode(sound(1.0)))
    assert set(result) == {"mel_features", "audio_codes", "text", "metadata"}
    assert (result["mel_features"].shape, result["mel_features"].dtype) == ((1, 115, 1024), "f4")
    assert (result["audio_codes"].shape, result["audio_codes"].dtype) == ((1, 16, 128), "i8")
    assert result["text"] == "a"
    assert result["metadata"] == {
        "model": "tiny",
        "version": "0.1",
        "format": "WAV",
        "channels": 1,
        "sample_rate": 16_000,
        "seconds": 1.0,
        "offset": pytest.approx(0, abs=1e-4),
        "windows": 1,
        "window_starts": [0.0],
        "seams": [],
        "resampler": "soxr",
        "output": "full",
        "greedy_text": "a",
    }


def test_silence_is_no_text(pipeline: AudioOmniPipeline, encode: Encode) -> None:
    result = pipeline.process_audio(encode(np.zeros(16_000)))
    assert (result["text"], result["metadata"]["greedy_text"]) == ("", "")


def test_longer_audio_is_several_windows_joined_in_order(
    pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    clip = np.concatenate([sound(9.0), np.zeros(8_000, np.float32), sound(5.0)])
    result = pipeline.process_audio(encode(clip))
    assert (result["metadata"]["windows"], result["metadata"]["window_starts"]) == (2, [0.0, 8.24])
    assert 9.0 < result["metadata"]["seams"][0] < 9.5  # in the pause
    assert (result["text"], result["metadata"]["greedy_text"]) == ("a", "aa")
    assert result["audio_codes"].shape == (1, 16, 256)
    assert result["mel_features"].shape == (1, 115, 2048)
    alone = [clip[: round(10.24 * 16_000)], clip[round(8.24 * 16_000) :]]
    for at, part in enumerate(pipeline.process_audio(encode(piece)) for piece in alone):
        codes, frames = slice(at * 128, (at + 1) * 128), slice(at * 1024, (at + 1) * 1024)
        np.testing.assert_array_equal(result["audio_codes"][:, :, codes], part["audio_codes"])
        np.testing.assert_array_equal(result["mel_features"][:, :, frames], part["mel_features"])


def test_a_sound_that_lasts_over_the_seams_is_heard_once(
    pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    result = pipeline.process_audio(encode(sound(40.0)))
    assert result["metadata"]["windows"] == 5
    assert (result["text"], result["metadata"]["greedy_text"]) == ("a", "a")


def test_sounds_across_every_overlap_are_each_heard_once(
    pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    beeps = [np.concatenate([sound(0.24), np.zeros(5_120, np.float32)])] * 60  # 0.56 s each
    result = pipeline.process_audio(encode(np.concatenate(beeps)))
    assert result["metadata"]["windows"] == 4
    assert result["metadata"]["greedy_text"] == "a" * 60


def test_features_alone_are_stitched_in_the_middle_of_the_overlaps(
    pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    clip = np.concatenate([sound(9.0), np.zeros(8_000, np.float32), sound(15.0)])
    result = pipeline.process_audio(encode(clip))
    metadata: dict[str, Any] = {}
    assert pipeline._extract_text_from_mel(result["mel_features"]) == result["text"]
    assert pipeline._extract_text_from_mel(result["mel_features"], metadata) == result["text"]
    assert metadata == {"greedy_text": result["metadata"]["greedy_text"]}


@pytest.mark.parametrize("format", ["WAV", "FLAC", "OGG", "MP3"])
def test_every_format_is_heard(
    format: str, pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    stereo = np.stack([sound(1.0, 44_100), np.zeros(44_100)], axis=1)
    metadata = pipeline.process_audio(encode(stereo, 44_100, format))["metadata"]
    assert metadata["greedy_text"] == "a"
    assert (metadata["format"], metadata["channels"]) == (format, 2)
    assert (metadata["sample_rate"], metadata["seconds"]) == (44_100, 1.0)


def test_the_stages_by_hand_give_what_process_audio_gives(
    pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    data = encode(sound(1.0, 22_050), 22_050)
    samples, rate = pipeline.decode_audio(data)
    log_mel = pipeline.log_mel(pipeline.resample_audio(samples, rate))
    codes = pipeline.tokenise(log_mel)
    mel_features = pipeline.run_inference(codes)
    result = pipeline.process_audio(data)
    assert log_mel.shape == (1, 80, 1024)
    assert log_mel.dtype == np.float32
    np.testing.assert_array_equal(codes, result["audio_codes"])
    np.testing.assert_array_equal(codes, pipeline.audio_to_codes(data)[0])
    np.testing.assert_array_equal(mel_features, result["mel_features"])
    assert pipeline._extract_text_from_mel(mel_features) == result["text"]


@pytest.mark.parametrize("seconds", [1.0, 15.0])
def test_stages_that_are_wrapped_to_be_timed_are_each_called(
    seconds: float, pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    calls: list[str] = []

    def wrap(name: str) -> None:
        method = getattr(pipeline, name)

        def wrapped(*args: Any, **keys: Any) -> Any:
            calls.append(name)
            return method(*args, **keys)

        setattr(pipeline, name, wrapped)

    once = ["audio_to_codes", "decode_audio", "resample_audio", "_extract_text_from_mel"]
    per_window = ["log_mel", "tokenise", "run_inference"]
    for name in once + per_window:
        wrap(name)
    windows = pipeline.process_audio(encode(sound(seconds)))["metadata"]["windows"]
    assert windows == (1 if seconds < 10 else 2)
    assert sorted(calls) == sorted(once + per_window * windows)


def test_a_larger_output_carries_the_same_text(
    make_bundle: MakeBundle, encode: Encode, sound: Sound
) -> None:
    wide = AudioOmniPipeline.from_file(make_bundle(channels=128, stride=3))
    result = wide.process_audio(encode(np.concatenate([sound(9.0), np.zeros(8_000), sound(5.0)])))
    assert result["mel_features"].shape == (1, 128, 2 * 3 * 1024)
    assert (result["text"], result["metadata"]["greedy_text"]) == ("a", "aa")


def test_many_threads_on_one_pipeline_hear_what_one_hears(
    pipeline: AudioOmniPipeline, encode: Encode, sound: Sound
) -> None:
    clips = [encode(sound(seconds)) for seconds in (0.5, 1.0, 2.5, 12.0)]
    clips += [encode(np.zeros(16_000)), encode(sound(1.0, 44_100), 44_100)]
    alone = [pipeline.process_audio(clip) for clip in clips]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(pipeline.process_audio, clips * 8))
    for result, expected in zip(together, alone * 8, strict=True):
        assert (result["text"], result["metadata"]) == (expected["text"], expected["metadata"])
        np.testing.assert_array_equal(result["audio_codes"], expected["audio_codes"])
        np.testing.assert_array_equal(result["mel_features"], expected["mel_features"])


def test_both_resamplers_lead_to_the_same_codes(
    make_bundle: MakeBundle, encode: Encode, sound: Sound
) -> None:
    data = encode(sound(1.0, 44_100), 44_100)
    by_soxr, by_librosa = (
        AudioOmniPipeline.from_file(make_bundle(resampler=name)).audio_to_codes(data)[0]
        for name in ("soxr", "librosa")
    )
    np.testing.assert_array_equal(by_soxr, by_librosa)


@pytest.mark.parametrize(
    ("settings", "core"),
    [
        ({}, {"threads": 0, "spinning": False, "prepacking": True, "memory_arena": True}),
        ({"priority": "high"}, {"threads": 0, "spinning": True}),
        ({"priority": "low"}, {"threads": 1, "spinning": False}),
        ({"priority": "low", "intra_op_threads": 2}, {"threads": 2, "spinning": False}),
        ({"prepacking": False}, {"prepacking": False}),
        ({"memory_arena": False}, {"memory_arena": False}),
        ({"graph_optimization": "basic"}, {"graph_optimization": "basic"}),
    ],
)
def test_the_runtime_options_reach_the_model(
    settings: dict[str, Any], core: dict[str, Any], make_bundle: MakeBundle
) -> None:
    path = make_bundle(**settings)
    bundle = read_bundle(path.parents[1] / "models/core.onnx")
    sessions = open_sessions(bundle, AudioOmniConfig.from_file(path))
    assert sessions.core.options().items() >= core.items()
    assert sessions.speech is not None
    small = {"threads": 1, "spinning": False}
    assert sessions.speech.tokenizer.options().items() >= small.items()
    assert sessions.speech.acoustic.options().items() >= small.items()
    level = sessions.core.options()["graph_optimization"]
    parts = (sessions.speech.tokenizer, sessions.speech.acoustic)
    assert [part.options()["graph_optimization"] for part in parts] == [level, level]


def test_a_model_without_a_manifest_runs_on_codes_and_says_that_it_cannot_hear(
    make_bundle: MakeBundle, encode: Encode, sound: Sound
) -> None:
    pipeline = AudioOmniPipeline.from_file(make_bundle(manifest=False))
    features = pipeline.run_inference(np.zeros((1, 16, 128), np.int64))
    assert features.shape == (1, 115, 1024)
    with pytest.raises(BundleIncompleteError, match=r"Add core\.onnx\.manifest\.json"):
        pipeline.process_audio(encode(sound(1.0)))
    with pytest.raises(BundleIncompleteError, match="a tokenizer and a text decoder"):
        pipeline._extract_text_from_mel(features)


def test_weights_beyond_max_memory_mb_are_refused_before_they_are_loaded(
    make_bundle: MakeBundle,
) -> None:
    with pytest.raises(ModelTooLargeError) as caught:
        AudioOmniPipeline.from_file(make_bundle(weights=2_000_000, max_memory_mb=1))
    assert "expected weights of at most max_memory_mb = 1, got 2.0 MB" in str(caught.value)
    assert AudioOmniPipeline.from_file(make_bundle(weights=2_000_000, max_memory_mb=3))


def test_load_on_startup_loads_and_false_waits_for_the_first_request(
    make_bundle: MakeBundle, caplog: pytest.LogCaptureFixture, encode: Encode, sound: Sound
) -> None:
    caplog.set_level(logging.INFO, "agents")
    lazy = AudioOmniPipeline.from_file(make_bundle(load_on_startup=False))
    assert caplog.text == ""
    lazy.process_audio(encode(sound(1.0)))
    assert caplog.text.count("loaded") == 3  # core, tokenizer, text decoder
    caplog.clear()
    AudioOmniPipeline.from_file(make_bundle(load_on_startup=True))
    assert caplog.text.count("loaded") == 3


def test_threads_that_meet_an_unloaded_pipeline_load_it_once(
    make_bundle: MakeBundle, caplog: pytest.LogCaptureFixture, encode: Encode, sound: Sound
) -> None:
    caplog.set_level(logging.INFO, "agents")
    lazy = AudioOmniPipeline.from_file(make_bundle(load_on_startup=False))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lazy.process_audio, [encode(sound(0.5))] * 4))
    assert caplog.text.count("loaded") == 3


def test_text_and_audio_stay_out_of_the_log(
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    make_bundle: MakeBundle,
    encode: Encode,
    sound: Sound,
) -> None:
    caplog.set_level(logging.INFO, "agents")
    pipeline = AudioOmniPipeline.from_file(make_bundle())
    caplog.clear()
    pipeline.process_audio(encode(sound(1.0)))
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")


def test_a_model_path_is_looked_up_here_and_then_beside_the_config(
    make_bundle: MakeBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, here = make_bundle(name="there"), make_bundle(name="here")
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    found = AudioOmniPipeline.from_file(there).bundle.model
    assert found == there.parents[1] / "models/core.onnx"
    monkeypatch.chdir(here.parents[1])
    found = AudioOmniPipeline.from_file(there).bundle.model
    assert found.resolve() == here.parents[1] / "models/core.onnx"


def test_an_absent_model_is_named(make_bundle: MakeBundle) -> None:
    with pytest.raises(ModelFileNotFoundError, match=r"models/gone\.onnx"):
        AudioOmniPipeline.from_file(make_bundle(model_path="models/gone.onnx"))


def test_an_error_in_the_config_names_the_file(make_bundle: MakeBundle) -> None:
    with pytest.raises(AudioOmniConfigError, match=r"tiny\.yaml: .*Did you mean 'priority'"):
        AudioOmniPipeline.from_file(make_bundle(prioriti="high"))


def test_a_text_file_is_not_audio(pipeline: AudioOmniPipeline) -> None:
    with pytest.raises(AudioFormatError, match=r"^Format not recognised: "):
        pipeline.process_audio(b"Hola, esto es un texto.")


@pytest.mark.parametrize(("code", "said"), [(2048, "0 to 2048"), (-1, "-1 to 0")])
def test_codes_that_no_codebook_holds_are_refused_before_the_session_sees_them(
    pipeline: AudioOmniPipeline, code: int, said: str
) -> None:
    codes = np.zeros((1, 16, 128), np.int64)
    codes[0, 3, 7] = code
    with pytest.raises(InputRangeError, match=rf"audio_codes of .* in 0 \.\. 2047, got {said}\. "):
        pipeline.run_inference(codes)
    codes[0, 3, 7] = 2047
    assert pipeline.run_inference(codes).shape == (1, 115, 1024)


def test_codes_of_a_wrong_shape_are_an_input_shape_mismatch(pipeline: AudioOmniPipeline) -> None:
    with pytest.raises(InputShapeError, match=r"^Input shape mismatch: audio_codes"):
        pipeline.run_inference(np.zeros((1, 8, 128), np.int64))


def test_a_damaged_model_is_an_onnx_runtime_error(make_bundle: MakeBundle) -> None:
    config = make_bundle(manifest=False)
    (config.parents[1] / "models/core.onnx").write_bytes(b"not a model")
    with pytest.raises(OnnxRuntimeError, match=r"^ONNX Runtime error: cannot load"):
        AudioOmniPipeline.from_file(config)


def test_a_manifest_with_other_shapes_than_the_graph_is_refused(make_bundle: MakeBundle) -> None:
    config, other = make_bundle(), make_bundle(channels=128)
    manifest = "models/core.onnx.manifest.json"
    text = (other.parents[1] / manifest).read_text()
    stated = (config.parents[1] / manifest).read_text()
    shapes = text[text.index('"contract"') :]
    (config.parents[1] / manifest).write_text(stated[: stated.index('"contract"')] + shapes)
    with pytest.raises(ManifestError, match=r"contract\.output\.shape.*1, 115, 1024.*1, 128, 1024"):
        AudioOmniPipeline.from_file(config)
