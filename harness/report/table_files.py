"""Raw figures as files for other tools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.records import Run

COLUMNS = ("run", "metric", "unit", "arm", "process", "index", "value", "clip", "tainted")


def samples_csv(run: Run) -> str:
    """Return every sample of a run as a row of CSV, in the order taken, with COLUMNS above."""
    import pandas as pd

    return str(pd.DataFrame(sample_rows(run), columns=COLUMNS).to_csv(index=False))


def sample_rows(run: Run) -> Iterator[tuple[Any, ...]]:
    """Return every sample as a row of COLUMNS."""
    for m in run.measurements:
        for index, value in enumerate(m.samples):
            clip = m.clips[index] if m.clips else ""
            tainted = m.tainted[index] if m.tainted else ""
            about = (run.id, m.metric, m.unit.value, m.arm, m.process, index)
            yield (*about, value, clip, tainted)
