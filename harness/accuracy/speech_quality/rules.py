"""Rules that the signal of every synthesised clip keeps. Each can fail, and names the clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.accuracy.speech_quality.signal import SignalFacts
from harness.accuracy.speech_quality.syllables import FASTEST, SLOWEST, syllables
from harness.records import Finding
from harness.units import Unit, show

AREA = "speech"
SHOWN = 5  # clips that a finding names

QUIETEST = -40.0  # LUFS: 17 below EBU R 128's -23, hardly to be heard beside other speech
OFFSET = 0.005  # of full scale: from here on the recogniser takes it out
AT_AN_END = 0.5  # seconds of silence: more is a wait that a listener notices
WITHIN = 1.0  # seconds of silence: more sounds like the end


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One clip and what was to be said in it."""

    id: str
    text: str
    facts: SignalFacts


def check_spoken(clips: Sequence[Spoken]) -> tuple[Finding, ...]:
    """Apply every rule to the clips, at least one."""
    return tuple(_finding(rule, clips) for rule in RULES)


def speech_is_audible(clip: Spoken) -> str:
    """Every clip is loud enough to be heard: at least -40 LUFS."""
    loudness = clip.facts.loudness
    if loudness is not None and loudness >= QUIETEST:
        return ""
    return "silent" if loudness is None else show(loudness, Unit.LOUDNESS)


def speech_is_not_clipped(clip: Spoken) -> str:
    """No samples are cut off at a clip's peak."""
    return f"{show(clip.facts.clipped, Unit.RATIO)} of samples" if clip.facts.clipped else ""


def speech_has_no_offset(clip: Spoken) -> str:
    """The mean of the samples is within 0.5 % of full scale."""
    return show(clip.facts.offset, Unit.RATIO) if abs(clip.facts.offset) > OFFSET else ""


def speech_begins_and_ends_at_once(clip: Spoken) -> str:
    """At most 0.5 s of silence stand before the speech, and after it."""
    longest = max(clip.facts.lead, clip.facts.trail)
    return show(longest, Unit.SECONDS) if longest > AT_AN_END else ""


def speech_has_no_holes(clip: Spoken) -> str:
    """No silence within a sentence is longer than 1 s."""
    return show(clip.facts.pause, Unit.SECONDS) if clip.facts.pause > WITHIN else ""


def speech_has_a_likely_length(clip: Spoken) -> str:
    """A sentence is said at 3 to 11.7 syllables a second: no word is lost or drawn out."""
    pace = clip.facts.spoken / max(syllables(clip.text), 1)
    return f"{show(pace, Unit.SECONDS)} per syllable" if not FASTEST <= pace <= SLOWEST else ""


RULES: tuple[Callable[[Spoken], str], ...] = (
    speech_is_audible,
    speech_is_not_clipped,
    speech_has_no_offset,
    speech_begins_and_ends_at_once,
    speech_has_no_holes,
    speech_has_a_likely_length,
)
NAMES = tuple(rule.__name__ for rule in RULES)


def _finding(rule: Callable[[Spoken], str], clips: Sequence[Spoken]) -> Finding:
    wrong = [f"{clip.id} ({told})" for clip in clips if (told := rule(clip))]
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    detail = f"{len(wrong)} of {len(clips)} clips: {', '.join(wrong[:SHOWN])}{more}."
    return Finding(
        rule=rule.__name__,
        title=(rule.__doc__ or "").strip(),
        holds=not wrong,
        detail=detail if wrong else f"{len(clips)} clips.",
        area=AREA,
    )
