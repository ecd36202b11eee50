"""A publisher's rows become a reference set: audio measured and hashed, texts in NFC.

The manifest is written last, beside its place, and put there in one step: an import that is
interrupted leaves an older set as it was. Copied audio bears its digest in its name, so that it
never takes the place of other audio.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.accuracy.audio_faults import FLOATS, Sound, audio_fault, examine, read_sound
from harness.accuracy.audio_roots import note_elsewhere
from harness.accuracy.set_readers import Row, Skipped
from harness.accuracy.sets import MANIFEST
from harness.errors import ReferenceSetError

ALIKE = 0.05  # seconds by which a stated length may differ from the file's: still the whole file


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of an import."""

    clips: int
    seconds: float  # of all clips together
    composed: int  # texts that were not in NFC, and are now
    skipped: tuple[Skipped, ...]


@dataclass(kw_only=True)
class _Import:
    """An import in progress."""

    folder: Path
    language: str
    condition: str
    copy: bool
    ids: dict[str, str] = field(default_factory=dict)  # id -> where it was first seen
    clips: int = 0
    seconds: float = 0.0
    composed: int = 0
    skipped: list[Skipped] = field(default_factory=list)


class _RefusedError(Exception):
    """A row is no clip of the set; the message says why."""


def import_set(
    rows: Iterable[Row | Skipped],
    folder: Path,
    *,
    language: str = "",
    condition: str = "",
    copy: bool = False,
    force: bool = False,
) -> Imported:
    """Write the manifest of a set in `folder`, of every row that can be used.

    Args:
        rows: as a reader of `set_readers` yields them.
        language: of rows that do not say theirs.
        condition: of every clip: "read speech", "noise"; "" where it is not known.
        copy: copy the audio into `folder`, and cut out what is a part of a longer file. Else the
            manifest names the audio where it lies, relative to `folder`.
        force: replace a manifest that is there already.

    Raises:
        ReferenceSetError: there is a manifest already, no row can be used, or `folder` cannot be
            written.
    """
    doing = _Import(folder=folder, language=language, condition=condition, copy=copy)
    write_manifest(folder, _lines(rows, doing), force=force)
    return Imported(
        clips=doing.clips,
        seconds=doing.seconds,
        composed=doing.composed,
        skipped=tuple(doing.skipped),
    )


def write_manifest(folder: Path, rows: Iterable[Mapping[str, Any]], *, force: bool) -> None:
    """Write a manifest in one step, so that it is there whole or not at all.

    Raises:
        ReferenceSetError: there is one already and `force` is not given, there is no row, or the
            folder cannot be written.
    """
    manifest = folder / MANIFEST
    if manifest.exists() and not force:
        raise ReferenceSetError(
            f"{manifest}: there is a set already. Give --force to replace it, or another folder."
        )
    partial = folder / f".{MANIFEST}.partial"
    named: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(partial, "w", encoding="utf-8") as file:
            for row in rows:
                named.append(row["audio"])
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            empty = file.tell() == 0
            file.flush()
            os.fsync(file.fileno())
        if empty:
            raise ReferenceSetError(f"{manifest}: not written, since no row can be used.")
        note_elsewhere(folder, named)
        os.replace(partial, manifest)
    except OSError as error:
        raise ReferenceSetError(f"{folder}: cannot be written: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def relative(audio: Path, folder: Path) -> str:
    """Return the path of an audio file as the manifest in `folder` names it."""
    return Path(os.path.relpath(audio.absolute(), folder.absolute())).as_posix()


def _lines(rows: Iterable[Row | Skipped], doing: _Import) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        if isinstance(row, Skipped):
            doing.skipped.append(row)
            continue
        try:
            line = _line(row, doing)
        except _RefusedError as error:
            doing.skipped.append(Skipped(where=row.where, reason=str(error)))
            continue
        doing.clips += 1
        doing.seconds += line["seconds"]
        yield line
    if not doing.clips and doing.skipped:
        first = doing.skipped[0]
        raise ReferenceSetError(
            f"{first.where}: {first.reason}. Not one of {len(doing.skipped)} rows can be used."
        )


def _line(row: Row, doing: _Import) -> dict[str, Any]:
    language = row.language or doing.language
    if not language:
        raise _RefusedError("its language is not said: give --language")
    name = _free_id(row, doing.ids)
    text = unicodedata.normalize("NFC", row.text.strip())
    audio, sound = _audio(row, name, doing)
    doing.ids[name] = row.where
    doing.composed += text != row.text.strip()
    return {
        "id": name,
        "audio": relative(audio, doing.folder),
        "text": text,
        "language": language,
        "speaker": unicodedata.normalize("NFC", row.speaker),
        "condition": doing.condition,
        "seconds": sound.seconds,
        "sha256": _digest(audio),
    }


def _free_id(row: Row, taken: Mapping[str, str]) -> str:
    """Return the row's id, with the name of its folder before it where the id alone is taken."""
    name = unicodedata.normalize("NFC", row.id)
    longer = f"{row.audio.parent.name}-{name}"
    if free := next((one for one in (name, longer) if one not in taken), None):
        return free
    raise _RefusedError(f"the id {name!r} is that of {taken[name]} too")


def _audio(row: Row, name: str, doing: _Import) -> tuple[Path, Sound]:
    if not row.audio.is_file():
        raise _RefusedError(f"no audio file {row.audio}")
    header = read_sound(row.audio)
    if header is None:
        raise _RefusedError(f"{row.audio} {audio_fault(row.audio, whole=False)}")
    if row.offset >= header.seconds > 0:
        ends = f"{row.audio} ends at {header.seconds:g} s"
        raise _RefusedError(f"begins at {row.offset:g} s, but {ends}")
    if _is_part(row, header):
        return _cut(row, name, header, doing)
    sound = _whole(row.audio)
    return (_copied(row.audio, name, doing.folder) if doing.copy else row.audio), sound


def _is_part(row: Row, sound: Sound) -> bool:
    end = sound.seconds if row.duration is None else row.offset + row.duration
    return row.offset > 0 or end < sound.seconds - ALIKE


def _whole(audio: Path) -> Sound:
    sound, fault = examine(audio, whole=True)
    if sound is None or fault:
        raise _RefusedError(f"{audio} {fault}")
    return sound


def _copied(audio: Path, name: str, folder: Path) -> Path:
    target = _place(name, _digest(audio), audio.suffix.lower(), folder)
    shutil.copyfile(audio, target)
    return target


def _cut(row: Row, name: str, sound: Sound, doing: _Import) -> tuple[Path, Sound]:
    """Cut a part out of a longer file, as WAV with the samples as they are."""
    import soundfile

    if not doing.copy:
        raise _RefusedError(f"it is a part of {row.audio}: give --copy, so that it is cut out")
    start = round(row.offset * sound.rate)
    frames = -1 if row.duration is None else round(row.duration * sound.rate)
    kept = sound.subtype if sound.subtype in (*FLOATS, "PCM_16", "PCM_24", "PCM_32") else "PCM_16"
    written = io.BytesIO()
    try:
        samples, rate = soundfile.read(
            row.audio,
            start=start,
            frames=frames,
            dtype="float64" if kept in ("DOUBLE", "PCM_32") else "float32",
            always_2d=True,
        )
        soundfile.write(written, samples, rate, format="WAV", subtype=kept)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise _RefusedError(f"{row.audio} cannot be cut: {error}") from error
    data = written.getvalue()
    target = _place(name, hashlib.sha256(data).hexdigest(), ".wav", doing.folder)
    target.write_bytes(data)
    try:
        return target, _whole(target)
    except _RefusedError:
        target.unlink()
        raise


def _place(name: str, digest: str, ending: str, folder: Path) -> Path:
    """Return where audio is copied to: its id, made fit for a file's name, and its digest."""
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    fit = re.sub(r"[^\w.@-]", "_", name, flags=re.ASCII)[:100]
    return folder / "audio" / f"{fit}.{digest[:12]}{ending}"


def _digest(audio: Path) -> str:
    with open(audio, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
