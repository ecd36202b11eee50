"""Transcripts by the wrong clips are seen; what a recogniser confuses is not taken for them."""

from __future__ import annotations

import pytest

from harness.accuracy.permuted import permuted, transcripts_stand_by_their_clips
from harness.records import Transcript

LIGHT, MUSIC, TIME = "enciende la luz del salón", "pon música de jazz", "qué hora es en Madrid"


def heard(*pairs: tuple[str, str]) -> list[Transcript]:
    return [
        Transcript(
            set="words",
            clip=f"c{number}",
            condition="clean",
            speaker="nadie",
            seconds=1.0,
            reference=reference,
            hypothesis=hypothesis,
            greedy="",
            elapsed=0.1,
        )
        for number, (reference, hypothesis) in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        pytest.param([(LIGHT, LIGHT), (MUSIC, MUSIC)], [], id="all as they should be"),
        pytest.param([(LIGHT, MUSIC), (MUSIC, LIGHT)], ["c0", "c1"], id="two swapped"),
        pytest.param(
            [(LIGHT, MUSIC), (MUSIC, TIME), (TIME, LIGHT)], ["c0", "c1", "c2"], id="moved by one"
        ),
        pytest.param(
            [(LIGHT, MUSIC), (MUSIC, LIGHT), (TIME, LIGHT)], ["c0", "c1"], id="and one mistake"
        ),
        pytest.param([(LIGHT, MUSIC), (MUSIC, MUSIC)], [], id="one heard as another, no more"),
        pytest.param(
            [("sube la luz", "baja la luz"), ("baja la luz", "sube la luz")],
            [],
            id="sentences that are nearly the same",
        ),
        pytest.param([("sí", "no"), ("no", "sí")], [], id="too short to tell"),
        pytest.param([("", LIGHT), (LIGHT, "")], [], id="nothing said"),
        pytest.param(
            [(LIGHT, "Pon MÚSICA, de jazz."), (MUSIC, LIGHT)], ["c0", "c1"], id="written otherwise"
        ),
    ],
)
def test_what_is_permuted_is_named(pairs: list[tuple[str, str]], found: list[str]) -> None:
    assert [one.clip for one in permuted(heard(*pairs))] == found


def test_the_finding_says_what_was_expected_and_heard() -> None:
    finding = transcripts_stand_by_their_clips("words", heard((LIGHT, MUSIC), (MUSIC, LIGHT)))
    assert not finding.holds
    assert f"c0: expected {LIGHT!r}, heard {MUSIC!r}." in finding.detail
    assert transcripts_stand_by_their_clips("words", heard((LIGHT, LIGHT))).holds
