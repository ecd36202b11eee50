"""From CTC log-probabilities to text: greedily, or with a lexicon and a language model."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.errors import InputShapeError, ManifestError, OnnxRuntimeError, explain
from agents.language_model import LanguageModel
from agents.prefix_search import BLANK, Frame, Search, Settings

_SURE = 0.999  # a symbol this probable has the frame to itself

_RANGES: Mapping[str, tuple[float, float]] = {  # of the settings; two integers: whole numbers only
    "beam": (1, 1_000),
    "alpha": (0.0, 10.0),
    "beta": (-20.0, 20.0),
    "oov_penalty": (-100.0, 0.0),
    "oov_letter": (-20.0, 0.0),
    "symbol_threshold": (-50.0, 0.0),
    "symbols": (1, 63),
    "beam_threshold": (-100.0, 0.0),
}

Float32 = NDArray[np.float32]


class TextDecoder:
    """Turns log-probabilities into text. Holds no state of a call; threads may share it."""

    def __init__(self, symbols: Sequence[str], model: LanguageModel, settings: Settings) -> None:
        """Take `symbols` (blank, space, letters: the alphabet of `model`) and the settings."""
        self.symbols = tuple(symbols)
        self.model = model
        self.settings = settings

    @classmethod
    def load(cls, manifest: Mapping[str, Any], folder: Path) -> TextDecoder:
        """Return the decoder of a bundle; `folder` holds the language model.

        Raises:
            BundleError: the language model is absent, damaged or of another alphabet, or the
                manifest's "decoder" has an unknown key or a value out of range.
        """
        model = LanguageModel.load(folder / manifest["language_model"])
        symbols = manifest["symbols"]
        if "".join(symbols[1:]) != model.alphabet:
            do = "Use the language model that was made for this model."
            raise _wrong("symbols", f"a blank and {model.alphabet!r}", repr(symbols), do)
        return cls(symbols, model, read_settings(manifest.get("decoder", {})))

    def greedy(self, log_probs: Float32) -> str:
        """Return the text of the likeliest symbol of each frame; float32 [T, symbols], nats."""
        best = self._checked(log_probs).argmax(axis=1)
        changed = best[np.flatnonzero(np.diff(best, prepend=BLANK))]
        letters = "".join(self.symbols[symbol] for symbol in changed.tolist() if symbol != BLANK)
        return " ".join(letters.split())

    def decode(self, log_probs: Float32) -> str:
        """Return the likeliest text; float32 [T, symbols], natural logarithms, T from 0."""
        symbols = Search(self.model, self.settings).run(self._frames(self._checked(log_probs)))
        return "".join([self.symbols[symbol] for symbol in symbols])

    def _checked(self, log_probs: Float32) -> Float32:
        if log_probs.ndim != 2 or log_probs.shape[1] != len(self.symbols):
            expected = f"[frames, {len(self.symbols)}]"
            do = "Pass the output of the bundle's text decoder, stitched where windows are several."
            what = "Input shape mismatch: log_probs"
            raise InputShapeError(explain(what, expected=expected, got=str(log_probs.shape), do=do))
        if np.isnan(log_probs).any():
            raise OnnxRuntimeError(
                "ONNX Runtime error: the log-probabilities are not numbers (NaN). The model's "
                "weights are damaged: download them again."
            )
        return log_probs

    def _frames(self, log_probs: Float32) -> list[Frame]:
        """Return what the search needs of each frame; a run of frames sure of one symbol is one."""
        sure = np.where(log_probs.max(axis=1) > math.log(_SURE), log_probs.argmax(axis=1), -1)
        wanted = np.flatnonzero((sure < 0) | (np.diff(sure, prepend=-1) != 0))
        rows = log_probs[wanted]
        tried = rows > self.settings.symbol_threshold
        tried[:, BLANK] = False
        probabilities = np.exp(rows)
        blanks = probabilities[:, BLANK].tolist()
        frames: list[Frame] = [(blank, []) for blank in blanks]
        at, symbols = np.nonzero(tried & (sure[wanted] != BLANK)[:, np.newaxis])
        found = zip(at.tolist(), symbols.tolist(), probabilities[at, symbols].tolist(), strict=True)
        for frame, symbol, probability in found:
            frames[frame][1].append((symbol, probability))
        for _, candidates in frames:
            if len(candidates) > self.settings.symbols:
                candidates.sort(key=lambda candidate: -candidate[1])
                del candidates[self.settings.symbols :]
        return frames


def read_settings(stated: Mapping[str, Any]) -> Settings:
    """Return the settings that a manifest states; those it does not name keep their default.

    Raises:
        ManifestError: an unknown key, or a value that is not a number in range.
    """
    for key, value in stated.items():
        if key not in _RANGES:
            near = difflib.get_close_matches(key, _RANGES, 1)
            do = f"Did you mean {near[0]}?" if near else "Remove it."
            raise _wrong(f"decoder.{key}", f"one of {', '.join(_RANGES)}", "another key", do)
        low, high = _RANGES[key]
        kinds = int if isinstance(low, int) else int | float
        if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
            kind = "a whole number" if isinstance(low, int) else "a number"
            raise _wrong(f"decoder.{key}", f"{kind} {low} to {high}", repr(value), "Correct it.")
    return Settings(**stated)


def _wrong(what: str, expected: str, got: str, do: str) -> ManifestError:
    return ManifestError(explain(f"Manifest: {what}", expected=expected, got=got, do=do))
