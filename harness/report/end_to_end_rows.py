"""Finished rows about end-to-end accuracy: what was asked of the clips, and which missed what."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.end_to_end import EndToEnd, Judged, end_to_end
from harness.records import Expect, Run
from harness.report import names
from harness.report.names import NONE
from harness.units import Unit, show

PARTS = {  # as `Judged.missed` names them -> what is asked
    "contract": "Contract: keys, dtypes, shapes, codes in range, finite features",
    "time": "Time: no longer than the budget end to end",
    "words": "Words: equal in the lenient view",
    "intent": "Intent: what the clip asks for, by the grammar of the set",
}


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """One thing that is asked of a clip."""

    part: str
    asked: str  # of how many clips
    held: str
    missed: str
    alone: str  # clips that missed this and nothing else


@dataclass(frozen=True, kw_only=True)
class FailingRow:
    """One clip that does not count."""

    clip: str
    set: str
    missed: str  # "time, words"
    detail: str


def part_rows(run: Run) -> tuple[PartRow, ...]:
    """Return a row for each part, one for clips without an answer, and the sum."""
    found = end_to_end(run)
    if found is None:
        return ()
    rows = [_part(name, found) for name in PARTS]
    whole = found.clips
    unanswered = _row("Answer: the call returned", whole, found.unanswered, found.unanswered)
    wrong = whole - found.right
    return (unanswered, *(row for row in rows if row), _row("All of it", whole, wrong, wrong))


def failing_rows(run: Run) -> tuple[FailingRow, ...]:
    """Return every answered clip that does not count, in the order heard."""
    found = end_to_end(run)
    clips = found.judged if found else ()
    return tuple(_failing(clip) for clip in clips if clip.missed)


def end_to_end_sentence(run: Run) -> str:
    """Say what the share is, how sure that is, and what time alone and the intents did to it."""
    found = end_to_end(run)
    if found is None:
        return ""
    interval = found.interval()
    sure = names.interval_text(interval, Unit.RATIO) if interval else "too few clips for one"
    slow = sum(clip.missed == ("time",) for clip in found.judged)
    worded = sum(clip.kept and clip.in_time and clip.answer.words for clip in found.judged)
    text = (
        f"{found.right} of {found.clips} clips were answered rightly and in time: "
        f"{show(found.rate, Unit.RATIO)}, interval {sure}. By time alone "
        f"{slow} {'fails' if slow == 1 else 'fail'}."
    )
    if any(clip.answer.expected for clip in found.judged):
        share = show(worded / found.clips, Unit.RATIO)
        text += f" By the words of every clip it would be {worded}, {share}."
    return text


def end_to_end_method(run: Run) -> str:
    """Say how the share was counted."""
    found = end_to_end(run)
    if found is None:
        return ""
    limit = show(found.limit, Unit.SECONDS)
    stretched = f", stretched by {found.stretched:.3g}" if found.stretched != 1 else ""
    interval = found.interval()
    return (
        f"The clips of all gated sets. A clip of one window may take {limit}{stretched}, a longer "
        "one as much more as it is longer. Times are as taken, disturbed or not. "
        f"Interval: {interval.method if interval else NONE}."
    )


def _part(name: str, found: EndToEnd) -> PartRow | None:
    asked = [clip for clip in found.judged if _is_asked(name, clip)]
    missed = [clip for clip in asked if name in clip.missed]
    alone = sum(clip.missed == (name,) for clip in missed)
    return _row(PARTS[name], len(asked), len(missed), alone) if asked else None


def _is_asked(name: str, clip: Judged) -> bool:
    if name in ("words", "intent"):
        return (name == "intent") == (clip.answer.expected is not None)
    return True


def _row(part: str, asked: int, missed: int, alone: int) -> PartRow:
    counts = (show(n, Unit.COUNT) for n in (asked, asked - missed, missed, alone))
    return PartRow(
        part=part, **dict(zip(("asked", "held", "missed", "alone"), counts, strict=True))
    )


def _failing(clip: Judged) -> FailingRow:
    told = {
        "contract": clip.heard.broke or "",
        "time": f"{show(clip.heard.elapsed, Unit.SECONDS)} of {show(clip.limit, Unit.SECONDS)}",
        "words": _heard(clip),
        "intent": f"{_intent(clip)} {_heard(clip)}",
    }
    return FailingRow(
        clip=clip.heard.clip,
        set=clip.heard.set,
        missed=", ".join(clip.missed),
        detail="; ".join(told[name] for name in clip.missed),
    )


def _heard(clip: Judged) -> str:
    return f"said: {clip.heard.reference} heard: {clip.heard.hypothesis or '(nothing)'}"


def _intent(clip: Judged) -> str:
    expected, found = clip.answer.expected, clip.answer.found
    asked = _written(expected) if expected else ""
    return f"expected {asked}, understood {_written(found) if found else 'nothing'};"


def _written(intent: Expect) -> str:
    slots = ", ".join(f"{name} “{words}”" for name, words in intent.slots)
    return f"{intent.intent} ({slots})" if slots else intent.intent
