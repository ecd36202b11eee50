"""Reads texts by utterance from files that others write: TRN, CTM, JSON lines, TSV.

    TRN     words (id)                          NIST; alternatives in braces, see `trn`
    CTM     file channel begin seconds word     NIST; one word a line, the id is the file, or
                                                file-channel where a file has several channels
    JSONL   {"id": "a1", "text": "pon música"}  NeMo's `audio_filepath` and `pred_text` too
    TSV     a1 <tab> pon música                 with or without a line of heads

The form follows from the name (`.trn`, `.ref`, `.hyp`, `.ctm`, `.json`, `.jsonl`, `.tsv`), else
from the first line. Texts are brought to Unicode NFC, so that one text written in two ways is one.
"""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from harness.accuracy import trn
from harness.accuracy.timed import CTM_COLUMNS, Lines, Segment, ctm_words, dealt, lines_of
from harness.accuracy.trn import Items
from harness.errors import ReferenceSetError
from harness.untrusted import parse_json

IDS = ("id", "clip", "utt_id", "utterance", "audio_filepath", "audio", "path")
HEARD = ("hypothesis", "hyp", "pred_text", "transcript", "text", "sentence")
SAID = ("reference", "ref", "text", "sentence", "transcript")
FORMS = ("trn", "ctm", "jsonl", "tsv")

_BY_SUFFIX = {".trn": "trn", ".ref": "trn", ".hyp": "trn", ".ctm": "ctm"}
_BY_SUFFIX |= {".json": "jsonl", ".jsonl": "jsonl", ".tsv": "tsv"}


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """The text of one utterance, as a file gives it."""

    id: str
    items: Items  # words as they were written; choices in a reference only
    where: str  # file:line


def read_hypotheses(path: Path, form: str = "") -> tuple[Utterance, ...]:
    """Read what a recogniser heard; `form` is one of `FORMS`, or "" to find out.

    Raises:
        ReferenceSetError: the file is absent, empty, not UTF-8, of no known form, names an
            utterance twice, or a line cannot be used; the message names file and line.
    """
    found = _read(path, form, HEARD)
    for utterance in found:
        if trn.has_choice(utterance.items):
            raise ReferenceSetError(
                f"{utterance.where}: a hypothesis leaves a choice in braces. Expected the one text "
                "that was heard; alternatives are for references."
            )
    return found


def read_references(path: Path, form: str = "") -> tuple[Utterance, ...]:
    """Read what was said, as `read_hypotheses` reads what was heard; TRN may leave choices.

    Raises:
        ReferenceSetError: as there; or the file is a CTM, which states no empty utterance.
    """
    return _read(path, form, SAID)


def read_segments(path: Path, segments: Sequence[Segment]) -> tuple[Utterance, ...]:
    """Read the words of a CTM as utterances, one for each segment of the channels in it.

    Raises:
        ReferenceSetError: as for hypotheses.
    """
    heard = ctm_words(lines_of(path), path)
    known = {segment.channel for segment in segments}
    stray = {f"{file}-{channel}": () for file, channel in heard if (file, channel) not in known}
    found: dict[str, Items] = {**dealt(segments, heard), **stray}
    if not found:
        raise ReferenceSetError(f"{path}: no word in it that is to be scored. Expected a CTM.")
    return tuple(Utterance(id=name, items=i, where=str(path)) for name, i in found.items())


def _read(path: Path, form: str, keys: tuple[str, ...]) -> tuple[Utterance, ...]:
    lines = lines_of(path)
    form = form or _BY_SUFFIX.get(path.suffix.lower(), "") or _guess(lines, path)
    if form == "ctm" and keys is SAID:
        raise ReferenceSetError(f"{path}: a CTM is read as hypotheses only. Expected a TRN.")
    found = tuple(_READERS[form](lines, path, keys))
    first: dict[str, Utterance] = {}
    for utterance in found:
        before = first.setdefault(utterance.id, utterance)
        if before is not utterance:
            raise ReferenceSetError(
                f"{utterance.where}: the id {utterance.id!r} stands at {before.where} too. "
                "Each utterance has one text."
            )
    if not found:
        raise ReferenceSetError(f"{path}: no utterance in it. Expected one of {', '.join(FORMS)}.")
    return found


def _guess(lines: Lines, path: Path) -> str:
    line = next((line for _, line in lines if not line.startswith(trn.COMMENT)), "").strip()
    if line.startswith("{") and line.endswith("}"):
        return "jsonl"
    if line.endswith(")") and "(" in line:
        return "trn"
    if "\t" in line:
        return "tsv"
    if len(line.split()) in CTM_COLUMNS:
        return "ctm"
    raise ReferenceSetError(
        f"{path}: of no known form: {line[:60]!r}. Expected one of {', '.join(FORMS)}; name the "
        "file so, or say which with --format."
    )


def _trn(lines: Lines, path: Path, keys: tuple[str, ...]) -> Iterator[Utterance]:
    for number, line in lines:
        if line.startswith(trn.COMMENT):
            continue
        where = f"{path}:{number}"
        text, name = trn.split_id(line, where)
        yield Utterance(id=name, items=trn.parse(text, where), where=where)


def _ctm(lines: Lines, path: Path, keys: tuple[str, ...]) -> Iterator[Utterance]:
    """Yield one utterance a channel."""
    heard = ctm_words(lines, path)
    channels = Counter(file for file, _ in heard)
    for (file, channel), words in heard.items():
        name = file if channels[file] == 1 else f"{file}-{channel}"
        yield Utterance(id=name, items=tuple(word.text for word in words), where=str(path))


def _jsonl(lines: Lines, path: Path, keys: tuple[str, ...]) -> Iterator[Utterance]:
    for number, line in lines:
        where = f"{path}:{number}"
        try:
            row = parse_json(line)
        except ValueError as error:
            raise ReferenceSetError(f"{where}: not JSON: {error}. Got {line[:60]!r}.") from None
        if not isinstance(row, dict):
            raise ReferenceSetError(f"{where}: expected a JSON object, got {line[:60]!r}.")
        text = _value(row, keys, "text", where)
        yield Utterance(
            id=_name(_value(row, IDS, "id", where), where), items=trn.plain(text), where=where
        )


def _value(row: dict[str, Any], keys: Iterable[str], what: str, where: str) -> str:
    key = next((key for key in keys if key in row), None)
    if key is None:
        raise ReferenceSetError(
            f"{where}: no {what}: expected one of {', '.join(keys)}; found {sorted(row)}."
        )
    value = row[key]
    if not isinstance(value, str):
        raise ReferenceSetError(f"{where}: {key!r} is a text, got {value!r}.")
    return unicodedata.normalize("NFC", value)


def _name(value: str, where: str) -> str:
    """Return the id: of a path its name without folder and suffix."""
    name = PurePath(value).stem if value.lower().endswith(_AUDIO) else value.strip()
    if not name:
        raise ReferenceSetError(f"{where}: the id is empty.")
    return name


_AUDIO = (".wav", ".flac", ".mp3", ".ogg", ".opus")


def _tsv(lines: Lines, path: Path, keys: tuple[str, ...]) -> Iterator[Utterance]:
    """Yield a row each: by the heads where the first line holds them, else id and text."""
    rows = [(number, _cells(line)) for number, line in lines]
    heads = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    name = next((key for key in IDS if key in heads), None)
    text = next((key for key in keys if key in heads), None)
    headed = name is not None and text is not None
    at = (heads.index(name or ""), heads.index(text or "")) if headed else (0, 1)
    for number, cells in rows[1:] if headed else rows:
        where = f"{path}:{number}"
        if len(cells) <= max(at) and not (len(cells) == 1 and not headed):
            raise ReferenceSetError(
                f"{where}: expected at least {max(at) + 1} cells parted by tabs, got {len(cells)}."
            )
        said = cells[at[1]] if len(cells) > at[1] else ""
        yield Utterance(id=_name(cells[at[0]], where), items=trn.plain(said), where=where)


def _cells(line: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r")], delimiter="\t", quoting=csv.QUOTE_NONE), [])


_READERS: dict[str, Callable[[Lines, Path, tuple[str, ...]], Iterator[Utterance]]] = {
    "trn": _trn,
    "ctm": _ctm,
    "jsonl": _jsonl,
    "tsv": _tsv,
}
