"""Where the audio of a reference set may lie: in the set's folder, and nowhere else.

A set that came from elsewhere must not make the harness open files of this machine: neither an
absolute path, nor `..`, nor a link leads out of its folder. `harness set import` without `--copy`
and `harness set split` leave audio where it is. They write `.audio_elsewhere.json` beside the
manifest, which names the folders that audio is allowed to lie in, and the folder that it was
written into by its device and inode: no copy of a set, and nothing that was downloaded, has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.untrusted import parse_json, read_text

ELSEWHERE = ".audio_elsewhere.json"
MOST_BYTES = 100_000_000  # of that file


@dataclass(frozen=True)
class AudioRoots:
    """The folders that the audio of a set may lie in."""

    allowed: tuple[Path, ...]  # resolved; the set's own first
    seen: dict[Path, Path] = field(default_factory=dict)  # a folder -> where it leads

    def refusal(self, audio: Path) -> str:
        """Say why `audio` is not opened; "" where it may be."""
        real = self.leads_to(audio)
        if any(real.is_relative_to(root) for root in self.allowed):
            return ""
        return (
            f"the audio {audio} leads out of the set's folder. Put it inside; or, if the set is "
            "your own, make it by `harness set import`, which notes where audio lies"
        )

    def leads_to(self, audio: Path) -> Path:
        """Return where a path leads when every link is followed; a folder is asked once."""
        if audio.parent not in self.seen:
            self.seen[audio.parent] = audio.parent.resolve()
        real = self.seen[audio.parent] / audio.name
        return real.resolve() if real.is_symlink() or audio.name == ".." else real


def audio_roots(folder: Path) -> AudioRoots:
    """Return where the audio of the set in `folder` may lie."""
    return AudioRoots((folder.resolve(), *_noted(folder)))


def note_elsewhere(folder: Path, audio: Iterable[str]) -> None:
    """Note the folders of those paths, relative to `folder`, that lead out of it.

    Raises:
        OSError: the note cannot be written.
    """
    note, own = folder / ELSEWHERE, folder.resolve()
    folders = {(folder / name).parent for name in audio}
    outside = {real for one in folders if not (real := one.resolve()).is_relative_to(own)}
    note.unlink(missing_ok=True)
    if outside:
        place = folder.stat()
        told = {"device": place.st_dev, "inode": place.st_ino, "folders": sorted(map(str, outside))}
        note.write_text(json.dumps(told), "utf-8")


def _noted(folder: Path) -> tuple[Path, ...]:
    """What the note allows; nothing where it is absent, or was written for another folder."""
    try:
        told, place = parse_json(read_text(folder / ELSEWHERE, MOST_BYTES)), folder.stat()
        if (told["device"], told["inode"]) != (place.st_dev, place.st_ino):
            return ()
        return tuple(Path(one) for one in told["folders"] if Path(one).is_absolute())
    except (OSError, ValueError, KeyError, TypeError):
        return ()
