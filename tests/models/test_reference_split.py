"""The reference sets hold nothing that training has heard: no sentence, slot value or voice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.reference import voices
from models.reference.record import digest, read_record
from models.reference.synth import Voice
from models.reference.text import spoken

PROJECT = Path(__file__).parents[2]
SETS = PROJECT / "validation" / "reference_sets"
TRAINING = PROJECT / "models" / "reference" / "text"
NAMES = sorted(path.parent.name for path in SETS.glob("*/manifest.jsonl"))


def rows(name: str) -> Iterator[dict[str, Any]]:
    for line in (SETS / name / "manifest.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)


def slots(path: Path) -> dict[str, set[str]]:
    values = yaml.safe_load(path.read_text("utf-8"))
    return {slot: {spoken(value) for value in listed} for slot, listed in values.items()}


def templates(path: Path) -> set[str]:
    lines = path.read_text("utf-8").splitlines()
    return {re.sub(r"\W+", " ", line).strip().lower() for line in lines if line[:1] != "#"} - {""}


@pytest.mark.parametrize("name", NAMES)
def test_no_sentence_of_a_reference_set_was_heard_in_training(name: str) -> None:
    heard, _ = read_record()
    assert len(heard) > 10_000
    assert [row["text"] for row in rows(name) if digest(spoken(row["text"])) in heard] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_voice_of_a_reference_set_was_heard_in_training(name: str) -> None:
    _, heard = read_record()
    assert len(heard) > 10_000
    for row in rows(name):
        if voice := row.get("voice"):
            assert row["voice_digest"] == voices.digest(Voice(**voice))
            assert int(row["voice_digest"], 16) not in heard
            assert voice["variant"] in voices.split()["test"]


def test_no_family_of_voices_stands_on_two_sides() -> None:
    sides = {side: {voices.family(v) for v in names} for side, names in voices.split().items()}
    assert not sides["train"] & sides["test"]
    assert not sides["train"] & sides["dev"]
    assert not sides["dev"] & sides["test"]
    assert not voices.EFFECTS & {v for names in voices.split().values() for v in names}


@pytest.mark.parametrize("tuning", ["slots.yaml", "dev_slots.yaml"])
def test_no_slot_value_of_the_test_is_one_of_training_or_tuning(tuning: str) -> None:
    held, used = slots(SETS / "sources" / "assistant_slots.yaml"), slots(TRAINING / tuning)
    assert {slot: held[slot] & used.get(slot, set()) for slot in held} == {s: set() for s in held}


@pytest.mark.parametrize("tuning", ["templates.txt", "dev_templates.txt"])
def test_no_template_of_the_test_is_one_of_training_or_tuning(tuning: str) -> None:
    held = templates(SETS / "sources" / "assistant_templates.txt")
    assert len(held) == 150
    assert not held & templates(TRAINING / tuning)


def test_the_sets_have_the_sizes_that_their_readers_rely_on() -> None:
    counts = {name: len(list(rows(name))) for name in NAMES}
    assert counts["es_synthetic"] >= 300
    assert counts["es_prose"] >= 100
    assert all(row["seconds"] > 10.24 for row in rows("es_long"))
    assert all(9 < row["seconds"] <= 10.24 for row in rows("es_window"))
    audio = sum(f.stat().st_size for f in SETS.rglob("*.flac"))
    assert audio < 20_000_000
