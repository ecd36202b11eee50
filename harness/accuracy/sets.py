"""Reference sets: a folder with `manifest.jsonl` and the audio that it names.

One clip a line, as a JSON object. Keys beyond those of `harness.records.Clip` are allowed and
ignored, so that a publisher's licence and source can stand beside each clip:

    {"id": "a1", "audio": "audio/a1.flac", "text": "pon música", "language": "es",
     "speaker": "f1", "condition": "command", "seconds": 1.9, "sha256": "0f3b..."}

Audio lies in the set's folder: see `harness.accuracy.audio_roots`. `expect`, where a line has it,
says what the clip asks for: see `harness.accuracy.intents`.

A line that cannot be used costs its own clip, not the set: `read_usable` returns the rest and says
what is lacking. `read_set` is for those who need every clip, and refuses.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.accuracy.audio_roots import AudioRoots, audio_roots
from harness.errors import ReferenceSetError
from harness.records import Clip, Expect, Finding
from harness.untrusted import parse_json, read_text

MANIFEST = "manifest.jsonl"
MOST_BYTES = 2_000_000_000  # of a manifest: four million clips
TEXT_KEYS = ("id", "audio", "text", "language", "speaker", "condition", "sha256")
MAY_BE_EMPTY = {"text", "speaker", "condition"}  # an empty text is a clip in which nobody speaks

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class ReferenceSet:
    """What can be used of a reference set, and what cannot."""

    clips: tuple[Clip, ...]  # in the order of the manifest
    lines: Mapping[str, int]  # id of each clip -> its line in the manifest, counted from 1
    manifest: Path
    faults: tuple[str, ...]  # one sentence for each line that is left out: file, line and reason

    @property
    def size(self) -> int:
        """How many clips the manifest means to hold: a faulty line counts as one."""
        return len(self.clips) + len(self.faults)

    def where(self, clip: Clip) -> str:
        """Return file and line of a clip."""
        return f"{self.manifest}:{self.lines[clip.id]}"


def read_set(folder: Path) -> tuple[Clip, ...]:
    """Read the clips of a reference set in the order of its manifest, all or none.

    The `audio` of each line is relative to the manifest; in the returned clips it is absolute.

    Raises:
        ReferenceSetError: the manifest is absent, empty or not UTF-8, or one of its lines cannot
            be used; the message names file and line.
    """
    found = read_usable(folder)
    if found.faults:
        raise ReferenceSetError(found.faults[0])
    return found.clips


def read_usable(folder: Path) -> ReferenceSet:
    """Read what can be used of a reference set, at least one clip; the rest is named.

    Raises:
        ReferenceSetError: the manifest is absent, empty or not UTF-8, or none of its lines can
            be used.
    """
    found = survey(folder)
    if not found.clips:
        raise ReferenceSetError(found.faults[0])
    return found


def survey(folder: Path) -> ReferenceSet:
    """Read a reference set line by line, even where not one can be used.

    Of two lines with one id the first is kept.

    Raises:
        ReferenceSetError: the manifest is absent, empty or not UTF-8.
    """
    manifest = folder / MANIFEST
    lines: dict[str, int] = {}
    clips, faults, roots = [], [], audio_roots(folder)
    for number, line in enumerate(_text(manifest).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{manifest}:{number}"
        try:
            clip = _clip(_json_object(line, where), folder, where, roots)
        except ReferenceSetError as error:
            faults.append(str(error))
            continue
        if (first := lines.setdefault(clip.id, number)) != number:
            faults.append(_twice(where, clip, first))
            continue
        clips.append(clip)
    if not clips and not faults:
        raise ReferenceSetError(f"{manifest}: the set is empty. Expected one clip a line, as JSON.")
    return ReferenceSet(clips=tuple(clips), lines=lines, manifest=manifest, faults=tuple(faults))


def _twice(where: str, clip: Clip, first: int) -> str:
    return f"{where}: the id {clip.id!r} stands on line {first} too. Give each clip its own."


def check_digests(clips: Iterable[Clip]) -> tuple[Finding, ...]:
    """Compare the sha256 of every audio file with its manifest: one finding for all clips.

    A file that can no longer be read differs.
    """
    wrong = [clip for clip in clips if _sha256(clip) != clip.sha256]
    names = ", ".join(clip.id for clip in wrong[:5]) + (", ..." if len(wrong) > 5 else "")
    detail = f"{len(wrong)} differ: {names}. Restore the audio or make the manifest again."
    return (
        Finding(
            rule="reference_audio_digest",
            title="Every clip is the audio that its manifest was written for (sha256).",
            holds=not wrong,
            detail=detail if wrong else "",
        ),
    )


def set_digest(clips: Iterable[Clip]) -> str:
    """Return the sha256 of the set's ids, texts and audio digests, whatever their order.

    Every score carries it: two scores with one digest heard the same audio against the same texts.
    """
    rows = sorted(json.dumps([clip.id, clip.text, clip.sha256]) for clip in clips)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _text(manifest: Path) -> str:
    try:
        return read_text(manifest, MOST_BYTES)
    except FileNotFoundError:
        raise ReferenceSetError(
            f"{manifest}: no such file. A reference set is a folder with a {MANIFEST}."
        ) from None
    except (OSError, ValueError) as error:
        raise ReferenceSetError(f"{manifest}: cannot be read as UTF-8 text: {error}.") from error


def _json_object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = parse_json(line)
    except ValueError as error:
        raise ReferenceSetError(f"{where}: not JSON: {error}. Got {line[:60]!r}.") from None
    if not isinstance(row, dict):
        raise ReferenceSetError(f"{where}: expected a JSON object, got {line[:60]!r}.")
    return row


def _clip(row: Mapping[str, Any], folder: Path, where: str, roots: AudioRoots) -> Clip:
    texts = {key: _string(row, key, where) for key in TEXT_KEYS}
    if not _SHA256.fullmatch(texts["sha256"]):
        raise ReferenceSetError(f"{where}: 'sha256' is 64 hex digits, got {texts['sha256']!r}.")
    if not unicodedata.is_normalized("NFC", texts["text"]):
        raise ReferenceSetError(
            f"{where}: 'text' is not in Unicode NFC (an accent stands apart from its letter): "
            f"{texts['text']!a}. Write it with unicodedata.normalize('NFC', text)."
        )
    audio = (folder / texts["audio"]).absolute()
    if "\0" in texts["audio"] or Path(texts["audio"]).is_absolute():
        raise ReferenceSetError(f"{where}: 'audio' is a relative path, got {texts['audio']!r}.")
    if refusal := roots.refusal(audio):
        raise ReferenceSetError(f"{where}: {refusal}.")
    if not audio.is_file():
        raise ReferenceSetError(f"{where}: no audio file {audio} for the clip {texts['id']!r}.")
    return Clip(
        **{**texts, "audio": str(audio)}, seconds=_seconds(row, where), expect=_expect(row, where)
    )


def _string(row: Mapping[str, Any], key: str, where: str) -> str:
    if key not in row:
        raise ReferenceSetError(f"{where}: the key {key!r} is missing; found {sorted(row)}.")
    value = row[key]
    if not isinstance(value, str) or not (value or key in MAY_BE_EMPTY):
        raise ReferenceSetError(f"{where}: {key!r} is a text, got {value!r}.")
    return value


def _expect(row: Mapping[str, Any], where: str) -> Expect | None:
    told = row.get("expect")
    if told is None:
        return None
    known = isinstance(told, dict) and {"intent"} <= told.keys() <= {"intent", "slots"}
    intent, slots = (told["intent"], told.get("slots", {})) if known else ("", {})
    texts = isinstance(slots, dict) and all(isinstance(value, str) for value in slots.values())
    if not (isinstance(intent, str) and intent and texts):
        form = "{'intent': 'light.off', 'slots': {'room': 'cocina'}}"
        raise ReferenceSetError(f"{where}: 'expect' is of the form {form}, got {told!r}.")
    return Expect(intent=intent, slots=tuple(sorted(slots.items())))


def _seconds(row: Mapping[str, Any], where: str) -> float:
    value = row.get("seconds")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ReferenceSetError(f"{where}: 'seconds' is a number, got {value!r}.")
    if not (math.isfinite(value) and value > 0):
        raise ReferenceSetError(f"{where}: 'seconds' is above 0 and finite, got {value!r}.")
    return float(value)


def _sha256(clip: Clip) -> str | None:
    try:
        with open(clip.audio, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
