"""DNSMOS: models of listeners to noisy speech, as the package speechmos ships them.

P.835 (Reddy, Gopal & Cutler, ICASSP 2022): overall, speech signal, background. P.808 (the same,
ICASSP 2021): overall. They heard suppressed noise in English when they were trained, not synthetic
Spanish; a difference between two voices is worth more than a value.

A clip shorter than 9.01 s is repeated to that length, a longer one is scored in windows a second
apart whose mean counts: this is the package's doing, and part of what the figures mean.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.accuracy.predicted_mos.pinned import pinned
from harness.accuracy.predicted_mos.waveform import Waveform, prepared

NAME = "dnsmos"
RATE = 16_000  # Hz
INSTALL = "pip install speechmos requests"  # it imports requests and does not say so
# Files of speechmos 0.0.1.1 -> their sha256.
FILES = {
    "dnsmos_models/sig_bak_ovr.onnx": (
        "269fbebdb513aa23cddfbb593542ecc540284a91849ac50516870e1ac78f6edd"
    ),
    "dnsmos_models/model_v8.onnx": (
        "9246480c58567bc6affd4200938e77eef49468c8bc7ed3776d109c07456f6e91"
    ),
}
SCORES = {  # name of a score here -> the package's
    "dnsmos_ovrl": "ovrl_mos",
    "dnsmos_sig": "sig_mos",
    "dnsmos_bak": "bak_mos",
    "dnsmos_p808": "p808_mos",
}


class Dnsmos:
    """The two models; `absent` says why they cannot be had."""

    names = tuple(SCORES)
    digest = "+".join(FILES.values())

    def __init__(self, folder: Path | None = None) -> None:
        """Load the models of the installed package, once their digests are seen to be right.

        Args:
            folder: of the package; None: where it is installed.

        Raises:
            PredictorError: a file is absent or has another digest.
            ImportError: the package, or what it imports, is not installed.
        """
        package = importlib.import_module("speechmos.dnsmos")
        place = folder or Path(str(package.__file__)).parent
        for file, sha256 in FILES.items():
            pinned(place / file, sha256, NAME)
        self._model: Any = package.DNSMOS(*(str(place / file) for file in FILES))

    def score(self, waveforms: Sequence[Waveform]) -> list[dict[str, float]]:
        """Return the scores of each waveform by the names of `SCORES`, on a scale of 1 to 5.

        Raises:
            PredictorError: a waveform cannot be scored.
        """
        return [self._one(waveform) for waveform in waveforms]

    def _one(self, waveform: Waveform) -> dict[str, float]:
        samples = prepared(waveform, RATE)
        with warnings.catch_warnings():  # of its mel bands, some narrower than a bin: as trained
            warnings.filterwarnings("ignore", message="Empty filters detected")
            found = self._model(samples, RATE, False)
        return {name: float(found[key]) for name, key in SCORES.items()}


def absent() -> str:
    """Say why the package cannot be used; "" where it can."""
    lacking = [name for name in ("speechmos", "requests", "librosa") if find_spec(name) is None]
    return f"{' and '.join(lacking)} not installed. Run: {INSTALL}" if lacking else ""
