"""Every fault that is planted anywhere: what must come of it, what came of it, how soon.

    python -m tests.faults.table [GROUP]...

Prints a Markdown table for each group. Ends with 1 where anything is not as expected.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.faults import BAD, Fault, Row, tried, with_controls
from harness.report.faults_table import faults_markdown, faults_sentence
from harness.run.selftest import FAULTS
from harness.strict import nearest
from tests.faults.hardening import HARDENING
from tests.faults.memory import MEMORY
from tests.faults.pipeline import PIPELINE
from tests.faults.store import STORE
from tests.faults.verbs import VERBS
from tests.integrity.oddities import ODDITIES
from tests.integrity.table import DEFECTS

GROUPS: Mapping[str, Sequence[Fault[Any]]] = {
    "pipeline": (*PIPELINE, *HARDENING),
    "store": STORE,
    "verbs": VERBS,
    "memory": MEMORY,
    "bundles": (*DEFECTS, *ODDITIES),
    "selftest": with_controls(FAULTS),
}


def main(names: Sequence[str]) -> int:
    """Print the groups of these names, all where none is given; return 1 where one is wrong."""
    for name in names:
        if name not in GROUPS:
            print(f"faults: no group {name!r}.{nearest(name, GROUPS)}", file=sys.stderr)
            return 2
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="harness-faults-") as folder:
        for name in names or GROUPS:
            print(f"\n## {name}\n", flush=True)
            some = list(tried(GROUPS[name], Path(folder) / name))
            print(faults_markdown(some), flush=True)
            rows += some
    print(f"\n{len(rows)} rows: {faults_sentence(rows)}")
    return 1 if any(row.result in BAD for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
