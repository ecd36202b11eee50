"""The tables of texts scored from files, in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from harness.judge.score_files import FileComparison, FileScore
from harness.report.score_files_rows import (
    CountsRow,
    comparison_sentences,
    score_sentences,
    speaker_rows,
    split_rows,
    system_row,
)
from harness.report.tables import drawn, table

if TYPE_CHECKING:
    from rich.console import RenderableType

COLUMNS = ("Clips", "Words", "C", "S", "D", "I", "Errors", "WER", "Clips wrong")


def score_files_table(
    scores: Sequence[FileScore],
    comparison: FileComparison | None,
    signature: str,
    *,
    lacking: int = 0,
    colour: bool = False,
) -> str:
    """Return every system, its speakers and what its weights split otherwise; then the comparison.

    Args:
        scores: one system or two.
        comparison: of the two; None where there is one.
        signature: what the score was made of, on a line of its own.
        lacking: clips of the set that cannot be used.
        colour: whether the terminal takes colours.
    """
    parts: list[RenderableType | str] = [_counts("System", map(system_row, scores))]
    for score in scores:
        parts += score_sentences(score)
    for score in scores:
        parts += _details(score)
    if comparison is not None:
        parts += ["", *comparison_sentences(scores[0], scores[1], comparison)]
    if lacking:
        noun = "clip of the set lacks" if lacking == 1 else "clips of the set lack"
        parts += ["", f"{lacking} {noun}: the lines above say why. The score is not whole."]
    return drawn([*parts, "", signature], colour)


def _details(score: FileScore) -> list[RenderableType | str]:
    parts: list[RenderableType | str] = []
    if speakers := speaker_rows(score):
        parts += ["", score.name, _counts("Speaker", speakers)]
    if splits := split_rows(score):
        heads = ("Clip", "Plain distance", f"{score.reading.weights.value} weights")
        rows = [((row.clip, row.plain, row.weighed), "none") for row in splits]
        many = "1 clip" if len(splits) == 1 else f"{len(splits)} clips"
        title = f"{score.name}: the weights split the errors of {many} otherwise"
        parts += ["", title, table(heads, rows)]
    return parts


def _counts(name: str, rows: Iterable[CountsRow]) -> RenderableType:
    cells = [tuple(getattr(row, field.name) for field in fields(CountsRow)) for row in rows]
    return table((name, *COLUMNS), [(row, "none") for row in cells])
