"""Who counts: every listener who answered all trials, and nearly all checks as told.

A listener is left out, and shown with the reason, where a trial has no answer, or where more than a
quarter of the checks are wrong. The rule looks at nothing that the test is about: no score of the
voice or of an anchor leaves anybody out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from harness.accuracy.listening.answers import Answers
from harness.accuracy.listening.plan import Key, Kind, Voice
from harness.errors import ListeningError

WRONG = 0.25  # share of the checks that may be wrong
RULE = "left out: a trial without an answer, or more than 25 % of the checks wrong"


@dataclass(frozen=True, kw_only=True)
class Rating:
    """One answer of a listener who counts. The page's names are gone."""

    listener: int  # number of the listener, from 0: who it was is not kept
    role: Literal["voice", "anchor"]
    name: str  # of the sentence, or of the anchor
    clip: str  # name of the clip within the page: an anchor has several
    score: float  # 1 to 5; in A/B 1.0 where the voice was chosen, 0.0 where the other


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """A listener who does not count."""

    listener: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """A listening test that was held: kept beside the runs, and bound to the voice's digest."""

    test: str
    kind: Kind
    title: str
    voice: Voice
    other: Voice | None
    listeners: int  # who count
    excluded: tuple[Excluded, ...]
    rule: str
    ratings: tuple[Rating, ...]
    format: int = 1


def result_of(key: Key, answers: Iterable[Answers]) -> Result:
    """Return the ratings of those who count, and who does not."""
    ratings: list[Rating] = []
    excluded: list[Excluded] = []
    counted = 0
    for given in answers:
        said = {one.trial: one.answer for one in given.answers}
        if reason := _fault(key, said):
            excluded.append(Excluded(listener=given.listener, reason=reason))
            continue
        ratings += _ratings(key, said, counted)
        counted += 1
    return Result(
        test=key.test,
        kind=key.kind,
        title=key.title,
        voice=key.voice,
        other=key.other,
        listeners=counted,
        excluded=tuple(excluded),
        rule=RULE,
        ratings=tuple(ratings),
    )


def write_result(result: Result) -> str:
    """Return a result as the text of its file."""
    return json.dumps(asdict(result), ensure_ascii=False, indent=1)


def read_result(file: Path) -> Result:
    """Read a result.

    Raises:
        ListeningError: it cannot be read, or is none of this format.
    """
    try:
        found: Result = TypeAdapter(Result).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ListeningError(
            f"{file}: expected the result of a listening test, got {reason}. Restore the file."
        ) from None
    if found.format != 1:
        raise ListeningError(f"{file}: expected format 1, got {found.format}. Use a newer harness.")
    return found


def _fault(key: Key, said: Mapping[str, str]) -> str:
    """Say why a listener does not count; "" for one who does."""
    missing = len(key.trials.keys() - said.keys())
    if missing:
        return f"{missing} of {len(key.trials)} trials without an answer"
    checks = {name: trial.expected for name, trial in key.trials.items() if trial.expected}
    wrong = sum(said[name] != expected for name, expected in checks.items())
    return f"{wrong} of {len(checks)} checks wrong" if wrong > WRONG * len(checks) else ""


def _ratings(key: Key, said: Mapping[str, str], listener: int) -> Iterable[Rating]:
    for name, trial in key.trials.items():
        clip: Any = key.clips[trial.clips[0]]
        if trial.expected:
            continue
        ab = key.kind == "ab"
        yield Rating(
            listener=listener,
            role=clip.role,
            name=clip.name,
            clip=trial.clips[0],
            score=float(said[name] == trial.clips[0]) if ab else float(said[name]),
        )
