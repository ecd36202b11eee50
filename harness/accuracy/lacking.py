"""Clips that a score lacks: what could not be used of a set, and what the pipeline never answered.

The rest of the set is scored. A score that lacks clips says so, and passes no gate: the clips that
are absent may be the very ones that would fail it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from harness.accuracy.audio_faults import examine
from harness.accuracy.sets import ReferenceSet
from harness.records import Clip, Finding

EVERY_CLIP = "every_clip_is_scored"
AREA = "accuracy"
SHOWN = 10  # clips that a finding names one by one


def usable(found: ReferenceSet, clips: Iterable[Clip]) -> tuple[tuple[Clip, ...], tuple[str, ...]]:
    """Part clips of a set into those that can be sent, and a sentence for each that cannot.

    A file that soundfile cannot open is sent all the same: the pipeline may read formats that
    soundfile does not, and lacks an answer where it does not.
    """
    kept, faults = [], []
    for clip in clips:
        sound, fault = examine(Path(clip.audio), whole=False)
        if sound and fault:
            faults.append(f"{found.where(clip)}: {clip.audio} {fault}.")
        else:
            kept.append(clip)
    return tuple(kept), tuple(faults)


def unanswered(found: ReferenceSet, clips: Iterable[Clip], heard: Collection[str]) -> list[str]:
    """Name each clip that was to be heard and is not among the ids `heard`, by file and line."""
    return [
        f"{found.where(clip)}: the pipeline gave no answer to the clip {clip.id!r} ({clip.audio})."
        for clip in clips
        if clip.id not in heard
    ]


def every_clip_is_scored(name: str, of: int, lacking: Sequence[str]) -> Finding:
    """Return the finding about a set: whether each of its `of` clips counts in the score.

    Args:
        name: the set's.
        of: clips that were to be scored, with those that are lacking.
        lacking: a sentence for each clip that is not scored, with file and line.
    """
    named = " ".join(lacking[:SHOWN])
    more = f" And {len(lacking) - SHOWN} more." if len(lacking) > SHOWN else ""
    detail = f"{name}: {len(lacking)} of {of} clips are lacking. {named}{more}"
    return Finding(
        rule=EVERY_CLIP,
        title="Every clip of the reference set is scored.",
        holds=not lacking,
        detail=detail if lacking else f"{name}: {of} clips.",
        area=AREA,
        facts={"set": name, "lacking": str(len(lacking)), "of": str(of)},
    )
