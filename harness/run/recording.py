"""A run being written: where it is made, every record as it comes, how quiet it was, the seal.

Each verb that measures records a run of its own kind:

    with recorded(settings, verb="soak", runs=runs, say=say) as recording:
        soak_pass(job, recording.keep)
    recording.run
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from harness.config import Settings
from harness.integrity.bundle import bundle_facts, bundle_files, bundle_fingerprint
from harness.integrity.watch import look, still_the_same
from harness.integrity.work import work_facts
from harness.measure.host import environment
from harness.measure.noise import Noise
from harness.progress import logger
from harness.records import Environment, Finding, Measurement, Run, Transcript
from harness.run.naming import name_doubt
from harness.store import RunWriter, read_run
from harness.units import Unit, show

Say = Callable[[str], None]  # tells the person who waits what happens now


class Recording:
    """The journal of a run in progress.

    Nothing is kept here: `run` reads what the journal holds, so that what is judged is what was
    stored.
    """

    def __init__(
        self,
        settings: Settings,
        writer: RunWriter,
        say: Say,
        *,
        identity: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the host and what is measured on it; `identity` adds to the digests."""
        self.settings = settings
        self.writer = writer
        self.say = say
        self.broken = False  # whether a rule was seen that does not hold
        self._run: Run | None = None
        self._noise = Noise()
        self._before = look(settings.model, seed=writer.id)  # ahead of the digests in `identity`
        self._place = environment(identity={**_identity(settings), **(identity or {})})

    def begin(self, facts: Mapping[str, Any]) -> None:
        """Record where the run is made and on what; `facts` are kept with those of the bundle."""
        known = _facts(self.settings)
        for name, value in {**facts, **known}.items():
            self.fact(name, value)
        self.writer.write(self._place)
        if doubt := name_doubt(self.settings, known["model"]):
            self.doubt(doubt)
        self._noise.start()

    def keep(self, record: Measurement | Transcript | Finding) -> None:
        """Write one record; a broken rule is told at once."""
        self._run = None
        self.writer.write(record)
        logger.debug("%s", _told(record))
        if isinstance(record, Finding) and not record.holds:
            self.broken = True
            self.say(f"{record.title} Not so: {record.detail}")

    def fact(self, name: str, value: Any) -> None:
        """Write a fact about the run."""
        self._run = None
        self.writer.fact(name, value)

    def doubt(self, text: str) -> None:
        """Write what a reader should not trust, and tell it at once."""
        self._run = None
        self.writer.doubt(text)
        self.say(text)

    @property
    def folder(self) -> Path:
        """Where the run is kept; files of its own may lie beside the journal."""
        return self.writer.folder

    @property
    def place(self) -> Environment:
        """The host and what is measured on it, as this run describes them."""
        return self._place

    @property
    def run(self) -> Run:
        """The run as its journal holds it now."""
        if self._run is None:
            self._run = read_run(self.writer.folder)
        return self._run

    def seal(self) -> None:
        """Record whether the bundle is what it was, how quiet it was, and that the run ended."""
        self.keep(still_the_same(self.settings.model, self._before))
        calm = self._noise.stop()
        self.writer.write(replace(self._place, noise=calm.noise))
        for doubt in calm.doubts:
            self.writer.doubt(doubt)
        self._run = None
        self.writer.seal()


@contextmanager
def recorded(
    settings: Settings,
    *,
    verb: str,
    runs: Path,
    say: Say,
    facts: Mapping[str, Any] | None = None,
    identity: Mapping[str, str] | None = None,
) -> Iterator[Recording]:
    """Record a run of `verb`: sealed at the end, or left incomplete by whatever is raised.

    Raises:
        StoreError: the run cannot be written.
    """
    config = str(settings.config)
    with RunWriter(runs, verb=verb, bundle=settings.bundle, config=config) as writer:
        recording = Recording(settings, writer, say, identity=identity)
        recording.begin(facts or {})
        yield recording
        recording.seal()


def _told(record: Measurement | Transcript | Finding) -> str:
    """A record in one line, for `--verbose`."""
    match record:
        case Measurement():
            middle = show(median(record.samples), record.unit) if record.samples else "no sample"
            return f"{record.metric} of process {record.process}: {middle} ({len(record.samples)})"
        case Transcript():
            return f"{record.set} {record.clip}: heard in {show(record.elapsed, Unit.SECONDS)}"
        case Finding():
            seen = "holds" if record.holds and record.checked else "not checked"
            return f"{record.area} {record.rule}: {seen if record.holds else 'BROKEN'}"


def _facts(settings: Settings) -> dict[str, Any]:
    """What a reader needs beside the figures: the settings, the model's graph, its work."""
    return {
        "quick": settings.quick,
        "reduced": settings.reduced,
        "suite": settings.suite.model_dump(mode="json"),
        "model": bundle_facts(settings.model),
        "work": {**work_facts(settings.model), "cut": settings.cut},
    }


def _identity(settings: Settings) -> dict[str, str]:
    """Digests of what the run is about: two runs with equal ones measured the same things."""
    return {
        "bundle": bundle_fingerprint(bundle_files(settings.model)),
        "config": hashlib.sha256(settings.config.read_bytes()).hexdigest(),
    }
