"""What a reference set is made of: clips, hours, speakers, words, conditions, lengths, formats."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.accuracy.audio_faults import read_sound
from harness.accuracy.sets import set_digest
from harness.records import Clip

WINDOW = 10.24  # seconds that the model hears at once; a longer clip is cut by the pipeline
UNREADABLE = "not read by soundfile"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Clips that share a condition, a language or a format."""

    name: str  # "" where the manifest leaves it empty
    clips: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Lengths:
    """Lengths of the clips, in seconds."""

    shortest: float
    median: float
    longest: float
    beyond_window: int  # clips longer than WINDOW


@dataclass(frozen=True, kw_only=True)
class Stats:
    """A reference set in figures."""

    digest: str
    clips: int
    seconds: float
    speakers: int  # names; clips without one are not counted
    nameless: int  # clips whose speaker is not known
    words: int  # of the references, as their publisher parted them
    vocabulary: int  # different words, without regard to case
    silent: int  # clips with an empty reference
    lengths: Lengths
    languages: tuple[Group, ...]  # most clips first, as below
    conditions: tuple[Group, ...]
    formats: tuple[Group, ...]  # "FLAC PCM_16, 16000 Hz, 1 channel"


def stats_of(clips: Iterable[Clip]) -> Stats:
    """Count a set of at least one clip; seconds are those of the manifest, formats the files'."""
    given = tuple(clips)
    words = [word.casefold() for clip in given for word in clip.text.split()]
    seconds = [clip.seconds for clip in given]
    return Stats(
        digest=set_digest(given),
        clips=len(given),
        seconds=sum(seconds),
        speakers=len({clip.speaker for clip in given} - {""}),
        nameless=sum(not clip.speaker for clip in given),
        words=len(words),
        vocabulary=len(set(words)),
        silent=sum(not clip.text.strip() for clip in given),
        lengths=Lengths(
            shortest=min(seconds),
            median=statistics.median(seconds),
            longest=max(seconds),
            beyond_window=sum(value > WINDOW for value in seconds),
        ),
        languages=_groups((clip.language, clip) for clip in given),
        conditions=_groups((clip.condition, clip) for clip in given),
        formats=_groups((_format(clip), clip) for clip in given),
    )


def _format(clip: Clip) -> str:
    sound = read_sound(Path(clip.audio))
    if sound is None:
        return UNREADABLE
    channels = "1 channel" if sound.channels == 1 else f"{sound.channels} channels"
    return f"{sound.format} {sound.subtype}, {sound.rate} Hz, {channels}"


def _groups(named: Iterable[tuple[str, Clip]]) -> tuple[Group, ...]:
    counts: Counter[str] = Counter()
    seconds: dict[str, float] = {}
    for name, clip in named:
        counts[name] += 1
        seconds[name] = seconds.get(name, 0.0) + clip.seconds
    return tuple(
        Group(name=name, clips=count, seconds=seconds[name]) for name, count in counts.most_common()
    )
