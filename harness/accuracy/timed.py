"""NIST's timed forms: CTM, words with their times, and STM, segments of a long recording.

    CTM   file channel begin seconds word [confidence]     one word a line
    STM   file channel speaker begin end [<labels>] text   one segment a line, choices in braces

A CTM names no segments: its words are dealt out to those of an STM as sclite does it (SCTK,
`stm2ctm.c`). A word belongs to the first segment that ends after its middle; the last segment
takes what is left. Words in a segment that says `IGNORE_TIME_SEGMENT_IN_SCORING` are left out.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from harness.accuracy import trn
from harness.accuracy.trn import Items
from harness.errors import ReferenceSetError

IGNORED = "IGNORE_TIME_SEGMENT_IN_SCORING"
CTM_COLUMNS = (5, 6)  # file, channel, begin, seconds, word, and perhaps the confidence
STM_COLUMNS = 5  # file, channel, speaker, begin, end; then labels and text

Lines = Sequence[tuple[int, str]]  # number in the file, from 1, and text
Channel = tuple[str, str]  # file, channel


class TimedWord(NamedTuple):
    """A word that was heard."""

    begin: float  # seconds from the start of the recording
    seconds: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of one channel in which one speaker speaks."""

    id: str  # file-channel-begin
    channel: Channel
    speaker: str
    begin: float  # seconds
    end: float  # seconds
    items: Items
    ignored: bool  # not to be scored


def lines_of(path: Path) -> Lines:
    """Return the lines that say something, with their numbers, in Unicode NFC.

    Raises:
        ReferenceSetError: the file is absent, cannot be read, or is not UTF-8.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ReferenceSetError(f"{path}: no such file.") from None
    except OSError as error:
        raise ReferenceSetError(f"{path}: cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ReferenceSetError(
            f"{path}: not UTF-8 (byte {error.start}). Convert it: "
            f"iconv -f latin1 -t utf-8 {path.name}"
        ) from None
    numbered = enumerate(unicodedata.normalize("NFC", text).split("\n"), start=1)
    return [(number, line) for number, line in numbered if line.strip()]


def ctm_words(lines: Lines, path: Path) -> dict[Channel, list[TimedWord]]:
    """Return the words of every channel by the time at which they begin.

    Raises:
        ReferenceSetError: a line is not of the form, or leaves a choice.
    """
    heard: dict[Channel, list[TimedWord]] = {}
    for number, line in lines:
        if line.startswith(trn.COMMENT):
            continue
        where, cells = f"{path}:{number}", line.split()
        if cells[-1].upper().startswith("<ALT"):
            raise ReferenceSetError(
                f"{where}: a hypothesis leaves a choice. Expected the one text that was heard."
            )
        times = _times(cells[2:4]) if len(cells) in CTM_COLUMNS else None
        if times is None:
            raise ReferenceSetError(
                f"{where}: expected `file channel begin seconds word`, got {line.strip()[:60]!r}."
            )
        heard.setdefault((cells[0], cells[1]), []).append(TimedWord(*times, cells[4]))
    return {channel: sorted(words, key=lambda w: w.begin) for channel, words in heard.items()}


def stm_segments(lines: Lines, path: Path) -> tuple[Segment, ...]:
    """Return the segments of every channel by the time at which they begin.

    Raises:
        ReferenceSetError: a line is not of the form, or two segments of a channel begin at once.
    """
    found: dict[str, Segment] = {}
    for number, line in lines:
        if line.startswith(trn.COMMENT):
            continue
        where = f"{path}:{number}"
        segment = _segment(line, where)
        if segment.id in found:
            raise ReferenceSetError(f"{where}: a second segment begins at {segment.id!r}.")
        found[segment.id] = segment
    if not found:
        raise ReferenceSetError(f"{path}: no segment in it. Expected NIST's STM.")
    return tuple(sorted(found.values(), key=lambda s: (s.channel, s.begin)))


def dealt(
    segments: Sequence[Segment], heard: Mapping[Channel, Sequence[TimedWord]]
) -> dict[str, Items]:
    """Return what was heard in every segment of the channels that were heard, by its id."""
    found: dict[str, Items] = {}
    for channel, words in heard.items():
        own = [segment for segment in segments if segment.channel == channel]
        place = 0
        for segment in own:
            first = place
            last = segment is own[-1]
            while place < len(words) and (last or _middle(words[place]) < segment.end):
                place += 1
            if not segment.ignored:
                found[segment.id] = tuple(word.text for word in words[first:place])
    return found


def _segment(line: str, where: str) -> Segment:
    cells = line.split(maxsplit=STM_COLUMNS)
    times = _times(cells[3:5]) if len(cells) >= STM_COLUMNS else None
    if times is None or times[1] < times[0]:
        raise ReferenceSetError(
            f"{where}: expected `file channel speaker begin end text`, got {line.strip()[:60]!r}."
        )
    text = cells[STM_COLUMNS].strip() if len(cells) > STM_COLUMNS else ""
    if text.startswith("<") and text.split()[0].endswith(">"):
        text = text.partition(">")[2]  # labels
    return Segment(
        id=f"{cells[0]}-{cells[1]}-{cells[3]}",
        channel=(cells[0], cells[1]),
        speaker=cells[2],
        begin=times[0],
        end=times[1],
        items=trn.parse(text, where),
        ignored=IGNORED in text.upper(),
    )


def _middle(word: TimedWord) -> float:
    return word.begin + word.seconds / 2


def _times(cells: Sequence[str]) -> tuple[float, float] | None:
    try:
        first, second = (float(cell) for cell in cells)
    except ValueError:
        return None
    return (first, second) if math.isfinite(first) and math.isfinite(second) else None
