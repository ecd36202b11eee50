"""A predictor in an ONNX file of the user's, named in suite.yaml with its digest.

The contract of the file: one input, float32 [1, n] of samples in -1..1 in one channel at the stated
rate, n free; one output of a single float, the predicted MOS. External data is refused, for the
digest would not cover it: onnxruntime is given the bytes that were hashed, and no folder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from harness.accuracy.predicted_mos.pinned import pinned
from harness.accuracy.predicted_mos.waveform import Waveform, prepared
from harness.errors import PredictorError

CONTRACT = "one input float32 [1, n] with n free, and one output of a single float"


class OnnxPredictor:
    """One score by one model file."""

    def __init__(self, name: str, file: Path, sha256: str, rate: int) -> None:
        """Load the file; its score is called `name`, and `rate` is what it hears, in Hz.

        Raises:
            PredictorError: absent, of another digest, no ONNX model, or of another contract.
        """
        self.names: tuple[str, ...] = (name,)
        self.digest = sha256
        self._file, self._rate = file, rate
        data = pinned(file, sha256, name)
        try:
            self._session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own have no common root
            reason = " ".join(str(error).split())
            raise PredictorError(
                f"{file}: onnxruntime cannot load the predictor {name}: {reason} "
                "Give a whole model in one file."
            ) from None
        self._check_contract()

    def score(self, waveforms: Sequence[Waveform]) -> list[dict[str, float]]:
        """Return the score of each waveform.

        Raises:
            PredictorError: a waveform cannot be scored, or the model gives no single finite number.
        """
        return [{self.names[0]: self._one(waveform)} for waveform in waveforms]

    def _one(self, waveform: Waveform) -> float:
        samples = prepared(waveform, self._rate)[np.newaxis]
        name = self._session.get_inputs()[0].name
        try:
            given = np.asarray(self._session.run(None, {name: samples})[0])
        except Exception as error:
            raise self._breach(" ".join(str(error).split())) from None
        if given.size != 1 or not math.isfinite(float(given.reshape(-1)[0])):
            raise self._breach(f"an output of shape {list(given.shape)}: {given.reshape(-1)[:3]}")
        return float(given.reshape(-1)[0])

    def _check_contract(self) -> None:
        taken, given = self._session.get_inputs(), self._session.get_outputs()
        if len(taken) != 1 or len(given) != 1:
            raise self._breach(f"{len(taken)} inputs and {len(given)} outputs")
        shape = list(taken[0].shape)
        fits = len(shape) == 2 and (shape[0] in (1, None) or isinstance(shape[0], str))
        free = len(shape) == 2 and not isinstance(shape[1], int)
        if taken[0].type != "tensor(float)" or not (fits and free):
            raise self._breach(f"an input {taken[0].type} {shape}")

    def _breach(self, got: str) -> PredictorError:
        return PredictorError(
            f"{self._file}: the predictor {self.names[0]}: expected {CONTRACT}, got {got}. "
            "Export it so, or leave it out of predicted_mos in suite.yaml."
        )
