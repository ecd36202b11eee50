"""Raw figures as files for other tools."""

from __future__ import annotations

from harness.records import Run

COLUMNS = ("run", "metric", "unit", "arm", "process", "index", "value", "clip", "tainted")


def samples_csv(run: Run) -> str:
    """Return every sample of a run as a row of CSV, in the order taken, with COLUMNS above."""
    import pandas as pd

    rows = [
        (
            run.id,
            m.metric,
            m.unit.value,
            m.arm,
            m.process,
            index,
            value,
            m.clips[index] if m.clips else "",
            m.tainted[index] if m.tainted else "",
        )
        for m in run.measurements
        for index, value in enumerate(m.samples)
    ]
    return str(pd.DataFrame(rows, columns=COLUMNS).to_csv(index=False))
