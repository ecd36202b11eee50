"""Words with times, dealt out to the segments of a long recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.accuracy.timed import Segment, ctm_words, dealt, lines_of, stm_segments
from harness.accuracy.trn import Choice
from harness.errors import ReferenceSetError

STM = """\
;; LABEL "F" "Female" "Female talkers"
call A ana 0.00 2.00 <O,F> hola { eh / @ } buenas
call A luis 2.00 3.00 IGNORE_TIME_SEGMENT_IN_SCORING
call A ana 3.00 4.00 adiós
call B eva 0.00 4.00
"""
CTM = """\
call A 3.90 0.40 tarde 0.9
call A 0.10 0.40 hola 0.9
call A 1.80 0.60 ruido 0.4
call A 1.50 0.60 buenas 0.8
call A 3.20 0.40 adiós 0.9
call B 1.00 0.20 sí 0.5
"""


def segments(tmp_path: Path) -> tuple[Segment, ...]:
    (tmp_path / "r.stm").write_text(STM, "utf-8")
    return stm_segments(lines_of(tmp_path / "r.stm"), tmp_path / "r.stm")


def test_segments_of_an_example_by_hand(tmp_path: Path) -> None:
    first, second, *_, last = segments(tmp_path)
    assert (first.id, first.speaker, first.begin, first.end) == ("call-A-0.00", "ana", 0.0, 2.0)
    assert first.items == ("hola", Choice((("eh",), ("@",))), "buenas"), "labels are left off"
    assert (first.ignored, second.ignored) == (False, True)
    assert (last.id, last.items) == ("call-B-0.00", ())


def test_a_word_belongs_to_the_first_segment_that_ends_after_its_middle(tmp_path: Path) -> None:
    (tmp_path / "h.ctm").write_text(CTM, "utf-8")
    heard = ctm_words(lines_of(tmp_path / "h.ctm"), tmp_path / "h.ctm")
    # buenas 1.50 + 0.30 lies before 2.00; ruido 1.80 + 0.30 behind it, in what is not scored;
    # tarde 3.90 + 0.20 behind the last segment, which takes it all the same
    assert dealt(segments(tmp_path), heard) == {
        "call-A-0.00": ("hola", "buenas"),
        "call-A-3.00": ("adiós", "tarde"),
        "call-B-0.00": ("sí",),
    }


def test_a_channel_that_was_not_heard_is_not_dealt(tmp_path: Path) -> None:
    (tmp_path / "h.ctm").write_text("call B 1.00 0.20 sí\n", "utf-8")
    heard = ctm_words(lines_of(tmp_path / "h.ctm"), tmp_path / "h.ctm")
    assert list(dealt(segments(tmp_path), heard)) == ["call-B-0.00"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("call A ana 0.0\n", r"r\.stm:1: expected `file channel speaker", id="short"),
        pytest.param("call A ana x 1 sí\n", r"r\.stm:1: expected `file channel speaker", id="time"),
        pytest.param("call A ana 2 1 sí\n", r"r\.stm:1: expected `file channel", id="backwards"),
        pytest.param("c A a 0 1 x\nc A b 0 1 y\n", r"r\.stm:2: a second segment", id="twice"),
        pytest.param("c A a 0 1 { x\n", r"r\.stm:1: a brace is not closed", id="brace"),
        pytest.param(";; none\n", "no segment in it", id="empty"),
    ],
)
def test_a_broken_segment_is_named_by_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "r.stm").write_text(text, "utf-8")
    with pytest.raises(ReferenceSetError, match=message):
        stm_segments(lines_of(tmp_path / "r.stm"), tmp_path / "r.stm")
