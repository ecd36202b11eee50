"""The numbers behind a page, as files that it carries: data URIs, which a browser saves.

What is too long for a page is named instead, with the command that writes it.
"""

from __future__ import annotations

import base64
import csv
import io
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.records import Run, Verdict
from harness.report.names import NONE
from harness.report.table_files import COLUMNS, sample_rows
from harness.store import JOURNAL
from harness.units import Unit, show

LONGEST = 300_000  # bytes of a file that a page carries: two such take 0.8 MB of it
HEARD = (
    *("set", "clip", "condition", "speaker", "seconds", "elapsed"),
    *("reference", "heard", "greedy"),
)


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """One file."""

    name: str
    about: str
    uri: str  # "" where it is too long for a page


def raw(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    """Return what the section of raw numbers shows."""
    made = (
        _file(run, "samples", "every sample in the order taken", COLUMNS, sample_rows(run)),
        _file(run, "heard", "what was said and heard in every clip", HEARD, _heard(run)),
    )
    files = tuple(one for one in made if one)
    command = shlex.join(["harness", "runs", "export", run.id, "--csv"])
    return {
        "raw": files,
        "raw_sentence": f"What this page was drawn from lies beside it, in {JOURNAL}; the page "
        "carries it as tables of UTF-8 CSV, in seconds and bytes.",
        "raw_command": command,
    }


def _file(
    run: Run, kind: str, about: str, heads: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> RawFile | None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    data = text.getvalue().encode()
    if data.count(b"\n") < 2:
        return None
    size, fits = show(len(data), Unit.BYTES), len(data) <= LONGEST
    return RawFile(
        name=f"{run.id}-{kind}.csv",
        about=f"{about}, {size}{'' if fits else ': too long for a page'}.",
        uri=f"data:text/csv;base64,{base64.b64encode(data).decode('ascii')}" if fits else "",
    )


def _heard(run: Run) -> Iterator[tuple[Any, ...]]:
    for t in run.transcripts:
        about = (t.set, t.clip, t.condition or NONE, t.speaker or NONE, t.seconds, t.elapsed)
        yield (*about, t.reference, t.hypothesis, t.greedy)
