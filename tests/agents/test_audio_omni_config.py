"""The configuration, key by key."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.config import AudioOmniConfig
from agents.errors import AudioOmniConfigError

PROJECT = Path(__file__).resolve().parents[2]
LEAST = {"name": "tiny", "model_path": "core.onnx"}


def read(**keys: Any) -> AudioOmniConfig:
    return AudioOmniConfig.from_yaml({"audio_omni": {**LEAST, **keys}})


def test_the_production_config_is_the_product_s_to_the_letter() -> None:
    document = yaml.safe_load((PROJECT / "config/sarai.yaml").read_text())
    assert document == {
        "audio_omni": {
            "name": "Qwen3-Omni-3B-Complete",
            "model_type": "onnx",
            "model_path": "models/onnx/agi_audio_core.onnx",
            "backend": "onnxruntime",
            "max_memory_mb": 4400,
            "permanent": True,
            "load_on_startup": True,
            "priority": "high",
        }
    }
    config = AudioOmniConfig.from_yaml(document)
    assert dataclasses.asdict(config).items() >= document["audio_omni"].items()
    assert config.resampler == "librosa"


def test_the_reference_config_can_be_read() -> None:
    config = AudioOmniConfig.from_file(PROJECT / "config/reference.yaml")
    assert config.model_path == "models/onnx/reference/core.onnx"
    assert (config.resampler, config.intra_op_threads) == ("soxr", 1)


OVERLAYS = sorted((PROJECT / "config").glob("*.*.yaml"))


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)
def test_a_named_variant_differs_from_what_it_varies(path: Path) -> None:
    """The product's keys stay but name, model and its size; what else differs is an option."""
    base = AudioOmniConfig.from_file(path.with_name(f"{path.stem.split('.')[0]}.yaml"))
    ours, theirs = dataclasses.asdict(AudioOmniConfig.from_file(path)), dataclasses.asdict(base)
    assert ours != theirs
    kept = ("model_type", "backend", "permanent", "load_on_startup", "priority")
    assert [ours[key] for key in kept] == [theirs[key] for key in kept]
    assert ours["output"] == ("frames" if "frames" in path.stem else "full")
    assert (".int8." in ours["model_path"]) == ("int8" in path.stem)


def test_the_limits_have_their_defaults_and_can_be_set() -> None:
    config = read()
    assert (config.total_memory_mb, config.inference_timeout_s, config.fallback) == (0, 5.0, ())
    assert (config.fallback_after_timeouts, config.fallback_recovery_s) == (3, 60.0)
    config = read(inference_timeout_s=2, fallback=["int8.yaml", "small.onnx"])
    assert (config.inference_timeout_s, config.fallback) == (2, ("int8.yaml", "small.onnx"))


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)
def test_what_a_shipped_config_falls_back_on_is_a_config_that_can_be_read(path: Path) -> None:
    config = AudioOmniConfig.from_file(path)
    for name in config.fallback:
        smaller = config.smaller(PROJECT / name)
        assert smaller.max_memory_mb < config.max_memory_mb


def test_other_sections_are_none_of_its_business() -> None:
    document = {"audio_omni": LEAST, "graph": {"nodes": 3}, "unknwon": None}
    assert AudioOmniConfig.from_yaml(document).name == "tiny"


def test_an_unknown_key_is_named_with_its_nearest_relative() -> None:
    with pytest.raises(AudioOmniConfigError) as caught:
        read(max_memroy_mb=4400)
    assert "Unknown key audio_omni.max_memroy_mb" in str(caught.value)
    assert "Did you mean 'max_memory_mb'?" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("name", "", "expected text, got ''"),
        ("name", 3, "expected text, got 3"),
        ("model_path", None, "expected text, got None"),
        ("model_type", "torch", "expected 'onnx', got 'torch'"),
        ("backend", "openvino", "expected 'onnxruntime', got 'openvino'"),
        ("max_memory_mb", 0, "expected a whole number, 1 or more, got 0"),
        ("max_memory_mb", "4400", "expected a whole number, 1 or more, got '4400'"),
        ("max_memory_mb", True, "got True"),  # YAML's yes is no number, though Python's is
        ("permanent", "yes", "expected true or false, got 'yes'"),
        ("load_on_startup", 1, "expected true or false, got 1"),
        ("priority", "urgent", "expected 'high' or 'normal' or 'low', got 'urgent'"),
        ("priority", ["high"], "got ['high']"),
        ("resampler", "scipy", "expected 'librosa' or 'soxr', got 'scipy'"),
        ("intra_op_threads", -1, "expected a whole number, 0 or more, got -1"),
        ("prepacking", "off", "expected true or false, got 'off'"),
        ("memory_arena", None, "expected true or false, got None"),
        ("output", "text", "expected 'full' or 'frames', got 'text'"),
        ("bind_output", 1, "expected true or false, got 1"),
        ("total_memory_mb", -1, "expected a whole number, 0 or more, got -1"),
        ("total_memory_mb", 4.5, "expected a whole number, 0 or more, got 4.5"),
        ("inference_timeout_s", -0.1, "expected a number, 0 or more, got -0.1"),
        ("inference_timeout_s", float("nan"), "expected a number, 0 or more, got nan"),
        ("inference_timeout_s", float("inf"), "expected a number, 0 or more, got inf"),
        ("inference_timeout_s", "5 s", "expected a number, 0 or more, got '5 s'"),
        ("inference_timeout_s", True, "expected a number, 0 or more, got True"),
        ("fallback", "int8.yaml", "expected a list of config or .onnx files, got 'int8.yaml'"),
        ("fallback", ["int8.yaml", 3], "expected a list of config or .onnx files"),
        ("fallback", [""], "expected a list of config or .onnx files"),
        ("fallback_after_timeouts", 0, "expected a whole number, 1 or more, got 0"),
        ("fallback_recovery_s", -1, "expected a number, 0 or more, got -1"),
        ("graph_optimization", "most", "'disabled' or 'basic' or 'extended' or 'all', got 'most'"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(key: str, value: Any, said: str) -> None:
    with pytest.raises(AudioOmniConfigError) as caught:
        read(**{key: value})
    assert f"Wrong value for audio_omni.{key}" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("key", ["name", "model_path"])
def test_a_missing_key_is_named(key: str) -> None:
    section = {other: value for other, value in LEAST.items() if other != key}
    with pytest.raises(AudioOmniConfigError, match=rf"audio_omni\.{key} is missing"):
        AudioOmniConfig.from_yaml({"audio_omni": section})


@pytest.mark.parametrize("document", [None, [], "audio_omni", {}, {"audio_omni": None}])
def test_a_file_without_the_section_is_refused(document: Any) -> None:
    with pytest.raises(AudioOmniConfigError, match="a mapping under 'audio_omni:'"):
        AudioOmniConfig.from_yaml(document)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"audio_omni: [", "line 1"),  # not YAML
        (b"\xff\xfe\x00", "utf-8"),
        (b"audio_omni: {nme: x}", "Did you mean 'name'?"),
    ],
)
def test_an_error_in_a_file_names_the_file_in_one_line(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(AudioOmniConfigError) as caught:
        AudioOmniConfig.from_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioOmniConfigError, match=r"absent\.yaml: no such file"):
        AudioOmniConfig.from_file(tmp_path / "absent.yaml")
