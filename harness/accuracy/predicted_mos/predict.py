"""Scores of a voice and of its anchors, by every predictor that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from harness.accuracy.predicted_mos import dnsmos
from harness.accuracy.predicted_mos.anchors import Anchors
from harness.accuracy.predicted_mos.onnx_file import OnnxPredictor
from harness.accuracy.predicted_mos.waveform import Waveform
from harness.errors import PredictorError
from harness.opinions import PredictorFile
from harness.records import Finding, Measurement
from harness.units import Unit

METRIC = "quality.predicted_mos."  # before the name of a score
ANCHOR = "anchor: "  # before the name of an anchor, as the arm of its measurements
RULE = "predictors_are_present"


class Predictor(Protocol):
    """A model of listeners."""

    names: tuple[str, ...]  # of its scores
    digest: str  # sha256 of its files

    def score(self, waveforms: Sequence[Waveform]) -> list[dict[str, float]]:
        """Return for each waveform its scores by name; a PredictorError where it cannot."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The predictors that can be asked, and why others cannot."""

    predictors: tuple[Predictor, ...]
    absent: Mapping[str, str]  # name -> reason, and what to do


@dataclass(frozen=True, kw_only=True)
class Predicted:
    """What a run keeps of it."""

    measurements: tuple[Measurement, ...]
    findings: tuple[Finding, ...]
    facts: Mapping[str, Any]  # digests: of each score's predictor; absent: name -> reason


def load(files: Iterable[PredictorFile]) -> Loaded:
    """Load DNSMOS where speechmos is installed, and every predictor that suite.yaml names.

    Raises:
        PredictorError: a file has another digest than is pinned, or breaks its contract.
    """
    found: list[Predictor] = []
    absent: dict[str, str] = {}
    if reason := dnsmos.absent():
        absent[dnsmos.NAME] = reason
    else:
        found.append(dnsmos.Dnsmos())
    for row in files:
        path = Path(row.path)
        if path.is_file():
            found.append(OnnxPredictor(row.name, path, row.sha256, row.rate))
        else:
            absent[row.name] = f"{path} is absent. Put the predictor there"
    names = [name for one in found for name in one.names]
    if len(set(names)) < len(names):
        raise PredictorError(
            f"predicted_mos.predictors: a name stands twice: {', '.join(names)}. Rename one."
        )
    return Loaded(predictors=tuple(found), absent=absent)


def predict(voice: Mapping[str, Waveform], anchors: Anchors, loaded: Loaded) -> Predicted:
    """Score the sentences of a voice (id -> waveform) and every anchor.

    Without a predictor there are findings only: that is not measured, and no pass.

    Raises:
        PredictorError: no sentence, no anchor, or a waveform that cannot be scored.
    """
    if not voice or not any(anchors.values()):
        raise PredictorError(
            f"Predicted MOS: expected sentences and anchors, got {len(voice)} and "
            f"{sum(map(len, anchors.values()))}. A predicted MOS is never given alone."
        )
    measured: list[Measurement] = []
    for predictor in loaded.predictors:
        measured += _measured(predictor, list(voice.values()), tuple(voice), "")
        for name, waveforms in anchors.items():
            measured += _measured(predictor, waveforms, (), f"{ANCHOR}{name}")
    return Predicted(
        measurements=tuple(measured),
        findings=_findings(loaded),
        facts={
            "digests": {name: one.digest for one in loaded.predictors for name in one.names},
            "absent": dict(loaded.absent),
        },
    )


def _measured(
    predictor: Predictor, waveforms: Sequence[Waveform], clips: tuple[str, ...], arm: str
) -> Iterable[Measurement]:
    scores = predictor.score(waveforms)
    for name in predictor.names:
        yield Measurement(
            metric=f"{METRIC}{name}",
            unit=Unit.SCORE,
            samples=tuple(one[name] for one in scores),
            clips=clips,
            note=f"predicted, by a model of sha256 {predictor.digest[:12]}",
            arm=arm,
        )


def _findings(loaded: Loaded) -> tuple[Finding, ...]:
    title = "Every predictor of a MOS that the suite names is there."
    if not loaded.absent:
        detail = ", ".join(name for one in loaded.predictors for name in one.names)
        return (Finding(rule=RULE, title=title, holds=True, detail=detail, area="quality"),)
    return tuple(
        Finding(
            rule=RULE,
            title=title,
            holds=True,
            checked=False,
            detail=f"NOT MEASURED: {METRIC}{name}: {reason}.",
            area="quality",
        )
        for name, reason in loaded.absent.items()
    )
