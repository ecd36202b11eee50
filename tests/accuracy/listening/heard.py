"""Folders to listen to, and listeners who answer as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from harness.accuracy.listening.plan import Key, Voice

VOICE, OTHER = Voice(name="mine", digest="d" * 64), Voice(name="theirs", digest="e" * 64)
Says = Callable[[str, str], int]  # role and name of a clip -> score


def sound_folder(folder: Path, names: tuple[str, ...], level: float = 0.1) -> Path:
    """Write a second of noise for each name, and return the folder."""
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        noise = level * np.random.default_rng(number).standard_normal(16_000)
        soundfile.write(folder / f"{name}.wav", noise, 16_000)
    return folder


def exported(
    key: Key, listener: str, says: Says, *, wrong: int = 0, **other: Any
) -> dict[str, Any]:
    """Return what the page exports for a listener who gets `wrong` checks wrong."""
    answers = []
    for name, trial in key.trials.items():
        clip = key.clips[trial.clips[0]]
        answer = trial.expected
        if trial.expected and wrong:
            wrong -= 1
            answer = "1" if trial.expected != "1" else "2"
            answer = answer if key.kind == "acr" else trial.clips[0]
        elif not trial.expected:
            score = says(clip.role, clip.name)
            answer = str(score) if key.kind == "acr" else trial.clips[1 - score]
        answers.append({"trial": name, "answer": answer, "plays": 1, "seconds": 3.5})
    given = {
        "format": 1,
        "test": key.test,
        "kind": key.kind,
        "listener": listener,
        "language": "es",
        "started": "2026-11-25T09:00:00Z",
        "ended": "2026-11-25T09:10:00Z",
        "answers": answers,
    }
    return {**given, **other}


def saved(folder: Path, given: dict[str, Any], name: str = "") -> Path:
    """Write an export as a listener sends it."""
    file = folder / f"{name or given['listener']}.json"
    file.write_text(json.dumps(given))
    return file
