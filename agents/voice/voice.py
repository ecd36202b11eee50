"""The loaded voice: its bundle, checked, and the acoustic model in onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import audio
from agents.audio_limits import AudioLimits
from agents.bundle import Bundle, external_files, read_document
from agents.config import AudioOmniConfig
from agents.errors import InputRangeError, InputShapeError, ManifestError, explain
from agents.features import HOP, MELS, log_mel
from agents.onnx_model import OnnxModel, SessionOptions
from agents.sessions import refuse_too_large
from agents.voice.emotion import Emotion
from agents.voice.text_front_end import Notes, sentences, spoken_text
from agents.voice.tokens import SYMBOLS, tokens
from agents.voice.vocoder import griffin_lim

_INDEX = {symbol: index for index, symbol in enumerate(SYMBOLS)}
LEVEL = 0.7  # of the amplitude that was learnt: energy needs room
PEAK = 0.98  # of full scale: a sentence that would be louder is made quieter

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Controls = Any  # what `Emotion.of` takes


class Voice:
    """One voice. May be used by many threads at once; the model is loaded by the first that speaks.

    The same text and controls give the same samples on the same machine.
    """

    def __init__(self, model: Path, config: AudioOmniConfig) -> None:
        """Check the voice's files.

        Args:
            model: the .onnx file; its manifest lies beside it.
            config: of the pipeline.

        Raises:
            ModelFileNotFoundError, ModelFileSizeError: a file is absent or damaged.
            ManifestError: the manifest is absent, damaged, or of a voice with other symbols.
            ModelTooLargeError: the weights exceed `max_memory_mb`.
        """
        files = [model, *external_files(model)]
        path = model.with_name(f"{model.name}.manifest.json")
        self.document = read_document(path, model, parts=("model",), facts=("symbols", "voice"))
        if tuple(self.document["symbols"]) != SYMBOLS:
            raise ManifestError(
                explain(
                    f"{path}, symbols",
                    expected=f"the {len(SYMBOLS)} of agents/voice/tokens.py",
                    got=f"{len(self.document['symbols'])} others",
                    do="Use the voice that came with this version of the pipeline.",
                )
            )
        weights = sum(file.stat().st_size for file in files)
        refuse_too_large(Bundle(model=model, weights=weights, manifest=None), config)
        options = SessionOptions(
            threads=1,  # the model is small: a second thread costs more than it saves
            spinning=False,
            prepacking=config.prepacking,
            memory_arena=config.memory_arena,
            graph_optimization=config.graph_optimization,
        )
        self._model = OnnxModel(model, options)

    def text_front_end(self, text: str, metadata: dict[str, Any] | None = None) -> list[Int64]:
        """Return int64 [1, n] tokens of each sentence, and note what was not said."""
        notes = Notes()
        found = sentences(text, notes)
        if metadata is not None:
            metadata["sentences"] = len(found)
            metadata["dropped"] = "".join(notes.dropped)
            metadata["tags"] = notes.tags
        return [_numbers(tokens(one.clauses, one.end)) for one in found]

    def spoken_text(self, text: str) -> str:
        """Return the words that are said of a text, sentences joined by a space."""
        return spoken_text(text)

    def acoustic_model(self, numbers: Int64, emotion: Controls = None) -> Float32:
        """Return the log-mel float32 [1, 80, T] of a sentence, 10 ms a frame."""
        mel, _ = self.timed(numbers, emotion)
        return mel

    def timed(self, numbers: Int64, emotion: Controls = None) -> tuple[Float32, Int64]:
        """Return the log-mel of a sentence and the frames of each token, int64 [1, n]."""
        found = np.asarray(numbers)
        if found.size and not 0 <= found.min() <= found.max() < len(SYMBOLS):
            raise InputRangeError(
                explain(
                    "Input out of range: tokens of acoustic_model",
                    expected=f"values in 0 .. {len(SYMBOLS) - 1}",
                    got=f"{found.min()} to {found.max()}",
                    do="Pass what text_front_end returns.",
                )
            )
        mel, durations = self._model.run_all(
            {"tokens": found, "emotion": Emotion.of(emotion).vector()}
        )
        return mel, durations

    def vocoder(self, mel: Float32) -> Float32:
        """Return float32 [160 T] samples in -0.98..0.98 at 16 kHz of a log-mel [1, 80, T].

        Raises:
            InputShapeError: another shape.
        """
        found = np.asarray(mel, np.float32)
        if found.ndim != 3 or found.shape[:2] != (1, MELS) or found.shape[2] < 1:
            raise InputShapeError(
                explain(
                    "Input shape mismatch: mel of vocoder",
                    expected=f"float32 [1, {MELS}, T]",
                    got=f"{found.dtype} {list(found.shape)}",
                    do="Pass what acoustic_model returns.",
                )
            )
        samples = griffin_lim(found[0]) * np.float32(LEVEL)
        return samples * np.float32(min(1.0, PEAK / max(float(np.abs(samples).max()), 1e-9)))


def picture(data: bytes) -> Float32:
    """Return the log-mel [1, 80, T] of an audio file: what the vocoder takes, from a recording.

    Raises:
        AudioFormatError, AudioTooLongError, AudioValuesError: see `AudioOmniPipeline`.
    """
    decoded = audio.decode(data, AudioLimits(megabytes=100, seconds=600))
    samples = audio.resample(decoded.samples, decoded.rate, "soxr")
    return log_mel(samples, max(1, -(-len(samples) // HOP)))[np.newaxis]


def _numbers(symbols: list[str]) -> Int64:
    return np.array([[_INDEX[symbol] for symbol in symbols]], np.int64)
