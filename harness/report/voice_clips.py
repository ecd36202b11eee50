"""Sentences to be played on the page: their audio, their mel pictures, what was heard in them."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.image
import numpy as np

from harness.accuracy import wer
from harness.accuracy.predicted_mos.predict import METRIC
from harness.accuracy.speech_quality.facts import FACTS, SIGNAL
from harness.accuracy.text import GATED
from harness.judge.predicted import predictions
from harness.judge.round_trip import SOURCE, VOICE, lost, transcript_of
from harness.records import Run
from harness.report.clip_rows import WordCell, word_cell
from harness.units import Unit, show

TOLD = ("seconds", "loudness", "f0", "f0_range", "bandwidth", "pause", "clipped")  # of a clip


@dataclass(frozen=True, kw_only=True)
class Played:
    """One recording that can be played and seen; the two are data URIs."""

    audio: str
    picture: str


@dataclass(frozen=True, kw_only=True)
class VoiceClip:
    """One sentence."""

    id: str
    text: str
    voice: Played
    source: Played | None
    facts: str  # "3.20 s, -21.4 LUFS, ..."
    scores: str  # predicted MOS of this sentence; "" where there is none beside anchors
    errors: str  # "1 error in 8 words", "every word"
    words: tuple[WordCell, ...]
    heard: str  # raw
    lost: str  # words skipped or said twice, beyond the source; "" for none


def voice_clips(run: Run) -> tuple[VoiceClip, ...]:
    """Return the sentences that the run kept to be played."""
    lacking = lost(run)
    facts, scores = _by_clip(run, SIGNAL, TOLD), _scores(run)
    clips = []
    for kept in run.facts.get("speech_clips", ()):
        name = kept["id"]
        one = transcript_of(run, VOICE, name)
        heard = one.hypothesis if one else ""
        counts = wer.score(kept["text"], heard)
        gone = lacking.get(name)
        clips.append(
            VoiceClip(
                id=name,
                text=kept["text"],
                voice=_played(kept["voice"]),
                source=_played(kept["source"]) if kept["source"] else None,
                facts=facts.get(name, ""),
                scores=scores.get(name, ""),
                errors=_errors(counts) if one else "not heard",
                words=tuple(map(word_cell, wer.align(kept["text"], heard, GATED))) if one else (),
                heard=heard,
                lost=_lost(gone.skipped, gone.repeated) if gone else "",
            )
        )
    return tuple(clips)


def source_name(run: Run) -> str:
    """Return what the source of the sentences is: "espeak-ng, voice es"; "" where there is none."""
    return str(run.facts.get("speech_source", "")) if transcripts_of(run, SOURCE) else ""


def transcripts_of(run: Run, arm: str) -> bool:
    """Return whether anything was heard of an arm."""
    return any(t.arm == arm for t in run.transcripts)


def _played(kept: Mapping[str, Any]) -> Played:
    pixels = np.frombuffer(zlib.decompress(base64.b64decode(kept["mel"])), np.uint8)
    return Played(
        audio=f"data:audio/ogg;base64,{kept['audio']}",
        picture=_png(pixels.reshape(kept["bands"], kept["columns"])),
    )


def _png(picture: np.ndarray[Any, np.dtype[np.uint8]]) -> str:
    """Draw a mel picture in matplotlib's `magma`, the lowest band at the foot."""
    from PIL import Image

    drawn = Image.fromarray(picture[::-1], "P")
    drawn.putpalette(_magma())
    written = io.BytesIO()
    drawn.save(written, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"


def _magma() -> bytes:
    colours = matplotlib.colormaps["magma"](np.arange(256), bytes=True)
    return np.asarray(colours, np.uint8)[:, :3].tobytes()


def _errors(counts: wer.Counts) -> str:
    if not counts.errors:
        return "every word"
    return f"{counts.errors} error{'' if counts.errors == 1 else 's'} in {counts.length} words"


def _lost(skipped: tuple[str, ...], repeated: tuple[str, ...]) -> str:
    parts = [f"skipped: {', '.join(skipped)}"] if skipped else []
    parts += [f"said twice: {', '.join(repeated)}"] if repeated else []
    return "; ".join(parts)


def _by_clip(run: Run, prefix: str, wanted: tuple[str, ...]) -> dict[str, str]:
    """Write the wanted facts of every clip."""
    parts: dict[str, list[str]] = {}
    for name in wanted:
        fact = FACTS[name]
        for m in run.measurements:
            if m.metric == prefix + name and not m.arm:
                for clip, value in zip(m.clips, m.samples, strict=True):
                    parts.setdefault(clip, []).append(f"{fact.title} {show(value, m.unit)}")
    return {clip: " · ".join(told) for clip, told in parts.items()}


def _scores(run: Run) -> dict[str, str]:
    """Write the predicted MOS of every clip, where anchors stand beside it on the page."""
    shown = {f"{METRIC}{one.name}": one.name for one in predictions(run)}
    parts: dict[str, list[str]] = {}
    for m in run.measurements:
        name = shown.get(m.metric)
        if name is not None and not m.arm and m.clips:
            for clip, value in zip(m.clips, m.samples, strict=True):
                parts.setdefault(clip, []).append(f"{name} {show(value, Unit.SCORE)}")
    return {clip: " · ".join(told) for clip, told in parts.items()}
