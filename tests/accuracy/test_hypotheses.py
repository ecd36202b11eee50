"""Transcripts from elsewhere: each form read, and each broken line named."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.accuracy.hypotheses import read_hypotheses, read_references
from harness.errors import ReferenceSetError

EXPECTED = {"a1": ("pon", "música"), "a2": ()}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("h.trn", ";; heard\npon música (a1)\n\n(a2)\n", id="TRN"),
        pytest.param("h.hyp", "\ufeffpon música (a1)\r\n(a2)\r\n", id="TRN of Windows"),
        pytest.param(
            "h.jsonl",
            '{"id": "a1", "text": "pon música"}\n{"id": "a2", "text": ""}\n',
            id="JSON lines",
        ),
        pytest.param(
            "h.json",
            '{"audio_filepath": "/data/a1.wav", "text": "x", "pred_text": "pon música"}\n'
            '{"audio_filepath": "/data/a2.wav", "text": "y", "pred_text": " "}\n',
            id="NeMo",
        ),
        pytest.param("h.tsv", "a1\tpon música\na2\t\n", id="TSV without heads"),
        pytest.param(
            "h.tsv", "path\tage\tsentence\na1.mp3\t30\tpon música\na2.mp3\t\t\n", id="Common Voice"
        ),
        pytest.param("h.tsv", 'a1\tpon música\n"a2"\t\n'.replace('"', ""), id="TSV"),
        pytest.param("h.out", "pon mu\u0301sica (a1)\n(a2)\n", id="NFD, form by its first line"),
        pytest.param("h.txt", "a1\tpon música\na2\t\n", id="TSV by its first line"),
    ],
)
def test_every_form_gives_the_same_utterances(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8", newline="")
    found = read_hypotheses(tmp_path / name)
    assert {utterance.id: utterance.items for utterance in found} == EXPECTED


def test_a_ctm_gives_the_words_of_a_channel_by_their_time(tmp_path: Path) -> None:
    (tmp_path / "h.ctm").write_text(
        ";; file channel begin seconds word confidence\n"
        "a1 1 0.90 0.40 música 0.7\n"
        "a1 1 0.10 0.30 pon 0.9\n"
        "call A 0.10 0.30 hola\n"
        "call B 0.50 0.30 adiós\n"
    )
    found = {u.id: u.items for u in read_hypotheses(tmp_path / "h.ctm")}
    assert found == {"a1": ("pon", "música"), "call-A": ("hola",), "call-B": ("adiós",)}


def test_a_reference_may_leave_a_choice_and_a_hypothesis_may_not(tmp_path: Path) -> None:
    (tmp_path / "a.trn").write_text("he { um / @ } ido (a1)\n")
    assert len(read_references(tmp_path / "a.trn")[0].items) == 3
    with pytest.raises(ReferenceSetError, match=r"a\.trn:1: a hypothesis leaves a choice"):
        read_hypotheses(tmp_path / "a.trn")


def test_one_row_states_reference_and_hypothesis(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a1", "text": "sí", "pred_text": "así"}\n')
    assert read_references(tmp_path / "a.jsonl")[0].items == ("sí",)
    assert read_hypotheses(tmp_path / "a.jsonl")[0].items == ("así",)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("h.trn", b"pon (a1)\npon (a1)\n", r"h\.trn:2: the id 'a1' .*:1 too", id="two"),
        pytest.param("h.trn", b"\n;; none\n", "no utterance in it", id="empty"),
        pytest.param("h.trn", b"pon m\xfasica (a1)\n", "not UTF-8.*iconv", id="Latin-1"),
        pytest.param("h.jsonl", b'{"id": "a1", "text"', r"h\.jsonl:1: not JSON", id="torn"),
        pytest.param("h.jsonl", b"[1]\n", r"h\.jsonl:1: expected a JSON object", id="a list"),
        pytest.param("h.jsonl", b'{"id": "a1"}\n', r"h\.jsonl:1: no text", id="no text"),
        pytest.param("h.jsonl", b'{"id": 1, "text": ""}\n', "'id' is a text, got 1", id="a number"),
        pytest.param("h.jsonl", b'{"id": " ", "text": ""}\n', "the id is empty", id="no id"),
        pytest.param("h.tsv", b"id\ttext\na1\n", r"h\.tsv:2: expected at least 2", id="a cell"),
        pytest.param("h.ctm", b"a1 1 x 0.1 pon\n", r"h\.ctm:1: expected `file", id="no time"),
        pytest.param("h.ctm", b"a1 1 nan 0.1 pon\n", r"h\.ctm:1: expected `file", id="NaN"),
        pytest.param(
            "h.ctm", b"a1 A * * <ALT_BEGIN>\n", r"h\.ctm:1: a hypothesis leaves", id="alt"
        ),
        pytest.param("h.ctm", b"a1 pon\n", r"h\.ctm:1: expected `file", id="two columns"),
        pytest.param("h.out", b"pon la radio\n", "of no known form.*--format", id="plain text"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReferenceSetError, match=message):
        read_hypotheses(tmp_path / name)


def test_a_file_that_is_absent_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReferenceSetError, match=r"none\.trn: no such file"):
        read_hypotheses(tmp_path / "none.trn")
    with pytest.raises(ReferenceSetError, match="cannot be read"):
        read_hypotheses(tmp_path)
