"""Sections of `suite.yaml` about how a voice sounds: to listeners, and to models of them."""

from __future__ import annotations

from pydantic import Field

from harness.strict import Strict


class Listening(Strict):
    """Where the results of listening tests lie, and of which voice they must be."""

    results: str  # folder of what `harness listen score --into` wrote
    voice: str  # the voice's model file: its digest is that of the results that count


class PredictorFile(Strict):
    """A model of listeners: an ONNX file with the contract of `predicted_mos.onnx_file`."""

    name: str = Field(pattern="^[a-z0-9_]+$")  # of its score: quality.predicted_mos.<name>
    path: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    rate: int = Field(default=16_000, ge=8000)  # Hz that it hears


class PredictedMos(Strict):
    """Which models of listeners score a voice, and which clips they score beside it."""

    predictors: tuple[PredictorFile, ...] = ()  # beside DNSMOS, which speechmos brings
    anchors: tuple[str, ...] = Field(min_length=1)  # sets under `sets`; the first is degraded too
    human: str | None = None  # folder of human speech, the first anchor where it is present
    clips: int = Field(ge=1)  # of each anchor
