"""Readers of the reference sets that people have: from a publisher's files to rows, in their order.

    nemo          a NeMo manifest: JSON lines with audio_filepath, text, duration, offset
    common-voice  Common Voice's TSV (`test.tsv`) beside its folder `clips/`
    librispeech   a tree of LibriSpeech's `*.trans.txt` or MLS's `transcripts.txt`
    folder        a tree of audio files, each beside a text file of the same name

A reader opens no audio. What it cannot use it yields as `Skipped`, and goes on.
Formats: NVIDIA NeMo's documentation "ASR datasets"; the README files of Common Voice, LibriSpeech
and MLS.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import ReferenceSetError
from harness.untrusted import is_inside, parse_json

AUDIO = (".wav", ".flac", ".ogg", ".opus", ".mp3")  # endings, in the order in which they are sought
LANGUAGE_KEYS = ("language", "lang", "target_lang")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One clip as its publisher has it."""

    where: str  # file and line, or the file that is the row
    id: str
    audio: Path
    text: str  # as written; its Unicode form may be any
    language: str = ""  # "": not said
    speaker: str = ""
    offset: float = 0.0  # seconds into the audio file at which the clip begins
    duration: float | None = None  # seconds; None: to the end of the file


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """What is no clip of the set, and why."""

    where: str  # file and line
    reason: str


Rows = Iterator[Row | Skipped]


def read_nemo(manifest: Path) -> Rows:
    """Read a NeMo manifest; `audio_filepath` is relative to it, or absolute, as NeMo writes it.

    The id is the audio's name, with the offset where there is one.

    Raises:
        ReferenceSetError: the file cannot be read as UTF-8 text.
    """
    for number, line in enumerate(_lines(manifest), start=1):
        where = f"{manifest}:{number}"
        if line.strip():
            try:
                yield _nemo_row(parse_json(line), manifest.parent, where)
            except ValueError as error:
                yield Skipped(where=where, reason=f"{error}. Got {line[:60]!r}")


def read_common_voice(table: Path) -> Rows:
    """Read a TSV of Common Voice; the speaker is `client_id`, the audio lies in `clips/`.

    Raises:
        ReferenceSetError: the file cannot be read, or a column is absent.
    """
    lines = csv.reader(_lines(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    heads = next(lines, [])
    if lacking := {"path", "sentence"} - set(heads):
        raise ReferenceSetError(
            f"{table}:1: no column {sorted(lacking)} among {heads}. Expected Common Voice's TSV."
        )
    for cells in lines:
        where = f"{table}:{lines.line_num}"
        if not cells:
            continue
        if len(cells) != len(heads):
            yield Skipped(where=where, reason=f"{len(cells)} columns, expected {len(heads)}")
            continue
        row = dict(zip(heads, cells, strict=True))
        name = row["path"] if Path(row["path"]).suffix else f"{row['path']}.mp3"  # up to release 3
        if not is_inside(name):
            yield Skipped(where=where, reason=f"the path {name!r} leads out of clips/")
            continue
        yield Row(
            where=where,
            id=Path(name).stem,
            audio=table.parent / "clips" / name,
            text=row["sentence"],
            language=row.get("locale", ""),
            speaker=row.get("client_id", ""),
        )


def read_librispeech(folder: Path) -> Rows:
    """Read every `*.trans.txt` and `transcripts.txt` below a folder, in the order of their paths.

    A line is an id and its text. LibriSpeech keeps the audio beside the file, MLS in
    `audio/SPEAKER/BOOK/`; in both the id begins with the speaker.

    Raises:
        ReferenceSetError: the folder has no such file, or one cannot be read.
    """
    files = sorted((*folder.rglob("*.trans.txt"), *folder.rglob("transcripts.txt")))
    if not files:
        raise ReferenceSetError(f"{folder}: neither *.trans.txt nor transcripts.txt lies below it.")
    for file in files:
        for number, line in enumerate(_lines(file), start=1):
            if line.strip():
                yield _librispeech_row(line.strip(), file, f"{file}:{number}")


def read_folder(folder: Path) -> Rows:
    """Read a tree of audio files, each with its text beside it: `a.wav` and `a.txt`.

    The id is the path below the folder without its ending, "/" written "-".

    Raises:
        ReferenceSetError: there is no audio file in it.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    sounds = [file for file in files if file.suffix.lower() in AUDIO]
    if not sounds:
        raise ReferenceSetError(f"{folder}: no audio file lies below it ({', '.join(AUDIO)}).")
    spoken = {file.with_suffix("") for file in sounds}
    for file in files:
        if file in sounds:
            yield _folder_row(file, folder)
        elif file.suffix == ".txt" and file.with_suffix("") not in spoken:
            yield Skipped(where=str(file), reason="no audio file of this name lies beside it")


READERS: Mapping[str, Callable[[Path], Rows]] = {
    "nemo": read_nemo,
    "common-voice": read_common_voice,
    "librispeech": read_librispeech,
    "folder": read_folder,
}


def form_of(source: Path) -> str:
    """Tell the form of a set by the name of its file, or by what lies in its folder.

    Raises:
        ReferenceSetError: it is none that is known.
    """
    if source.is_dir():
        told = any(source.rglob("*.trans.txt")) or any(source.rglob("transcripts.txt"))
        return "librispeech" if told else "folder"
    if not source.is_file():
        raise ReferenceSetError(f"{source}: no such file or folder.")
    forms = {".json": "nemo", ".jsonl": "nemo", ".tsv": "common-voice"}
    if source.suffix not in forms:
        raise ReferenceSetError(
            f"{source}: cannot tell what form it has. Name it: {', '.join(READERS)}."
        )
    return forms[source.suffix]


def _nemo_row(told: Any, folder: Path, where: str) -> Row:
    """Return a row of a NeMo manifest.

    Raises:
        ValueError: a key is absent, or has no fit value.
    """
    if not isinstance(told, dict):
        raise ValueError("not a JSON object")
    name, text = (told.get(key) for key in ("audio_filepath", "text"))
    if not isinstance(name, str) or not name:
        raise ValueError("'audio_filepath' is a path")
    if not isinstance(text, str):
        raise ValueError("'text' is a text")
    offset, duration = _length(told, "offset"), _length(told, "duration")
    stem = Path(name).stem
    language = next((str(told[key]) for key in LANGUAGE_KEYS if told.get(key)), "")
    return Row(
        where=where,
        id=f"{stem}@{offset:g}" if offset else stem,
        audio=folder / name,
        text=text,
        language=language,
        speaker=str(told.get("speaker") or ""),
        offset=offset or 0.0,
        duration=duration,
    )


def _length(told: Mapping[str, Any], key: str) -> float | None:
    value = told.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key!r} is a number of seconds, got {value!r}")
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{key!r} is finite and not below 0 seconds, got {value!r}")
    return float(value)


def _librispeech_row(line: str, file: Path, where: str) -> Row | Skipped:
    name, *rest = line.split(None, 1)
    if not is_inside(name) or not Path(name).name:
        return Skipped(
            where=where, reason=f"the id {name!r} is no name of a file below {file.parent}"
        )
    parts = name.replace("_", "-").split("-")
    mls = file.name == "transcripts.txt"
    if mls and len(parts) < 3:
        return Skipped(where=where, reason=f"the id {name!r} is not SPEAKER_BOOK_NUMBER")
    folder = file.parent / "audio" / parts[0] / parts[1] if mls else file.parent
    audio = _sound(folder / name)
    if audio is None:
        return Skipped(where=where, reason=f"no audio file {folder / name} ({', '.join(AUDIO)})")
    text = rest[0] if rest else ""
    return Row(where=where, id=name, audio=audio, text=text, speaker=parts[0])


def _sound(path: Path) -> Path | None:
    """Find the audio file of this name, whatever its ending."""
    found = (path.with_name(path.name + ending) for ending in AUDIO)
    return next((file for file in found if file.is_file()), None)


def _folder_row(file: Path, folder: Path) -> Row | Skipped:
    written = file.with_suffix(".txt")
    if not written.is_file():
        return Skipped(where=str(file), reason=f"no text {written.name} lies beside it")
    try:
        text = " ".join(_lines(written)).strip()
    except ReferenceSetError as error:
        return Skipped(where=str(written), reason=str(error).removeprefix(f"{written}: "))
    name = "-".join(file.relative_to(folder).with_suffix("").parts)
    return Row(where=str(file), id=name, audio=file, text=text)


def _lines(file: Path) -> list[str]:
    """Read the lines of a text file in UTF-8, with or without a byte order mark."""
    try:
        return file.read_text("utf-8-sig").split("\n")  # newlines of any kind were made one
    except (OSError, UnicodeDecodeError) as error:
        raise ReferenceSetError(f"{file}: cannot be read as UTF-8 text: {error}.") from error
