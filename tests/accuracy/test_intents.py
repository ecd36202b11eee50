"""A grammar says what a command asks for, or is refused with file and line."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.accuracy.intents import GRAMMAR, LONGEST, check_expected, parse, read_grammar, same
from harness.accuracy.sets import MANIFEST, read_set, set_digest
from harness.errors import ReferenceSetError
from harness.records import Clip, Expect
from validation.reference_sets.expectations import annotate

SYNTHETIC = Path(__file__).parents[2] / "validation/reference_sets/es_synthetic"
HOUSE = """
# A comment, and a blank line.

slot room: la cocina | el salón | el cuarto de baño
slot time: 1 to 6 words   # so many words

intent light.off
  [oye | venga ya] (apaga | quita) la luz de {room} [por favor]
  apaga {first=room} y {second=room}

intent alarm.set
  despiértame a {time} que ...
  despiértame a {time}
"""


def clip(text: str, expect: Expect | None) -> Clip:
    """Return a clip with this text."""
    return Clip(
        id="c1",
        audio="/c1.wav",
        text=text,
        language="es",
        speaker="",
        condition="",
        seconds=1.0,
        sha256="0" * 64,
        expect=expect,
    )


@pytest.mark.parametrize(
    ("text", "intent", "slots", "why"),
    [
        ("Apaga la luz de la cocina.", "light.off", {"room": "la cocina"}, "plain"),
        ("¡Oye, QUITA la luz de el salón!", "light.off", {"room": "el salon"}, "case and marks"),
        ("venga ya apaga la luz de la cocina", "light.off", {"room": "la cocina"}, "two words"),
        ("apaga la luz de la cocina por favor", "light.off", {"room": "la cocina"}, "a filler"),
        (
            "apaga la cocina y el cuarto de baño",
            "light.off",
            {"first": "la cocina", "second": "el cuarto de baño"},
            "two slots of one kind",
        ),
        ("despiértame a las 7:30", "alarm.set", {"time": "las siete y media"}, "digits are spoken"),
        ("despiertame a las siete", "alarm.set", {"time": "las siete"}, "an accent is no matter"),
        ("despiértame a las dos que salgo", "alarm.set", {"time": "las dos"}, "the reason is none"),
        ("apaga la luz de la cosina", "", {}, "a closed slot takes its words only"),
        ("apaga la luz de el cuarto de bano", "", {}, "ñ is a letter of its own"),
        ("apaga la luz", "", {}, "too little"),
        ("apaga la luz de la cocina ya", "", {}, "too much: a pattern is a whole utterance"),
        ("despiértame a uno dos tres cuatro cinco seis siete", "", {}, "more words than the slot"),
        ("despiértame a", "", {}, "fewer"),
        ("", "", {}, "silence asks for nothing"),
    ],
)
def test_a_text_is_understood_as_its_first_fitting_pattern(
    text: str, intent: str, slots: dict[str, str], why: str
) -> None:
    found = parse(HOUSE, GRAMMAR).understand(text)
    expected = Expect(intent=intent, slots=tuple(sorted(slots.items()))) if intent else None
    assert found == expected, why


def test_slots_are_the_same_as_they_are_spoken_and_by_name() -> None:
    asked = Expect(intent="alarm.set", slots=(("day", "Lunes"), ("time", "7")))
    assert same(asked, Expect(intent="alarm.set", slots=(("time", "siete"), ("day", "lunes"))))
    assert not same(asked, replace(asked, intent="alarm.off"))
    assert not same(asked, replace(asked, slots=(("time", "siete"),)))
    assert not same(asked, replace(asked, slots=(("day", "lunes"), ("time", "seis"))))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("apaga la luz", ":1: expected `slot` or `intent` first"),
        ("intent a\n  apaga {room}", ":2: no slot 'room' above. Known: none"),
        ("slot room: a | b\nslot room: c\n", ":2: the slot 'room' stands there twice"),
        ("intent a\n  sí\nintent a\n  no", ":3: the intent 'a' stands there twice"),
        ("intent a\nintent b\n  no", ":1: the intent 'a' has no pattern"),
        ("slot room 1 to 2", ":1: expected `slot NAME: a | b"),
        ("slot room: a | | b", ":1: expected words between the bars"),
        ("slot room: 3 to 2 words", ":1: expected 1 word or more"),
        ("slot room: 0 to 2 words", ":1: expected 1 word or more"),
        ("intent Light Off", ":1: expected `intent NAME`"),
        ("intent a\n  pon [la (luz | radio)]", ":2: cannot read '[la (luz | radio)]'"),
        ("intent a\n  pon (la luz", ":2: cannot read '(la luz'"),
        ("slot x: a\nintent a\n  {x} y {x}", ":3: the slot 'x' stands there twice"),
    ],
)
def test_a_grammar_that_means_nothing_is_refused_by_line(text: str, said: str) -> None:
    with pytest.raises(ReferenceSetError) as refused:
        parse(text, "set/intents.txt")
    assert f"set/intents.txt{said}" in str(refused.value)


def test_a_long_utterance_comes_to_an_end() -> None:
    """Without the memory of what failed this would take years."""
    hard = "slot x: 1 to 99 words\nintent a\n  {a=x} no {b=x} no {c=x} no {d=x} no {e=x} fin"
    assert parse(hard, GRAMMAR).understand("no " * (LONGEST - 1)) is None
    assert parse(hard, GRAMMAR).understand("no " * 10_000) is None


def test_a_clip_that_no_answer_could_satisfy_is_refused(tmp_path: Path) -> None:
    off = Expect(intent="light.off", slots=(("room", "la cocina"),))
    good = clip("apaga la luz de la cocina", off)
    check_expected([good, clip("hola", None)], HOUSE, tmp_path)
    with pytest.raises(ReferenceSetError, match=r"'c1' expects light\.off"):
        check_expected([replace(good, text="apaga la luz de el salón")], HOUSE, tmp_path)
    with pytest.raises(ReferenceSetError, match=f"there is no {GRAMMAR}"):
        check_expected([good], "", tmp_path)


@pytest.mark.parametrize(
    "told",
    [
        '"light.off"',
        "{}",
        '{"intent": 3}',
        '{"intent": ""}',
        '{"intent": "a", "slot": {}}',
        '{"intent": "a", "slots": {"room": 3}}',
        '{"intent": "a", "slots": ["room"]}',
    ],
)
def test_an_expectation_of_another_form_is_refused_by_line(tmp_path: Path, told: str) -> None:
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio/es_synthetic_000.flac").touch()
    row = (SYNTHETIC / MANIFEST).read_text("utf-8").split("\n")[0]
    (tmp_path / MANIFEST).write_text(row.split(', "expect"')[0] + f', "expect": {told}}}\n')
    with pytest.raises(ReferenceSetError, match=rf"{MANIFEST}:1: 'expect' is of the form"):
        read_set(tmp_path)


def test_the_gated_set_expects_what_its_grammar_understands(tmp_path: Path) -> None:
    clips = read_set(SYNTHETIC)
    assert set_digest(clips).startswith("795a14bc16307ca1"), "texts and audio are as they were"
    assert sum(clip.expect is not None for clip in clips) == 109
    assert {c.condition for c in clips if c.expect} == {"command", "number", "time"}
    copy = Path(shutil.copytree(SYNTHETIC, tmp_path / "copy", ignore=lambda *_: ["audio"]))
    before = (copy / MANIFEST).read_bytes()
    assert annotate(copy) == (109, 306)
    assert (copy / MANIFEST).read_bytes() == before
    understood = parse(read_grammar(SYNTHETIC), GRAMMAR).intents
    assert understood == {clip.expect.intent for clip in clips if clip.expect}
