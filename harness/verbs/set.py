"""`harness set`: reference sets from what people have, looked at, parted and counted."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from harness.untrusted import printable
from harness.verbs import common

_FORMS = ("nemo", "common-voice", "librispeech", "folder")  # as in accuracy.set_readers
_FORCE = "Replace a manifest that is there already."


@click.group("set")
def set() -> None:
    """Import reference sets, check them, split them, count them.

    A set is a folder with a `manifest.jsonl`, one clip a line, and the audio that it names.
    """


@set.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--form", type=click.Choice(_FORMS), help="What SOURCE is; else told by its name.")
@click.option("--language", default="", help="Of rows that do not say theirs: es.")
@click.option("--condition", default="", help="Of every clip: read speech, telephone, ...")
@click.option("--copy", is_flag=True, help="Copy the audio into FOLDER; cut parts of files out.")
@click.option("--force", is_flag=True, help=_FORCE)
@common.as_json
def import_(
    source: Path,
    folder: Path,
    form: str | None,
    language: str,
    condition: str,
    copy: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Make a set in FOLDER of SOURCE: a NeMo manifest, a TSV of Common Voice, or a folder.

    A folder is a tree of LibriSpeech or MLS, or of audio files each with a text file beside it.
    Every clip is read to its end, measured and hashed; what cannot be used is named and left out.
    """
    from harness.accuracy.set_import import import_set
    from harness.accuracy.set_readers import READERS, form_of
    from harness.accuracy.sets import MANIFEST
    from harness.errors import ReferenceSetError
    from harness.report.set_table import import_text

    manifest = folder / MANIFEST
    if source.resolve() == manifest.resolve():
        raise ReferenceSetError(f"{manifest}: would take its own place. Name another folder.")
    rows = READERS[form or form_of(source)](source)
    done = import_set(rows, folder, language=language, condition=condition, copy=copy, force=force)
    click.echo(common.to_json(asdict(done)) if as_json else import_text(done, str(manifest)))


@set.command()
@click.argument("folder", type=click.Path(path_type=Path))
@common.as_json
def check(folder: Path, as_json: bool) -> None:
    """Read every line and all audio of a set, and name each fault by file and line.

    Ends with 1 where there is one.
    """
    from harness.accuracy.set_check import check_set

    found = check_set(folder)
    said = [*found.faults, f"{folder}: {found.clips} clips, {len(found.faults)} faults."]
    click.echo(common.to_json(asdict(found)) if as_json else printable("\n".join(said)))
    sys.exit(common.MISSED if found.faults else common.PASSED)


@set.command("split")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("shares", nargs=-1, required=True, metavar="NAME=SHARE...")
@click.option("--into", type=click.Path(path_type=Path), required=True, help="Folder of the parts.")
@click.option("--seed", default=0, show_default=True, help="Which speakers go where.")
@click.option("--force", is_flag=True, help=_FORCE)
@common.as_json
def split_(
    folder: Path, shares: tuple[str, ...], into: Path, seed: int, force: bool, as_json: bool
) -> None:
    """Part a set by speaker, so that no speaker stands in two parts: harness set split SET dev=0.2
    test=0.8 --into PARTS.

    A share is of the seconds. The audio stays where it is.
    """
    from harness.accuracy.set_split import read_shares, split, write_parts
    from harness.accuracy.sets import read_usable, set_digest
    from harness.report.set_table import parts_table

    found, asked = read_usable(folder), read_shares(shares)
    parts = split(found.clips, asked, seed)
    write_parts(found, parts, into, force=force)
    for fault in found.faults:
        common.tell(f"left out  {fault}")
    told = {name: {"clips": len(c), "digest": set_digest(c)} for name, c in parts.items()}
    table = parts_table(parts, asked, common.colour())
    click.echo(common.to_json(told) if as_json else table, nl=as_json)


@set.command()
@click.argument("folder", type=click.Path(path_type=Path))
@common.as_json
def stats(folder: Path, as_json: bool) -> None:
    """Count a set: clips, hours, speakers, words, conditions, lengths, formats and rates."""
    from harness.accuracy.set_stats import stats_of
    from harness.accuracy.sets import read_usable
    from harness.report.set_table import stats_table

    found = read_usable(folder)
    for fault in found.faults:
        common.tell(f"left out  {fault}")
    counted = stats_of(found.clips)
    click.echo(
        common.to_json(asdict(counted)) if as_json else stats_table(counted, common.colour()),
        nl=as_json,
    )
