"""The entry of run files: `harness.store.read_run` of a journal that somebody sent."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.errors import StoreError
from harness.records import Run
from harness.store import JOURNAL, RunWriter, read_run
from tests.fuzz.entry import Entry, keys
from tests.fuzz.place import placed
from tests.sample_run import sample_run


def read(data: bytes) -> Run:
    """Read a journal, and hold what was read to what a run is."""
    run = read_run(placed(JOURNAL, data))
    for measurement in run.measurements:
        assert all(map(math.isfinite, measurement.samples))
        assert measurement.process >= 0
    for heard in run.transcripts:
        assert math.isfinite(heard.seconds)
    return run


def seeds() -> Iterator[bytes]:
    """Journals as the harness writes them: one of every record, sealed and not."""
    run = sample_run()
    few = [
        dataclasses.replace(m, samples=m.samples[:4], tainted=m.tainted[:4])
        for m in run.measurements[:3]
    ]
    for records in (few, run.transcripts[:2], run.findings[:2], [run.environment]):
        with TemporaryDirectory() as folder:
            with RunWriter(Path(folder), verb="bench", bundle="b", config="c.yaml") as writer:
                for record in records:
                    assert record is not None
                    writer.write(record)
                writer.fact("soak", {"round": 26})
                writer.doubt("The governor is unknown.")
                writer.seal()
            yield (writer.folder / JOURNAL).read_bytes()


ENTRY = Entry(
    name="run_file",
    read=read,
    refused=StoreError,
    seeds=seeds,
    words=(
        *keys("type header measurement transcript finding environment fact doubt seal records"),
        *keys("format samples tainted name value unit expect intent slots arm facts process"),
        *rb'NaN Infinity 1e999 [[[[[[[[ {"a":{"a": \ud800 null'.split(),
    ),
    longest=8_192,
)
