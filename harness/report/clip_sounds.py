"""The audio of clips with errors, found where the set lies now, for a page that needs no file.

A run keeps texts and ids. Where the set is absent, or no longer the one that was heard, there is
nothing to play and the page says why. What is embedded stays within `MOST`: clips are taken in the
order given, and those for which there is no room name their file.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from harness.accuracy.clip_audio import MEDIA_TYPE, Heard, read_clip
from harness.accuracy.sets import set_digest, survey
from harness.errors import ReferenceSetError
from harness.records import Clip, Run, Transcript
from harness.report.mel_figure import mel_picture

MOST = 900_000  # characters of audio and pictures on one page
_HEAD, _SECOND = 6_000, 4_600  # of them: what a copy begins with, and a second of it, about
SHOWN = 12  # hex digits of a digest

Key = tuple[str, str]  # set and id of a clip
Copied = Future[tuple[Heard, str]]


@dataclass(frozen=True, kw_only=True)
class Sound:
    """What a page has of one clip's audio."""

    file: str = ""  # its path; "" where it is not known
    audio: str = ""  # data URI; "" where there is none
    picture: str = ""  # data URI of its log-mel; "" where there is none
    problem: str = ""  # why it cannot be played, where that is of the clip alone


@dataclass(frozen=True, kw_only=True)
class SetNow:
    """A set as it lies there when a page is drawn."""

    clips: Mapping[str, Clip]  # by id; empty where none may be played
    problem: str  # why none may be; "" where nothing is amiss


def set_now(run: Run, name: str) -> SetNow:
    """Find a set of the run again, and see whether it is still the one that was heard."""
    try:
        found = survey(_folder(run, name)).clips
    except ReferenceSetError as error:
        return SetNow(clips={}, problem=str(error))
    then = str(run.facts.get("sets", {}).get(name, {}).get("digest", "unknown"))
    asked = {t.clip for t in run.transcripts if t.set == name}
    asked |= {finding.facts["clip"] for finding in run.findings if "clip" in finding.facts}
    now = set_digest(found)
    if then not in (now, set_digest(clip for clip in found if clip.id in asked)):
        told = f"sha256 {then[:SHOWN]} then, {now[:SHOWN]} now"
        return SetNow(clips={}, problem=f"{_folder(run, name)}: not the set that was heard: {told}")
    return SetNow(clips={clip.id: clip for clip in found}, problem="")


def sounds(
    shelves: Mapping[str, SetNow], shown: Sequence[Transcript], others: Sequence[Transcript]
) -> dict[Key, Sound]:
    """Return what there is to hear of clips, `shown` first and with a picture each.

    Args:
        shelves: each set that the clips are of.
        shown: clips that come first.
        others: clips that are embedded while there is room.
    """
    wanted = [(t, True) for t in shown] + [(t, False) for t in others]
    clips = [shelves[t.set].clips.get(t.clip) for t, _ in wanted]
    found: dict[Key, Sound] = {}
    room = MOST
    with ThreadPoolExecutor() as pool:
        begun = {clip.audio: pool.submit(_copied, clip) for clip in _likely(clips)}
        for (transcript, pictured), clip in zip(wanted, clips, strict=True):
            copied = begun.get(clip.audio) if clip else None
            sound = _sound(clip, copied, room, pictured=pictured) if clip else Sound()
            found[transcript.set, transcript.clip] = sound
            room -= len(sound.audio) + len(sound.picture)
    return found


def _likely(clips: Iterable[Clip | None]) -> Iterator[Clip]:
    """The clips for which there will be room, by their seconds: every core copies some of them."""
    room = float(MOST)
    for clip in clips:
        if clip and room >= _size(clip):
            room -= _size(clip)
            yield clip


def _size(clip: Clip) -> float:
    return _HEAD + _SECOND * clip.seconds


def _copied(clip: Clip) -> tuple[Heard, str]:
    """Return a clip and its copy as a data URI; raises as `read_clip`."""
    heard = read_clip(clip)
    return heard, f"data:{MEDIA_TYPE};base64,{base64.b64encode(heard.ogg()).decode('ascii')}"


def _folder(run: Run, name: str) -> Path:
    """Where a set lay when the run was made."""
    told = run.facts.get("sets", {}).get(name, {}).get("folder")
    suite = run.facts.get("suite", {})
    human = suite.get("accuracy", {}).get("human")
    if told is None and human and Path(human).name == name:
        told = human
    return Path(told or Path(suite.get("sets", ".")) / name)


def _sound(clip: Clip, copied: Copied | None, room: int, *, pictured: bool) -> Sound:
    if room < _size(clip):
        return Sound(file=clip.audio)
    try:
        heard, audio = copied.result() if copied else _copied(clip)
    except ReferenceSetError as error:
        return Sound(file=clip.audio, problem=str(error))
    picture = mel_picture(heard.log_mel()) if pictured and len(heard.samples) else ""
    fits = len(audio) + len(picture) <= room  # a manifest may be wrong about the seconds
    return Sound(file=clip.audio, audio=audio, picture=picture) if fits else Sound(file=clip.audio)
