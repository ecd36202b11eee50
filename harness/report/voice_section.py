"""The names that the section about speaking reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.records import Run, Verdict
from harness.report import emotion_rows, voice_clips, voice_rows


def voice(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    """How the pipeline speaks."""
    return {
        "voice_sentence": voice_rows.voice_sentence(run),
        "voice_words": voice_rows.word_rows(run, verdicts),
        "voice_method": voice_rows.voice_method(run),
        "voice_blame": voice_rows.blame_rows(run),
        "voice_costs": voice_rows.cost_rows(run, verdicts),
        "voice_cost_method": voice_rows.cost_method(run),
        "voice_beside": voice_rows.beside_name(run),
        "voice_signal": voice_rows.signal_rows(run),
        "voice_copies": voice_rows.copy_text(run),
        "voice_emotion": emotion_rows.emotion_rows(run, verdicts),
        "voice_emotion_method": emotion_rows.METHOD,
        "voice_clips": voice_clips.voice_clips(run),
        "voice_source": voice_clips.source_name(run),
    }
