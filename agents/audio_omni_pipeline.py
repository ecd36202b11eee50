"""Speech in, text out, around one ONNX model on the CPU.

    audio bytes -> decode_audio -> resample_audio -> log_mel -> tokenise -> audio_codes
    audio_codes -> run_inference -> mel_features -> _extract_text_from_mel -> text
    text -> text_front_end -> tokens -> acoustic_model -> log-mel -> vocoder -> audio bytes

Audio longer than one window (10.24 s) is several windows that overlap by 2 s; their codes and
features are joined on the time axis, and what they heard is stitched at pauses and read as one
text (`agents.windows`). One pipeline may serve many threads at once.
Run as a file, it is a smoke run: `python3 agents/audio_omni_pipeline.py [clip.wav]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":  # run as a file: Python looked for packages beside it, not above
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from agents.smoke import main

    sys.exit(main(sys.argv[1:]))

import functools
import logging
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents import audio, features, windows
from agents.audio_limits import AudioLimits
from agents.bundle import Bundle, read_bundle
from agents.config import AudioOmniConfig
from agents.errors import BundleIncompleteError
from agents.fallback import Fallbacks
from agents.sessions import Sessions, Speech, check_joined, open_sessions, refuse_too_large
from agents.shared_pipeline import CONFIG_VARIABLE, get_audio_omni_pipeline
from agents.speaker import Controls, Speaker
from agents.time_limit import TimeLimit, unlimited

__all__ = ["CONFIG_VARIABLE", "AudioOmniConfig", "AudioOmniPipeline", "get_audio_omni_pipeline"]

CODES = (1, 16, 128)  # audio_codes of one window: codebooks, code frames
PROJECT = Path(__file__).resolve().parents[1]

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Metadata = dict[str, Any]

logger = logging.getLogger(__name__)


class AudioOmniPipeline:
    """The speech pipeline of one model.

    Each stage is a public method, so that it can be timed alone. Where a stage takes `metadata`,
    it notes there what it found: nothing of a call is kept on the pipeline itself. `close`, or the
    end of a `with` block, gives back its memory, files and threads.
    """

    def __init__(self, config: AudioOmniConfig, *, project: Path = PROJECT) -> None:
        """Check the model's files, and load them if the config says so.

        Args:
            config: what to load and how.
            project: where `model_path` is looked up when the current folder does not hold it.

        Raises, where no model of `fallback` can take over:
            BundleError: a file is absent or damaged, or the weights exceed `max_memory_mb`.
            MemoryBudgetError: there is no memory for the weights or the first run.
            OnnxRuntimeError: onnxruntime cannot load a file.
        """
        self.config = config
        self.limit = TimeLimit(config.inference_timeout_s)
        self._project = project
        self._limits = AudioLimits(megabytes=config.max_audio_mb, seconds=config.max_audio_seconds)
        self._lock = threading.Lock()
        self._sessions: Sessions | None = None
        self._speaker = Speaker(locate(config.voice_path, project), config)
        self._fallbacks = Fallbacks(config, functools.partial(_open_smaller, config, project))
        try:
            refuse_too_large(self.bundle, config)
            if config.load_on_startup:
                with unlimited():
                    self.warm_up()
        except Exception as error:
            if not self._fallbacks.take_over(0, error):
                raise
            self.release()
        if config.load_on_startup:
            self._fallbacks.open_serving(self)

    @functools.cached_property
    def bundle(self) -> Bundle:
        """The model's files, as they were when they were last read."""
        return read_bundle(locate(self.config.model_path, self._project))

    @classmethod
    def from_file(cls, path: str | Path) -> AudioOmniPipeline:
        """Return the pipeline of a config file; its project is the parent of the file's folder.

        Raises:
            AudioOmniConfigError: the config cannot be used.
            BundleError, OnnxRuntimeError: the model cannot be used.
        """
        return cls(AudioOmniConfig.from_file(path), project=Path(path).resolve().parent.parent)

    def process_audio(self, data: bytes) -> dict[str, Any]:
        """Return what the model makes of an audio file, and the text that was spoken.

        Args:
            data: the bytes of a WAV, FLAC, OGG or MP3 file.

        Returns:
            mel_features: float32, the model's output; windows joined on the last axis, on which
                the 2 s that two windows share come twice. With `output: frames` only the part of
                it that the text needs; with `bind_output` valid until this thread's next call.
            audio_codes: int64 [1, 16, 128 * windows], joined in the same way.
            text: the words, lower case, separated by spaces; "" where no speech was found.
            metadata: model, version, format, channels, sample_rate (Hz, of the file), seconds,
                offset (mean of the samples, of full scale; taken out from 0.005 on), windows,
                window_starts (seconds), seams (seconds: one between every two windows; the text
                is the earlier one's up to it, the later one's from it on),
                resampler, output (what mel_features is: "full" or "frames"),
                greedy_text (the text before the language model); fallback, only where another
                model answered than the config's: its `model`, `instead_of` and `why`.

        Raises:
            AudioFormatError: the bytes are not audio, or cut off.
            AudioTooLongError: it is more than `max_audio_mb` or `max_audio_seconds`.
            AudioValuesError: the samples are NaN, infinite or far beyond full scale.
            BundleIncompleteError: the model came without tokenizer and text decoder.
            InferenceTimeoutError: there was no answer within `inference_timeout_s`.
            MemoryBudgetError: there is no memory for what the model makes.
            OnnxRuntimeError, PipelineClosedError: onnxruntime failed; it was closed.
        """
        return self._fallbacks.answer(self, data)

    def answer(self, data: bytes) -> dict[str, Any]:
        """Return what `process_audio` does, by this model alone and without a limit."""
        manifest = self._speech().manifest
        metadata: Metadata = {
            "model": self.config.name,
            "version": manifest.document.get("version"),
            "resampler": self.config.resampler,
            "output": "frames" if self._open().cut else "full",
        }
        codes = self.audio_to_codes(data, metadata)
        mel_features = self._features(codes)
        text = self._extract_text_from_mel(mel_features, metadata)
        logger.debug("heard %r: %s", text, metadata)
        return {
            "mel_features": mel_features,
            "audio_codes": codes[0] if len(codes) == 1 else np.concatenate(codes, axis=2),
            "text": text,
            "metadata": metadata,
        }

    def audio_to_codes(self, data: bytes, metadata: Metadata | None = None) -> list[Int64]:
        """Return int64 [1, 16, 128] codes, one array per window of the audio."""
        noted: Metadata = {} if metadata is None else metadata
        samples = self.resample_audio(*self.decode_audio(data, noted))
        pieces = windows.cut(samples)
        noted["windows"] = len(pieces)
        noted["window_starts"] = windows.starts(len(pieces))
        noted["seams"] = windows.seams(samples)
        return [self.tokenise(self.log_mel(piece)) for piece in pieces]

    def decode_audio(self, data: bytes, metadata: Metadata | None = None) -> tuple[Float32, int]:
        """Return float32 [n] mono samples in -1..1 and their rate in Hz."""
        decoded = audio.decode(data, self._limits)
        if metadata is not None:
            metadata["format"] = decoded.format
            metadata["channels"] = decoded.channels
            metadata["sample_rate"] = decoded.rate
            metadata["seconds"] = len(decoded.samples) / decoded.rate
            metadata["offset"] = decoded.offset
        return decoded.samples, decoded.rate

    def resample_audio(self, samples: Float32, rate: int) -> Float32:
        """Return float32 [n] at 16 kHz, by the resampler of the config."""
        return audio.resample(samples, rate, self.config.resampler)

    def log_mel(self, samples: Float32) -> Float32:
        """Return float32 [1, 80, 1024] of at most one window of samples at 16 kHz."""
        return features.log_mel(samples)[np.newaxis]

    def tokenise(self, log_mel: Float32) -> Int64:
        """Return int64 [1, 16, 128] codes of one window, float32 [1, 80, 1024]."""
        return self._speech().tokenizer.run(log_mel)

    def run_inference(self, codes: Int64) -> Float32:
        """Return the model's float32 output for one window of codes, int64 [1, 16, 128].

        Raises:
            InputShapeError, InputRangeError: they are no such codes.
            InferenceTimeoutError, MemoryBudgetError, OnnxRuntimeError: see `process_audio`.
        """
        core = self._open().core

        def run() -> Float32:
            self.limit.enter()
            return core.run(codes)

        return self.limit.run(run)

    def _extract_text_from_mel(
        self, mel_features: Float32, metadata: Metadata | None = None
    ) -> str:
        """Return the text in the features of one window, or of several as process_audio joins them.

        Windows are stitched at the seams that audio_to_codes noted in `metadata`; where it did
        not, in the middle of their overlaps.
        """
        speech = self._speech()
        noted: Metadata = {} if metadata is None else metadata
        heard = [speech.acoustic.run(picture)[0] for picture in _pictures(mel_features, speech)]
        seams = noted.get("seams", windows.middles(len(heard)))
        log_probs = windows.stitch(heard, seams)
        noted["greedy_text"] = speech.decoder.greedy(log_probs)
        return speech.decoder.decode(log_probs)

    def generate_audio(self, text: str, emotion: Controls = None) -> bytes:
        """Return speech as a WAV file: `Speaker.sentences` says what is taken and raised."""
        return self.limit.run(functools.partial(self._speaker.whole, self, text, emotion))

    def stream_audio(self, text: str, emotion: Controls = None) -> Iterator[bytes]:
        """Return the same samples sentence by sentence, each a WAV file, made when asked for."""
        spoken = self._speaker.stream(self, text, emotion)  # which refuses at once what it refuses
        return iter(lambda: self.limit.run(functools.partial(next, spoken, b"")), b"")

    def text_front_end(self, text: str, metadata: Metadata | None = None) -> list[Int64]:
        """Return int64 [1, n] tokens of each sentence."""
        return self._speaker.voice().text_front_end(text, metadata)

    def spoken_text(self, text: str) -> str:
        """Return the words that are said of a text, lower case, numbers spelled out."""
        return self._speaker.voice().spoken_text(text)

    def acoustic_model(self, tokens: Int64, emotion: Controls = None) -> Float32:
        """Return the log-mel float32 [1, 80, T] of the tokens of a sentence."""
        return self._speaker.voice().acoustic_model(tokens, emotion)

    def vocoder(self, mel: Float32) -> Float32:
        """Return float32 [160 T] samples at 16 kHz of a log-mel float32 [1, 80, T]."""
        return self._speaker.voice().vocoder(mel)

    def _features(self, codes: list[Int64]) -> Float32:
        """Return the features of all windows, joined; those of one are passed on uncopied.

        A window's are copied before the next one's are made: they may hold gigabytes, and lie in
        memory that is used again.
        """
        first = self.run_inference(codes[0])
        if len(codes) == 1:
            return first
        check_joined(first, len(codes), self.config)
        length = first.shape[2]
        joined = np.empty((*first.shape[:2], length * len(codes)), first.dtype)
        joined[:, :, :length] = first
        del first
        for at, window in enumerate(codes[1:], start=1):
            joined[:, :, at * length : (at + 1) * length] = self.run_inference(window)
        return joined

    def _open(self) -> Sessions:
        """Return the sessions; the first caller opens them while the others wait."""
        if self._sessions is None:
            with self._lock:
                if self._sessions is None:
                    self.limit.check_open()
                    refuse_too_large(self.bundle, self.config)
                    self._sessions = open_sessions(self.bundle, self.config)
                return self._sessions
        return self._sessions

    def _speech(self) -> Speech:
        speech = self._open().speech
        if speech is None:
            raise BundleIncompleteError(
                f"{self.bundle.model}: no manifest beside it names a tokenizer and a text decoder. "
                f"Add {self.bundle.model.name}.manifest.json, or call run_inference on codes."
            )
        return speech

    def try_out(self) -> None:
        """Open the model if need be, and run it once within the limit of a request."""
        self._open()

        def run() -> None:
            self.limit.enter()
            self.warm_up()

        self.limit.run(run)

    def release(self) -> None:
        """Give the model's memory back. Its files are read again when it is next used."""
        with self._lock:
            self._sessions = None
            self.__dict__.pop("bundle", None)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self.limit.closed

    def close(self) -> None:
        """Wait for the requests that run, then end every thread and give back memory and files.

        Calls after it raise PipelineClosedError.
        """
        self.limit.close()
        self._fallbacks.close()
        self.release()

    def __enter__(self) -> AudioOmniPipeline:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Run everything once: the first inference of a session costs several later ones."""
        if self.bundle.manifest is None:
            self.run_inference(np.zeros(CODES, np.int64))
        else:
            self.answer(audio.sine(440.0, 44_100))  # a rate that needs the resampler


def _open_smaller(config: AudioOmniConfig, project: Path, name: str) -> AudioOmniPipeline:
    """Return the pipeline of a file that `config` names under `fallback`, its model open."""
    path = locate(name, project)
    pipeline = AudioOmniPipeline(config.smaller(path), project=path.resolve().parent.parent)
    pipeline._open()
    return pipeline


def locate(path: str, project: Path = PROJECT) -> Path:
    """Return `path` in the current folder if it is there, else in `project`."""
    here = Path(path)
    return here if here.exists() else project / here


def _pictures(mel_features: Float32, speech: Speech) -> Iterator[Float32]:
    """Yield what the text decoder reads, float32 [1, text_channels, 1024] per window."""
    for start in range(0, mel_features.shape[2], speech.length):
        window = mel_features[:, : speech.manifest.text_channels, start : start + speech.length]
        yield np.ascontiguousarray(window[:, :, :: speech.stride])
