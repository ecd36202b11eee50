"""The pipeline's configuration: section `audio_omni` of a YAML file, read strictly."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from agents.errors import AudioOmniConfigError, MissingDependencyError, explain

try:
    import yaml
except ImportError as error:
    raise MissingDependencyError.of("yaml") from error

SECTION = "audio_omni"
MB = 1_000_000

# Smallest value of each number; what a smaller one would ask for cannot be done.
_LEAST = {
    "max_memory_mb": 1,
    "intra_op_threads": 0,
    "max_audio_mb": 1,
    "max_audio_seconds": 1,
    "total_memory_mb": 0,
    "inference_timeout_s": 0,
    "fallback_after_timeouts": 1,
    "fallback_recovery_s": 0,
}
_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, kw_only=True)
class AudioOmniConfig:
    """One pipeline. The first eight keys are the product's, the others its runtime options.

    Raises:
        AudioOmniConfigError: a value of the wrong type or out of range, named with its key.
    """

    name: str  # what the model is called in `metadata`, in logs and in errors
    model_path: str  # the .onnx file: from the current folder, else from the config's project
    model_type: Literal["onnx"] = "onnx"  # anything else is refused
    backend: Literal["onnxruntime"] = "onnxruntime"  # anything else is refused
    max_memory_mb: int = 4400  # 10^6 bytes: a model whose weights are larger is not loaded
    permanent: bool = True  # the shared pipeline lives as long as the process; false: as its users
    load_on_startup: bool = True  # load and warm up when created; false: on the first request
    # How onnxruntime's threads wait for the model's work. high: spinning, the quickest and a busy
    # core; normal: asleep; low: asleep, and one thread unless intra_op_threads says otherwise.
    priority: Literal["high", "normal", "low"] = "normal"

    resampler: Literal["librosa", "soxr"] = "librosa"  # the same samples; librosa loads 200 MB
    intra_op_threads: int = 0  # threads of the model's session; 0: one per core
    prepacking: bool = True  # copy weights into the kernels' layout; false: leave them mapped
    memory_arena: bool = True  # keep freed buffers for the next run; false: return them
    # How far the graph is rewritten when it is loaded. all: also for this processor's layouts, the
    # quickest; extended, basic: less; disabled: as it was exported. The last bits of the output may
    # differ between them, for sums are taken in another order.
    graph_optimization: Literal["disabled", "basic", "extended", "all"] = "all"
    # What mel_features holds. full: the model's output; frames: the part of it that the text needs,
    # and the model is not run beyond that. Where its graph cannot be cut, a warning says so, the
    # whole output is taken, and `output` of a result's metadata tells which it was.
    output: Literal["full", "frames"] = "full"
    # Write the model's output into memory that is kept, one piece per thread. The array that a call
    # gives is then valid until the same thread's next call: copy what must last.
    bind_output: bool = False
    # The .onnx file of the voice: as model_path. It is loaded when something is first said.
    voice_path: str = "models/onnx/voice/acoustic.onnx"
    max_audio_mb: int = 100  # 10^6 bytes: a larger request is refused before it is decoded
    max_audio_seconds: int = 600  # what a header promises beyond it is refused, undecoded
    # 10^6 bytes that the process may have resident: a load or a run that would take more is refused
    # before it begins. 0: as much as its control groups and the machine have free.
    total_memory_mb: int = 0
    # Seconds in which a request of one window is answered, or its caller told that it is not; each
    # further window has as long. Opening a model does not count. 0: no limit.
    inference_timeout_s: float = 5.0
    # Smaller models that take over where this one cannot be loaded, lacks memory, fails while it
    # runs, or is late too often: config files, or .onnx files that are run with the options of this
    # config. The first that works serves. A result's metadata says so under `fallback`.
    fallback: tuple[str, ...] = ()
    fallback_after_timeouts: int = 3  # so many requests in a row that are late
    fallback_recovery_s: float = 60.0  # after so long this model is tried again, in the background

    def __post_init__(self) -> None:
        if isinstance(self.fallback, list):  # YAML knows no tuples
            object.__setattr__(self, "fallback", tuple(self.fallback))
        for key, kind in get_type_hints(type(self)).items():
            _check(key, getattr(self, key), kind)

    @classmethod
    def from_yaml(cls, document: Mapping[str, Any]) -> AudioOmniConfig:
        """Return the config in section `audio_omni` of a whole file; other sections are ignored.

        Raises:
            AudioOmniConfigError: the section is absent, a key is unknown or missing, a value wrong.
        """
        if not isinstance(document, Mapping) or not isinstance(document.get(SECTION), Mapping):
            found = sorted(map(str, document)) if isinstance(document, Mapping) else document
            raise AudioOmniConfigError(
                explain(
                    "Section not found",
                    expected=f"a mapping under '{SECTION}:'",
                    got=repr(found),
                    do=f"Put the pipeline's keys under '{SECTION}:'.",
                )
            )
        section = document[SECTION]
        _refuse_unknown(section, [field.name for field in dataclasses.fields(cls)])
        for key in ("name", "model_path"):
            if key not in section:
                raise AudioOmniConfigError(f"{SECTION}.{key} is missing. Add it.")
        return cls(**section)

    @classmethod
    def from_file(cls, path: str | Path) -> AudioOmniConfig:
        """Return the config in the YAML file `path`; errors name the file.

        Raises:
            AudioOmniConfigError: the file cannot be read, is not YAML, or breaks a rule above.
        """
        try:
            return cls.from_yaml(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise AudioOmniConfigError(
                f"{path}: no such file. Give the path of a pipeline's YAML config."
            ) from None
        except (OSError, UnicodeDecodeError, yaml.YAMLError, AudioOmniConfigError) as error:
            raise AudioOmniConfigError(f"{path}: {' '.join(str(error).split())}") from error

    def smaller(self, path: Path) -> AudioOmniConfig:
        """Return the config of a model that can stand in for this one's.

        Args:
            path: a config, or an .onnx file to run with the options of this config.
        """
        if path.suffix == ".onnx":
            name, found = f"{self.name} ({path.name})", str(path)
            config = dataclasses.replace(self, name=name, model_path=found)
        else:
            config = AudioOmniConfig.from_file(path)
        return dataclasses.replace(config, fallback=(), load_on_startup=False)


def _refuse_unknown(section: Iterable[object], known: list[str]) -> None:
    for key in section:
        if key in known:
            continue
        nearest = difflib.get_close_matches(str(key), known, n=1, cutoff=0.0)[0]
        raise AudioOmniConfigError(
            explain(
                f"Unknown key {SECTION}.{key}",
                expected=f"one of {', '.join(known)}",
                got=repr(key),
                do=f"Did you mean '{nearest}'?",
            )
        )


def _check(key: str, value: object, kind: Any) -> None:
    """Refuse a value that is not of `kind`: a plain type, or a Literal with its choices."""
    choices = get_args(kind)
    if key == "fallback":
        right, expected = _are_names(value), "a list of config or .onnx files"
    elif choices:
        right, expected = value in choices, " or ".join(f"'{choice}'" for choice in choices)
    elif key in _LEAST:
        right = _is_number(value, kind) and value >= _LEAST[key]  # type: ignore[operator]
        expected = f"{_KINDS[kind]}, {_LEAST[key]} or more"
    else:
        right, expected = type(value) is kind and value != "", _KINDS[kind]
    if not right:
        raise AudioOmniConfigError(
            explain(
                f"Wrong value for {SECTION}.{key}",
                expected=expected,
                got=repr(value),
                do="Correct the value.",
            )
        )


def _is_number(value: object, kind: type) -> bool:
    kinds = (int, float) if kind is float else (int,)
    return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)


def _are_names(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, str) and one for one in value)
