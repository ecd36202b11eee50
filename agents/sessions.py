"""The loaded models of one bundle, each with the threads that suit it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from agents.bundle import Bundle, Manifest
from agents.config import MB, AudioOmniConfig
from agents.cut import CannotCutError, Cut, cut_graph
from agents.errors import ManifestError, ModelTooLargeError, explain
from agents.memory_check import Need, granted
from agents.onnx_model import OnnxModel, SessionOptions, fits
from agents.text_decoder import TextDecoder

# The models around the core are small: a second thread costs them more than it saves.
_SMALL = 1

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What stands around the core of a bundle that hears and writes."""

    manifest: Manifest
    length: int  # values of the core's output per window, on its time axis ...
    stride: int  # ... of which every stride-th belongs to the text picture
    tokenizer: OnnxModel  # log_mel -> audio_codes
    acoustic: OnnxModel  # text picture -> log-probabilities of the symbols
    decoder: TextDecoder


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Everything that a loaded pipeline runs."""

    core: OnnxModel  # audio_codes -> mel_features, or the frames of it that the text needs
    cut: Cut | None  # where the core's graph was cut; None: it runs as it is
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


def check_joined(window: NDArray[Any], windows: int, config: AudioOmniConfig) -> None:
    """Raise MemoryBudgetError where the features of all windows cannot lie in memory at once."""
    size = [(f"{windows} windows of {window.dtype} {list(window.shape)}", windows * window.nbytes)]
    with granted(Need(what="mel_features, joined", parts=size), total=config.total_memory_mb * MB):
        pass


def open_sessions(bundle: Bundle, config: AudioOmniConfig) -> Sessions:
    """Load the models of `bundle` as `config` says.

    Raises:
        MemoryBudgetError: there is no memory for the weights.
        OnnxRuntimeError: onnxruntime cannot load a file.
        ManifestError: the graph has other shapes than the manifest states.
        MissingDependencyError: the graph is to be cut, and onnx is not installed.
    """
    cut = _cut(bundle) if config.output == "frames" else None
    threads = config.intra_op_threads or (1 if config.priority == "low" else 0)
    weights = Need(what=f"weights of {bundle.model}", parts=[("of files", bundle.weights)])
    with granted(weights, total=config.total_memory_mb * MB, unknown=True):
        core = OnnxModel(
            bundle.model,
            _options(config, threads=threads, spinning=config.priority == "high"),
            graph=cut.graph if cut else None,
            bind_output=config.bind_output,
            values=bundle.manifest.codebook_size if bundle.manifest else None,
            total_memory=config.total_memory_mb * MB,
        )
    if bundle.manifest is None:
        return Sessions(core=core, cut=cut, speech=None)
    _check_contract(bundle.manifest, core, cut)
    speech = _open_speech(bundle.manifest, bundle.model.parent, config, cut)
    return Sessions(core=core, cut=cut, speech=speech)


def _options(config: AudioOmniConfig, *, threads: int, spinning: bool) -> SessionOptions:
    return SessionOptions(
        threads=threads,
        spinning=spinning,
        prepacking=config.prepacking,
        memory_arena=config.memory_arena,
        graph_optimization=config.graph_optimization,
    )


def _cut(bundle: Bundle) -> Cut | None:
    """Return where the graph can be cut; None and a warning where it cannot."""
    try:
        if bundle.manifest is None:
            raise CannotCutError("no manifest says which part the text needs")
        channels, stride = bundle.manifest.text_channels, bundle.manifest.frame_stride
        return cut_graph(bundle.model, channels=channels, stride=stride)
    except CannotCutError as error:
        logger.warning("output: frames: %s: %s; the whole is taken", bundle.model, error)
        return None


def _open_speech(
    manifest: Manifest, folder: Path, config: AudioOmniConfig, cut: Cut | None
) -> Speech:
    small = _options(config, threads=_SMALL, spinning=False)
    tokenizer, acoustic = (
        OnnxModel(path, small) for path in (manifest.tokenizer, manifest.text_decoder)
    )
    decoder = TextDecoder.load(manifest.document, folder)
    stride = cut.stride if cut else manifest.frame_stride
    return Speech(
        manifest=manifest,
        stride=stride,
        length=manifest.output_shape[2] // manifest.frame_stride * stride,
        tokenizer=tokenizer,
        acoustic=acoustic,
        decoder=decoder,
    )


def _check_contract(manifest: Manifest, core: OnnxModel, cut: Cut | None) -> None:
    given: list[int | str | None] = [*cut.whole_shape] if cut else core.output_shape
    for side, stated, found in (
        ("input", manifest.input_shape, core.input_shape),
        ("output", manifest.output_shape, given),
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
