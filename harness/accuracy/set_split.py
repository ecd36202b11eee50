"""A reference set in parts of stated shares: no speaker stands in two of them.

Speakers are shuffled by the seed and given out, the longest first, each to the part that lacks the
most seconds of its share. A clip whose speaker is not known stands for itself.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.accuracy.set_import import relative, write_manifest
from harness.accuracy.sets import MANIFEST, ReferenceSet
from harness.errors import ReferenceSetError
from harness.records import Clip
from harness.untrusted import parse_json


def split(clips: Iterable[Clip], shares: Mapping[str, float], seed: int) -> dict[str, list[Clip]]:
    """Part clips by speaker, in the order of the set within each part.

    Args:
        shares: name of each part -> its share of the seconds, above 0; together 1.
        seed: the same seed, shares and clips give the same parts.

    Raises:
        ReferenceSetError: the shares are not such, or there are fewer speakers than parts.
    """
    given = tuple(clips)
    if any(share <= 0 for share in shares.values()) or not math.isclose(sum(shares.values()), 1):
        raise ReferenceSetError(
            f"The shares {dict(shares)} are not above 0 and together 1. Give such: dev=0.2 test=0.8"
        )
    units = _units(given)
    if len(units) < len(shares):
        raise ReferenceSetError(
            f"{len(units)} speakers cannot be parted into {len(shares)} parts. Ask for fewer parts."
        )
    part_of = _given_out(units, shares, seed)
    return {name: [clip for clip in given if part_of[_unit(clip)] == name] for name in shares}


def write_parts(
    found: ReferenceSet, parts: Mapping[str, Iterable[Clip]], folder: Path, *, force: bool
) -> None:
    """Write each part as a set, `folder`/name; every key of a line is kept, audio stays in place.

    Raises:
        ReferenceSetError: a part is there already and `force` is not given, or cannot be written.
    """
    taken = [folder / name / MANIFEST for name in parts if (folder / name / MANIFEST).exists()]
    if taken and not force:
        raise ReferenceSetError(
            f"{taken[0]}: there is a set already. Give --force to replace it, or another folder."
        )
    lines = found.manifest.read_text("utf-8").split("\n")
    for name, clips in parts.items():
        rows = _rows(found, lines, clips, folder / name)
        write_manifest(folder / name, rows, force=force)


def _rows(
    found: ReferenceSet, lines: list[str], clips: Iterable[Clip], folder: Path
) -> Iterator[Mapping[str, Any]]:
    for clip in clips:
        row = parse_json(lines[found.lines[clip.id] - 1])
        yield {**row, "audio": relative(Path(clip.audio), folder)}


def _unit(clip: Clip) -> tuple[str, str]:
    return ("speaker", clip.speaker) if clip.speaker else ("clip", clip.id)


def _units(clips: Iterable[Clip]) -> dict[tuple[str, str], float]:
    """Seconds of each speaker, sorted by name so that the order of the lines changes nothing."""
    seconds: dict[tuple[str, str], float] = {}
    for clip in clips:
        seconds[_unit(clip)] = seconds.get(_unit(clip), 0.0) + clip.seconds
    return dict(sorted(seconds.items()))


def _given_out(
    units: Mapping[tuple[str, str], float], shares: Mapping[str, float], seed: int
) -> dict[tuple[str, str], str]:
    """Name the part of each speaker; every part has one at least."""
    order = list(units)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda unit: -units[unit])  # stable: the seed decides among equals
    whole = sum(units.values())
    wanting = {name: share * whole for name, share in shares.items()}
    empty = set(shares)
    found = {}
    for left, unit in zip(range(len(order), 0, -1), order, strict=True):
        among = empty if left == len(empty) else set(shares)
        name = max((n for n in shares if n in among), key=lambda n: wanting[n])
        found[unit] = name
        wanting[name] -= units[unit]
        empty.discard(name)
    return found


def read_shares(texts: Iterable[str]) -> dict[str, float]:
    """Read shares as a person writes them: `dev=0.2`, `test=0.8`.

    Raises:
        ReferenceSetError: one is not a name and a number, or names no folder of its own.
    """
    shares: dict[str, float] = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            share = float(number)
        except ValueError:
            share = math.nan
        if (
            not name
            or name == ".."
            or Path(name).name != name
            or name in shares
            or math.isnan(share)
        ):
            raise ReferenceSetError(
                f"{text!r}: expected a new name and a share, as in dev=0.2 test=0.8."
            )
        shares[name] = share
    return shares
