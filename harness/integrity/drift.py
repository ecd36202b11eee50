"""How far a model's answers to its canaries are from the stored ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.errors import BundleError
from harness.integrity.canaries import read_canaries, sing
from harness.integrity.manifest import CanaryEntry, Manifest, manifest_path, read_manifest
from harness.integrity.outputs import Distance, distance
from harness.integrity.processor import level
from harness.integrity.rule import NotChecked, Note, Rule, findings
from harness.integrity.runtime import RUNTIME
from harness.integrity.specification import PRODUCT_CONTRACT
from harness.records import Finding


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How far the answer to one canary is from the stored one."""

    canary: str
    of: str  # the model that gave the stored answer
    apart: Distance
    limit: float  # of the relative distance, on this processor

    @property
    def held(self) -> bool:
        """Whether the answer is near enough."""
        return self.apart.relative <= self.limit


class Heard:
    """A model beside its canaries; run when first asked."""

    def __init__(self, path: Path, manifest: Manifest | None) -> None:
        self.path = path
        self.manifest = manifest
        self.entry = manifest.canaries if manifest else None

    @cached_property
    def drifts(self) -> tuple[Drift, ...] | str:
        """The drift of each canary, none where there are none; or why it cannot be told."""
        if self.entry is None:
            return ()
        try:
            return self._drifts(self.entry)
        except BundleError as error:
            return str(error)

    def _drifts(self, entry: CanaryEntry) -> tuple[Drift, ...] | str:
        contract = (self.manifest.contract if self.manifest else None) or PRODUCT_CONTRACT
        stored = read_canaries(self.path.parent, entry, contract)
        found = sing(self.path, contract, dict(zip(stored.names, stored.codes, strict=True)))
        if (shape := found.answers[0].shape) != (kept := stored.answers[0].shape):
            return f"{entry.file}: expected answers {list(kept)}, found {list(shape)}."
        limit = entry.same if level() == entry.level else entry.other
        rows = zip(found.names, found.answers, stored.answers, strict=True)
        return tuple(
            Drift(canary=name, of=entry.of, apart=distance(a, b), limit=limit)
            for name, a, b in rows
        )


def canaries_answer_as_sealed(heard: Heard) -> Iterator[str]:
    """The model answers its canaries as when they were sealed."""
    entry, drifts = heard.entry, heard.drifts
    if entry is None:
        yield NotChecked(
            f"Not checked: {manifest_path(heard.path).name} names no canaries. From a copy that "
            f"you trust: harness seal {heard.path}"
        )
    elif isinstance(drifts, str):
        yield drifts
    else:
        parts = [f"{drift.canary} {_told(drift.apart)}" for drift in drifts]
        sealed = f"{entry.of} gave the stored answers by {entry.runtime} on {entry.level}"
        here = f"{drifts[0].limit:.0e} relative is allowed on {level()} by {RUNTIME}"
        text = f"{'; '.join(parts)}. {sealed}; {here}."
        yield Note(text) if all(drift.held for drift in drifts) else text


RULES: tuple[Rule[Heard], ...] = (canaries_answer_as_sealed,)


def check_canaries(model_path: Path) -> tuple[tuple[Finding, ...], tuple[Drift, ...]]:
    """Let a model answer its canaries: the findings of `RULES`, and the drift of each canary.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    if not model_path.exists():
        raise BundleError(f"{model_path}: no such model file. Build or download the bundle first.")
    heard = Heard(model_path, read_manifest(model_path))
    seen = findings(RULES, heard, area="canaries")
    return seen, () if isinstance(heard.drifts, str) else heard.drifts


def _told(apart: Distance) -> str:
    if not apart.max_abs:
        return "to the last bit"
    return f"{apart.relative:.1e} relative, {apart.max_abs:.1e} at most, cosine {apart.cosine:.6f}"
