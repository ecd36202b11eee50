"""The loaded models of one bundle, each with the threads that suit it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agents.bundle import Bundle, Manifest
from agents.config import MB, AudioOmniConfig
from agents.errors import ManifestError, ModelTooLargeError, explain
from agents.onnx_model import OnnxModel, fits
from agents.text_decoder import TextDecoder

# The models around the core are small: a second thread costs them more than it saves.
_SMALL = 1


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What stands around the core of a bundle that hears and writes."""

    manifest: Manifest
    tokenizer: OnnxModel  # log_mel -> audio_codes
    acoustic: OnnxModel  # text picture -> log-probabilities of the symbols
    decoder: TextDecoder


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Everything that a loaded pipeline runs."""

    core: OnnxModel  # audio_codes -> mel_features
    speech: Speech | None  # None: the model came without a manifest


def refuse_too_large(bundle: Bundle, config: AudioOmniConfig) -> None:
    """Raise ModelTooLargeError where the weights exceed `max_memory_mb`."""
    if bundle.weights <= config.max_memory_mb * MB:
        return
    raise ModelTooLargeError(
        explain(
            f"Model too large: {bundle.model}",
            expected=f"weights of at most max_memory_mb = {config.max_memory_mb}",
            got=f"{bundle.weights / MB:.1f} MB ({bundle.weights} bytes)",
            do="Raise max_memory_mb, or take a smaller variant of the model.",
        )
    )


def open_sessions(bundle: Bundle, config: AudioOmniConfig) -> Sessions:
    """Load the models of `bundle` as `config` says.

    Raises:
        OnnxRuntimeError: onnxruntime cannot load a file.
        ManifestError: the graph has other shapes than the manifest states.
    """
    core = OnnxModel(
        bundle.model,
        threads=config.intra_op_threads or (1 if config.priority == "low" else 0),
        spinning=config.priority == "high",
        prepacking=config.prepacking,
        memory_arena=config.memory_arena,
        graph_optimization=config.graph_optimization,
    )
    if bundle.manifest is None:
        return Sessions(core=core, speech=None)
    _check_contract(bundle.manifest, core)
    return Sessions(core=core, speech=_open_speech(bundle.manifest, bundle.model.parent, config))


def _open_speech(manifest: Manifest, folder: Path, config: AudioOmniConfig) -> Speech:
    tokenizer, acoustic = (
        OnnxModel(
            path,
            threads=_SMALL,
            spinning=False,
            prepacking=config.prepacking,
            memory_arena=config.memory_arena,
            graph_optimization=config.graph_optimization,
        )
        for path in (manifest.tokenizer, manifest.text_decoder)
    )
    decoder = TextDecoder.load(manifest.document, folder)
    return Speech(manifest=manifest, tokenizer=tokenizer, acoustic=acoustic, decoder=decoder)


def _check_contract(manifest: Manifest, core: OnnxModel) -> None:
    for side, stated, found in (
        ("input", manifest.input_shape, core.input_shape),
        ("output", manifest.output_shape, core.output_shape),
    ):
        if not fits(stated, found):
            raise ManifestError(
                explain(
                    f"Manifest of {core.path}, contract.{side}.shape",
                    expected=f"the graph's {found}",
                    got=str(list(stated)),
                    do="Use the manifest that came with this model.",
                )
            )
