"""The key of a test and the answers of its listeners, read as what they are: anybody's files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from harness.accuracy.listening.plan import SCORES, TRIALS, Key, Trial
from harness.errors import ListeningError

LARGEST = 1_000_000  # bytes of one file of answers
KEY_LARGEST = 10_000_000
FILES = 1000
FORMAT = 1


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Answer(_Strict):
    """What one listener said in one trial."""

    trial: str = Field(max_length=20)
    answer: str = Field(max_length=20)  # a score, or the name of the chosen clip
    plays: int = Field(ge=1, le=10_000)
    seconds: float = Field(ge=0, le=86_400)  # from the first sight of the trial to its answer


class Answers(_Strict):
    """What one listener exported."""

    format: Literal[1]
    test: str = Field(max_length=20)
    kind: Literal["acr", "ab"]
    listener: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")
    language: Literal["es", "en"]
    started: str = Field(max_length=40)
    ended: str = Field(max_length=40)
    answers: tuple[Answer, ...] = Field(max_length=TRIALS)


def write_key(key: Key) -> str:
    """Return the key as the text of its file."""
    return json.dumps({"test": key.test, **asdict(key)}, ensure_ascii=False, indent=1)


def read_key(file: Path) -> Key:
    """Read a key.

    Raises:
        ListeningError: absent, no key of this format, or changed since it was written.
    """
    data = _json(file, KEY_LARGEST)
    test = data.pop("test", None) if isinstance(data, dict) else None
    try:
        key = TypeAdapter(Key).validate_python(data)
    except ValidationError as error:
        raise _wrong(file, error, "the key that `harness listen` wrote beside the page") from None
    if key.test != test or key.format != FORMAT:
        raise ListeningError(
            f"{file}: expected the key of test {test}, got that of {key.test}: it was changed. "
            "Restore the file."
        )
    return key


def read_answers(files: Iterable[Path], key: Key) -> tuple[Answers, ...]:
    """Read what listeners exported; every answer is one that the page of `key` allows.

    Raises:
        ListeningError: a file cannot be read, is of another test, or holds what the page cannot
            have written; or two are of the same listener. Names the file.
    """
    found: dict[str, tuple[Path, Answers]] = {}
    paths = tuple(files)
    if len(paths) > FILES:
        raise ListeningError(f"Expected at most {FILES} files of answers, got {len(paths)}.")
    for file in paths:
        try:
            given = Answers.model_validate(_json(file, LARGEST))
        except ValidationError as error:
            raise _wrong(file, error, "answers that the page exported") from None
        _check(file, given, key)
        if given.listener in found:
            raise ListeningError(
                f"{file}: listener {given.listener!r} is in {found[given.listener][0]} already. "
                "Keep the first one; a person counts once."
            )
        found[given.listener] = (file, given)
    return tuple(given for _, given in found.values())


def _check(file: Path, given: Answers, key: Key) -> None:
    if (given.test, given.kind) != (key.test, key.kind):
        raise ListeningError(
            f"{file}: expected answers to test {key.test} ({key.kind}), got those to "
            f"{given.test} ({given.kind}). Give the key of that page."
        )
    seen: set[str] = set()
    for one in given.answers:
        trial = key.trials.get(one.trial)
        if trial is None or one.trial in seen:
            what = "unknown" if trial is None else "answered twice"
            raise ListeningError(f"{file}: trial {one.trial!r} is {what}. Leave this file out.")
        allowed = _allowed(key, trial)
        if one.answer not in allowed:
            raise ListeningError(
                f"{file}: trial {one.trial!r}: expected one of {', '.join(allowed)}, got "
                f"{one.answer!r}. Leave this file out."
            )
        seen.add(one.trial)


def _allowed(key: Key, trial: Trial) -> tuple[str, ...]:
    return tuple(map(str, SCORES)) if key.kind == "acr" else trial.clips


def _json(file: Path, largest: int) -> Any:
    try:
        with file.open("rb") as opened:
            data = opened.read(largest + 1)
        if len(data) > largest:
            raise ListeningError(f"{file}: expected at most {largest} bytes. Leave it out.")
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except OSError as error:
        raise ListeningError(f"{file}: cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise ListeningError(f"{file}: expected JSON, got {error}. Leave it out.") from None


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name that stands twice in one object")
    return made


def _wrong(file: Path, error: ValidationError, expected: str) -> ListeningError:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"])) or "the whole"
    return ListeningError(f"{file}: expected {expected}: {place}: {first['msg']}. Leave it out.")
