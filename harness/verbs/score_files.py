"""Score texts from files against a reference set or file: transcripts from any recogniser."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.errors import ReferenceSetError
from harness.verbs import common

if TYPE_CHECKING:
    from harness.accuracy.timed import Segment
    from harness.accuracy.weighing import Reading
    from harness.accuracy.wer import Counts
    from harness.judge.score_files import FileComparison, FileScore, Reference

VIEWS = ("strict", "lenient", "numbers", "cased", "punctuated", "written")
FORMS = ("trn", "ctm", "jsonl", "tsv")
DIGEST = 12  # hex digits of a digest that a signature shows


Command = Callable[..., None]


def of_files(command: Command) -> Command:
    """Give a verb the options about texts from files."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


OPTIONS = (
    click.option(
        "--hypotheses",
        multiple=True,
        metavar="FILE",
        help="Hear nothing: score these texts (TRN, CTM, JSON lines, TSV); twice to compare two.",
    ),
    click.option(
        "--weights",
        type=click.Choice(["plain", "nist"]),
        default="plain",
        show_default=True,
        help="nist: sclite's 4 for a substitution, 3 for a deletion or insertion.",
    ),
    click.option(
        "--view",
        type=click.Choice(VIEWS),
        help="How texts are read. written: words as in the file, case folded (default with nist).",
    ),
    click.option(
        "--format", "form", type=click.Choice(FORMS), help="Of the hypotheses, if not named so."
    ),
    click.option(
        "--ids",
        type=click.Choice(["opaque", "wsj", "spu_id"]),
        default="opaque",
        show_default=True,
        help="How ids of a reference file name the speaker (sclite -i).",
    ),
    click.option("--turkish", is_flag=True, help="Fold I to ı and İ to i (view written)."),
    click.option("--fragments", is_flag=True, help="`inter-` is right beside any such word."),
    click.option("--optional", is_flag=True, help="`(word)` may be left out (sclite -D)."),
    click.option(
        "--missing-is-empty", is_flag=True, help="A clip without a line was heard as empty."
    ),
)


def score_files(
    name: Path,
    hypotheses: tuple[str, ...],
    *,
    form: str | None,
    ids: str,
    missing_is_empty: bool,
    as_json: bool,
    **reading: Any,
) -> int:
    """Score transcripts from elsewhere, or compare two systems on the same clips.

    Args:
        name: what was said: the folder of a set, or a TRN, STM, JSON lines or TSV file.
        hypotheses: files, one or two.
        form: of the hypotheses; None: by their names.
        ids: how ids of a reference file name the speaker.
        missing_is_empty: whether a clip without a line was heard as empty.
        as_json: print JSON.
        reading: see `reading_of`.

    Returns:
        The exit code: 2 where a line of the set cannot be used, 3 where a clip has no hypothesis,
        since the score is not whole.

    Raises:
        ReferenceSetError: a file cannot be read, or has no id of the references.
    """
    how = reading_of(**reading)
    said = references_of(name, ids=ids)
    for sentence in said.lacking:
        common.tell(f"lacking: {sentence}")
    scores = scored(said, hypotheses, how, form=form or "", missing_is_empty=missing_is_empty)
    return told(scores, f"{how.signature}, {said.signature}", said.lacking, as_json=as_json)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was said, of a set or of a file."""

    references: tuple[Reference, ...]
    signature: str  # names it, with its digest
    segments: tuple[Segment, ...] = ()  # of an STM: a CTM is dealt out to them
    lacking: tuple[str, ...] = ()  # why lines of a set cannot be used, one each


def reading_of(
    *, weights: str, view: str | None, turkish: bool, fragments: bool, optional: bool
) -> Reading:
    """Return how texts are read: by default the gated view, with NIST's weights as written."""
    from harness.accuracy.text import GATED
    from harness.accuracy.weighing import WRITTEN, Reading, Weighing

    weighing = Weighing(weights)
    return Reading(
        weights=weighing,
        view=view or (WRITTEN if weighing is Weighing.NIST else GATED.value),
        turkish=turkish,
        fragments=fragments,
        optional=optional,
    )


def references_of(name: Path, *, ids: str = "opaque") -> Said:
    """Read what was said, of the folder of a set or of a file.

    Raises:
        ReferenceSetError: it cannot be read.
    """
    return _of_set(name) if name.is_dir() else _of_file(name, ids)


def _of_set(folder: Path) -> Said:
    from harness.accuracy.sets import read_usable, set_digest
    from harness.judge.score_files import references_of_set

    found = read_usable(folder)
    return Said(
        references=references_of_set(found.clips),
        signature=f"set {folder.name} {set_digest(found.clips)[:DIGEST]}",
        lacking=found.faults,
    )


def _of_file(path: Path, ids: str) -> Said:
    from harness.accuracy.hypotheses import read_references
    from harness.accuracy.timed import lines_of, stm_segments
    from harness.judge.score_files import IdStyle, references_of_file, references_of_segments

    if path.suffix.lower() == ".stm":
        segments = stm_segments(lines_of(path), path)
        references = references_of_segments(segments)
    else:
        segments = ()
        references = references_of_file(read_references(path), IdStyle(ids))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST]
    signature = f"reference {path.name} {digest}"
    return Said(references=references, signature=signature, segments=segments)


def scored(
    said: Said,
    hypotheses: tuple[str, ...],
    reading: Reading,
    *,
    form: str = "",
    missing_is_empty: bool = False,
) -> list[FileScore]:
    """Return the score of every file, one or two; beside an STM each is a CTM.

    Raises:
        ReferenceSetError: there are more, or one cannot be read or has no id of the references.
    """
    from harness.accuracy.hypotheses import read_hypotheses, read_segments
    from harness.judge.score_files import score_file

    if len(hypotheses) > 2:
        raise ReferenceSetError(f"--hypotheses: at most two files, got {len(hypotheses)}.")
    stems = [Path(name).stem for name in hypotheses]
    names = stems if len(set(stems)) == len(stems) else list(hypotheses)
    return [
        score_file(
            said.references,
            read_segments(Path(file), said.segments)
            if said.segments
            else read_hypotheses(Path(file), form),
            name=name,
            reading=reading,
            missing_is_empty=missing_is_empty,
        )
        for name, file in zip(names, hypotheses, strict=True)
    ]


def told(
    scores: list[FileScore], signature: str, lacking: tuple[str, ...], *, as_json: bool
) -> int:
    """Print one system, or two and their difference; return the exit code."""
    from harness.judge.score_files import compare_files
    from harness.report.score_files_table import score_files_table

    comparison = compare_files(scores[0], scores[1]) if len(scores) == 2 else None
    if as_json:
        record = as_record(scores, comparison, signature)
        click.echo(common.to_json({**record, "lacking": lacking}))
    else:
        colour = common.colour()
        table = score_files_table(
            scores, comparison, signature, lacking=len(lacking), colour=colour
        )
        click.echo(table, nl=False)
    if lacking:
        return common.COULD_NOT_WORK
    return common.PASSED if all(score.whole for score in scores) else common.NOT_PROVEN


def as_record(
    scores: list[FileScore], comparison: FileComparison | None, signature: str
) -> dict[str, Any]:
    """Return exact numbers of everything that the tables show, and every error of every clip."""
    record: dict[str, Any] = {"signature": signature, "systems": [_system(s) for s in scores]}
    if comparison is not None:
        record["comparison"] = {
            **asdict(comparison),
            "difference": comparison.difference,
            "detectable": comparison.detectable,
            "word": comparison.word,
            "doubt": comparison.matched.doubt,
        }
    return record


def _system(score: FileScore) -> dict[str, Any]:
    from harness.accuracy.wer import total

    interval = score.interval()
    return {
        "name": score.name,
        "whole": score.whole,
        "missing": score.missing,
        "unknown": score.unknown,
        "clips_wrong": score.wrong,
        **_counts(score.total),
        "interval": None if interval is None else asdict(interval),
        "speakers": {
            name: {
                "clips": len(clips),
                "clips_wrong": sum(clip.counts.errors > 0 for clip in clips),
                **_counts(total(clip.counts for clip in clips)),
            }
            for name, clips in score.speakers().items()
        },
        "clips": [
            {
                "id": clip.id,
                **_counts(clip.counts),
                "plain": _counts(clip.plain) if clip.splits else None,
                "errors_heard": [pair for pair in clip.pairs if pair.kind != "equal"],
            }
            for clip in score.clips
        ],
    }


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "words": counts.length,
        "hits": counts.hits,
        "substitutions": counts.substitutions,
        "deletions": counts.deletions,
        "insertions": counts.insertions,
        "errors": counts.errors,
        "wer": counts.rate,
    }
