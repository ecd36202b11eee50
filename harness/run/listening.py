"""The listening tests that were held of the voice which a run is about, as its measurements.

A result counts for the voice with the digest that it names, and for no other: the MOS of
yesterday's voice says nothing of today's. Of several tests of one voice the one with most listeners
counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.accuracy.listening.ratings import Result, read_result
from harness.budgets import MOS, UNMEASURED
from harness.config import Settings
from harness.integrity.bundle import bundle_files, bundle_fingerprint
from harness.records import Measurement
from harness.run.recording import Recording
from harness.units import Unit


def listening(settings: Settings, recording: Recording) -> None:
    """Record the ratings of the voice, or why there are none.

    Raises:
        ListeningError: a result cannot be read.
    """
    part = settings.suite.listening
    if part is None:
        recording.fact(f"{UNMEASURED}{MOS}", "suite.yaml has no section listening")
        return
    voice, folder = Path(part.voice), Path(part.results)
    if not voice.is_file():
        recording.fact(f"{UNMEASURED}{MOS}", f"{voice} is absent: there is no voice")
        return
    found = held(folder, voice_digest(voice))
    if found is None:
        absent = f"{folder} holds no test of the voice {voice}"
        recording.fact(f"{UNMEASURED}{MOS}", absent)
        return
    for measurement in mos_measurements(found):
        recording.keep(measurement)


def voice_digest(model: Path) -> str:
    """Return the digest that binds a listening test to a voice: of its model's files."""
    return bundle_fingerprint(bundle_files(model))


def held(folder: Path, digest: str) -> Result | None:
    """Return the ACR test of the voice of this digest with most listeners; None: there is none.

    Raises:
        ListeningError: a result in the folder cannot be read.
    """
    tests = [read_result(file) for file in sorted(folder.glob("*.json"))]
    fitting = [t for t in tests if t.kind == "acr" and t.voice.digest == digest and t.listeners]
    return max(fitting, key=lambda test: test.listeners, default=None)


def mos_measurements(result: Result) -> Iterator[Measurement]:
    """Yield the ratings of the voice, a measurement of each listener."""
    for listener in range(result.listeners):
        mine = [r for r in result.ratings if r.listener == listener and r.role == "voice"]
        yield Measurement(
            metric=MOS,
            unit=Unit.SCORE,
            samples=tuple(one.score for one in mine),
            process=listener,
            clips=tuple(one.name for one in mine),
            note=f"test {result.test}, voice {result.voice.digest[:16]}",
        )
