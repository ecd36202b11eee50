"""What people have, read row by row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.accuracy.set_readers import (
    Row,
    Skipped,
    form_of,
    read_common_voice,
    read_folder,
    read_librispeech,
    read_nemo,
)
from harness.errors import ReferenceSetError
from tests.accuracy.sounds import tone


def test_a_nemo_manifest_is_read_with_offsets(tmp_path: Path) -> None:
    manifest = tmp_path / "train.json"
    rows = [
        {"audio_filepath": "a/1.wav", "text": "pon música", "duration": 1.5, "lang": "es"},
        {"audio_filepath": "/data/2.wav", "text": "", "duration": 2, "offset": 3.25},
        {"audio_filepath": "a/3.wav", "text": "hola", "speaker": 7},
    ]
    manifest.write_text("".join(f"{json.dumps(row)}\r\n" for row in rows), "utf-8-sig")
    first, second, third = read_nemo(manifest)
    assert first == Row(
        where=f"{manifest}:1",
        id="1",
        audio=tmp_path / "a/1.wav",
        text="pon música",
        language="es",
        duration=1.5,
    )
    assert isinstance(second, Row)
    assert (second.id, second.audio, second.offset) == ("2@3.25", Path("/data/2.wav"), 3.25)
    assert isinstance(third, Row)
    assert (third.speaker, third.duration) == ("7", None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "Expecting property name"),
        ("[1]", "not a JSON object"),
        ('{"text": "a"}', "'audio_filepath' is a path"),
        ('{"audio_filepath": "a.wav"}', "'text' is a text"),
        ('{"audio_filepath": "a.wav", "text": "a", "offset": "1"}', "'offset' is a number"),
        ('{"audio_filepath": "a.wav", "text": "a", "duration": -1}', "not below 0 seconds"),
        ('{"audio_filepath": "a.wav", "text": "a", "duration": NaN}', "is finite"),
    ],
)
def test_a_line_of_nemo_that_cannot_be_used_is_skipped_and_named(
    tmp_path: Path, line: str, reason: str
) -> None:
    manifest = tmp_path / "m.json"
    manifest.write_text(line + '\n{"audio_filepath": "a.wav", "text": "a"}\n')
    bad, good = read_nemo(manifest)
    assert isinstance(bad, Skipped)
    assert bad.where == f"{manifest}:1"
    assert reason in bad.reason
    assert isinstance(good, Row)


def test_common_voice_is_read_with_quotation_marks_as_they_stand(tmp_path: Path) -> None:
    table = tmp_path / "test.tsv"
    table.write_text(
        "client_id\tpath\tsentence\tlocale\n"
        'c1\ta.mp3\t"Hola" dijo.\tes\n'
        "c2\told\tBuenas.\tes\n"
        "c3\tb.mp3\n",
        "utf-8",
    )
    first, old, short = read_common_voice(table)
    assert first == Row(
        where=f"{table}:2",
        id="a",
        audio=tmp_path / "clips/a.mp3",
        text='"Hola" dijo.',
        language="es",
        speaker="c1",
    )
    assert isinstance(old, Row)
    assert old.audio.name == "old.mp3"
    assert short == Skipped(where=f"{table}:4", reason="2 columns, expected 4")
    table.write_text("path\ttext\n")
    with pytest.raises(ReferenceSetError, match=r"test\.tsv:1: no column \['sentence'\]"):
        list(read_common_voice(table))


def test_librispeech_is_read_from_its_tree(tmp_path: Path) -> None:
    sound = tone(tmp_path / "84/121/84-121-0000.flac")
    text = tmp_path / "84/121/84-121.trans.txt"
    text.write_text("84-121-0000 GO ON\n84-121-0001 GONE\n")
    first, gone = read_librispeech(tmp_path)
    assert first == Row(
        where=f"{text}:1", id="84-121-0000", audio=sound, text="GO ON", speaker="84"
    )
    assert isinstance(gone, Skipped)
    assert (gone.where, gone.reason[:13]) == (f"{text}:2", "no audio file")


def test_mls_is_read_from_its_tree(tmp_path: Path) -> None:
    sound = tone(tmp_path / "audio/7/8/7_8_0000.flac")
    (tmp_path / "transcripts.txt").write_text("7_8_0000\tvámonos ya\nodd\tnada\n", "utf-8")
    first, odd = read_librispeech(tmp_path)
    assert isinstance(first, Row)
    assert (first.id, first.audio, first.text) == ("7_8_0000", sound, "vámonos ya")
    assert first.speaker == "7"
    assert isinstance(odd, Skipped)


def test_a_folder_of_audio_and_texts_is_read(tmp_path: Path) -> None:
    for name in ("b/1.wav", "a.FLAC", "lone.wav"):
        tone(tmp_path / name)
    (tmp_path / "b/1.txt").write_text("\ufeffpon\nmúsica\n", "utf-8")
    (tmp_path / "a.txt").write_text("hola")
    (tmp_path / "mute.txt").write_text("nadie")
    found = list(read_folder(tmp_path))
    rows = {row.id: row.text for row in found if isinstance(row, Row)}
    skipped = {Path(one.where).name for one in found if isinstance(one, Skipped)}
    assert rows == {"a": "hola", "b-1": "pon música"}
    assert skipped == {"lone.wav", "mute.txt"}


def test_the_form_is_told_by_the_name_or_the_tree(tmp_path: Path) -> None:
    for name in ("a.json", "b.jsonl", "c.tsv", "d.csv"):
        (tmp_path / name).touch()
    assert [form_of(tmp_path / name) for name in ("a.json", "b.jsonl", "c.tsv")] == [
        "nemo",
        "nemo",
        "common-voice",
    ]
    assert form_of(tmp_path) == "folder"
    (tmp_path / "x.trans.txt").touch()
    assert form_of(tmp_path) == "librispeech"
    with pytest.raises(ReferenceSetError, match=r"d\.csv: cannot tell what form"):
        form_of(tmp_path / "d.csv")
    with pytest.raises(ReferenceSetError, match="no such file"):
        form_of(tmp_path / "gone")


def test_an_empty_tree_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReferenceSetError, match="no audio file lies below"):
        list(read_folder(tmp_path))
    with pytest.raises(ReferenceSetError, match=r"neither \*\.trans\.txt"):
        list(read_librispeech(tmp_path))


@pytest.mark.parametrize("name", ["/", "/etc/passwd", "../1-2-3", "1-2/../../3"])
def test_no_id_of_librispeech_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "1-2.trans.txt").write_text(f"{name} HOLA\n")
    (found,) = read_librispeech(tmp_path)
    assert isinstance(found, Skipped)
    assert repr(name) in found.reason


@pytest.mark.parametrize("name", ["/etc/passwd", "../secret.mp3", "a/../../secret.mp3"])
def test_no_path_of_common_voice_leads_out_of_its_clips(tmp_path: Path, name: str) -> None:
    (tmp_path / "test.tsv").write_text(f"path\tsentence\n{name}\thola\n")
    (found,) = read_common_voice(tmp_path / "test.tsv")
    assert isinstance(found, Skipped)
    assert "leads out of clips/" in found.reason
