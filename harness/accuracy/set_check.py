"""Every fault of a reference set, by file and line: its lines, and its audio read to the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.accuracy.audio_faults import examine
from harness.accuracy.sets import ReferenceSet, survey
from harness.records import Clip

ALIKE = 0.05  # seconds by which a manifest may differ from the audio: half a syllable
NEAR = 0.01  # or this share of it, for an MP3, whose encoder pads both ends


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a look at a whole set has shown."""

    clips: int  # lines of the manifest, the faulty ones too
    faults: tuple[str, ...]  # one sentence each, with file and line, in the order of the lines


def check_set(folder: Path) -> Checked:
    """Read every line of a manifest and every sample of its audio.

    Raises:
        ReferenceSetError: the manifest is absent, empty or not UTF-8.
    """
    found = survey(folder)
    faults = list(found.faults)
    for clip in found.clips:
        faults += (f"{found.where(clip)}: {fault}." for fault in _faults(clip))
    return Checked(clips=found.size, faults=tuple(sorted(faults, key=_line_of(found))))


def _faults(clip: Clip) -> Iterator[str]:
    """Yield what is wrong with the audio of a clip."""
    audio = Path(clip.audio)
    sound, fault = examine(audio, whole=True)
    if fault:
        yield f"{audio} {fault}"
    elif sound and abs(sound.seconds - clip.seconds) > max(ALIKE, NEAR * sound.seconds):
        yield f"'seconds' is {clip.seconds:g}, but {audio} has {sound.seconds:.3f}"
    try:
        with open(audio, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return  # told above
    if digest != clip.sha256:
        yield f"'sha256' is {clip.sha256[:8]}..., but that of {audio} is {digest[:8]}..."


def _line_of(found: ReferenceSet) -> Callable[[str], int]:
    start = len(f"{found.manifest}:")
    return lambda fault: int(fault[start:].partition(":")[0])
