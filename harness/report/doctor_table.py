"""What `harness doctor` saw, for a terminal: a line for each thing, and what to do below it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from harness.report.tables import WIDTH

STATES = {"OK": "\x1b[32m", "LOOK": "\x1b[33m", "BROKEN": "\x1b[1;31m"}
_INDENT = " " * 8


def doctor_table(lines: Iterable[Mapping[str, Any]], *, colour: bool) -> str:
    """Return what was seen, area by area, and how many lines are in each state."""
    known = list(lines)
    count = Counter(line["state"] for line in known)
    told = ", ".join(f"{count[state]} {state}" for state in STATES if count[state])
    return "".join([*(_shown(line, colour) for line in known), f"\n{told}.\n"])


def _shown(line: Mapping[str, Any], colour: bool) -> str:
    state = line["state"]
    mark = f"{STATES[state]}{state}\x1b[0m" if colour else state
    text = f"{line['area']}: {line['title']}: {line['seen']}"
    rows = [f"{mark}{_INDENT[len(state) :]}{_wrapped(text)}"]
    if line["remedy"]:
        rows.append(f"{_INDENT}  {_wrapped(line['remedy'], '  ')}")
    return "\n".join(rows) + "\n"


def _wrapped(text: str, more: str = "") -> str:
    width = WIDTH - len(_INDENT + more)
    rows = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return f"\n{_INDENT}{more}".join(rows)
