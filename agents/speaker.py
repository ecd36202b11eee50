"""How a pipeline speaks: its voice, loaded when first used, and sentence after sentence of a text.

Nothing of the voice is imported before it is used: who only hears does not pay for it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agents.config import AudioOmniConfig

if TYPE_CHECKING:
    from agents.voice.emotion import Emotion
    from agents.voice.voice import Voice

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Controls = Any  # (rate, pitch, pitch_range, energy), an `Emotion`, or None


class Stages(Protocol):
    """The three steps from text to samples, as the pipeline offers them (and as they are timed)."""

    def text_front_end(self, text: str) -> list[Int64]: ...
    def acoustic_model(self, tokens: Int64, emotion: Controls) -> Float32: ...
    def vocoder(self, mel: Float32) -> Float32: ...


class Speaker:
    """The voice of one pipeline; may be used by many threads at once."""

    def __init__(self, model: Path, config: AudioOmniConfig) -> None:
        """Note where the voice lies; nothing is read yet."""
        self._model, self._config = model, config
        self._lock = threading.Lock()
        self._voice: Voice | None = None

    def voice(self) -> Voice:
        """Return the voice; the first caller loads it while the others wait.

        Raises:
            BundleError, OnnxRuntimeError: see `agents.voice.voice.Voice`.
        """
        if self._voice is None:
            with self._lock:
                if self._voice is None:
                    from agents.voice.voice import Voice

                    self._voice = Voice(self._model, self._config)
        return self._voice

    def whole(self, stages: Stages, text: str, emotion: Controls) -> bytes:
        """Return a text as one WAV file: 16 bit, mono, 16 kHz."""
        from agents.voice.wav import wav

        return wav(np.concatenate(list(self.sentences(stages, text, emotion))))

    def stream(self, stages: Stages, text: str, emotion: Controls) -> Iterator[bytes]:
        """Return a WAV file for each sentence; their samples in a row are those of `whole`."""
        from agents.voice.wav import wav

        return map(wav, self.sentences(stages, text, emotion))

    def sentences(self, stages: Stages, text: str, emotion: Controls) -> Iterator[Float32]:
        """Return float32 [n] samples of each sentence, made when they are asked for.

        The same text and controls give the same samples on the same machine.

        Args:
            stages: the pipeline.
            text: Spanish, at most 20 000 characters. What has no sound (emoji, other alphabets,
                control characters) is left out, and so is markup, which is never obeyed;
                `text_front_end` notes both in its `metadata`.
            emotion: (rate, pitch, pitch_range, energy), each clipped to -1..1; None and zeros are
                neutral. `agents.voice.emotion.MEANING` says what the ends are.

        Raises:
            TextError: no str, or nothing in it that can be said.
            TextTooLongError: more than 20 000 characters.
            EmotionError: not four finite numbers.
            BundleError, OnnxRuntimeError: the voice cannot be used.
        """
        from agents.voice.emotion import Emotion
        from agents.voice.wav import paused

        controls: Emotion = Emotion.of(emotion)
        found: Sequence[Int64] = stages.text_front_end(text)
        last = len(found) - 1
        spoken = (stages.vocoder(stages.acoustic_model(tokens, controls)) for tokens in found)
        return (one if at == last else paused(one) for at, one in enumerate(spoken))
