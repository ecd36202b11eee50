"""Summaries of stored runs, made again where they are absent or damaged."""

from __future__ import annotations

import os
from pathlib import Path

from harness.errors import StoreError
from harness.judge.likeness import budgets_then
from harness.judge.summary import summarise
from harness.judge.verdicts import judge_all
from harness.store import journals, read_run
from harness.summaries import Summary, keep_summary, read_summary


def summary_of(folder: Path) -> Summary:
    """Return the summary of a run; where none lies beside it, by the budgets it was made for.

    Raises:
        StoreError: the journal cannot be read, or the folder cannot be written to.
    """
    if found := read_summary(folder):
        return found
    run = read_run(folder)
    made = summarise(run, judge_all(budgets_then(run), run))
    keep_summary(folder, made)
    return made


def summaries_in(runs: Path) -> tuple[tuple[Summary, ...], tuple[str, ...]]:
    """Return the summary of every run in a folder, and what each run is left out for.

    Raises:
        StoreError: the folder is absent or cannot be read.
    """
    try:
        with os.scandir(runs):
            folders = journals(runs)
    except FileNotFoundError:
        raise StoreError(f"{runs}: no such folder. `make bench` makes the first run.") from None
    except OSError as error:
        raise StoreError(
            f"{runs}: cannot be read: {error.strerror}. Allow it, or name another with --reports."
        ) from None
    found, problems = [], []
    for folder in folders:
        try:
            one = summary_of(folder)
        except StoreError as error:
            problems.append(str(error))
            continue
        if one.id == folder.name:
            found.append(one)
        else:
            problems.append(f"{folder}: holds the run {one.id}. Call the folder so again.")
    return tuple(found), tuple(problems)
