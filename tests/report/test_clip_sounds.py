"""The clips with errors on the page: they can be heard, as long as they are what was heard."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from harness.accuracy.sets import read_set, set_digest
from harness.records import Run
from harness.report import clip_sounds
from harness.report.clip_rows import clip_table
from harness.report.page import page
from tests.accuracy.sounds import tone
from tests.report.test_page import read
from tests.sample_run import empty_run, transcript

TEXT = "apaga la luz del salón"


def a_set(folder: Path, clips: int = 3, **form: Any) -> Path:
    """Make a set of tones in which everybody says the same."""
    rows = []
    for number in range(clips):
        audio = tone(folder / f"c{number}.flac", seconds=0.5 + number / 10, **form)
        digest = hashlib.sha256(audio.read_bytes()).hexdigest()
        row = {"id": f"c{number}", "audio": audio.name, "text": TEXT, "language": "es"}
        rows.append({**row, "speaker": "", "condition": "", "seconds": 0.6, "sha256": digest})
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "manifest.jsonl").write_text(lines, "utf-8")
    return folder


def heard(folder: Path, clips: int = 3) -> Run:
    """Return a run that heard the last words of a set wrongly, in the first clip two of them."""
    texts = ["apaga la luz del balcón"] * clips
    texts[0] = "apaga la luz de balcón"
    name = folder.name
    return empty_run(
        transcripts=tuple(
            transcript(TEXT, text, f"c{n}", set=name, greedy=f"greedi {n}")
            for n, text in enumerate(texts)
        ),
        facts={
            "suite": {"sets": str(folder.parent)},
            "sets": {name: {"clips": clips, "of": clips, "digest": set_digest(read_set(folder))}},
        },
    )


def played(uri: str) -> tuple[np.ndarray[Any, Any], int]:
    head, _, data = uri.partition(",")
    assert head == "data:audio/ogg;base64"
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data)))
    return samples, rate


@pytest.mark.parametrize("form", [{}, {"rate": 44_100, "channels": 2}])
def test_the_worst_clip_is_played_and_drawn_beside_its_words(
    tmp_path: Path, form: dict[str, int]
) -> None:
    run = heard(a_set(tmp_path / "tones", **form))
    html = page(run, ())
    reader = read(html)
    samples, rate = played(reader.all("audio")[0]["src"] or "")
    assert rate == 16_000
    assert samples.ndim == 1
    assert len(samples) / rate == pytest.approx(0.5, abs=0.05), "c0: most errors, the first"
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * rate / len(samples) == pytest.approx(440, abs=3)
    pictures = [image for image in reader.all("img") if image.get("class") == "mel"]
    assert len(pictures) == len(reader.all("audio")) == 3
    assert "greedy: greedi 0" in reader.text
    assert "3 of them can be played here" in reader.text
    assert "media-src data:; style-src" in html


def test_an_absent_set_is_named_and_nothing_is_played(tmp_path: Path) -> None:
    folder = a_set(tmp_path / "tones")
    run = heard(folder)
    (folder / "manifest.jsonl").unlink()
    reader = read(page(run, ()))
    assert reader.all("audio") == []
    assert f"No audio of tones. {folder / 'manifest.jsonl'}: no such file." in reader.text
    assert "2 errors in 5 words" in reader.text


def test_audio_that_was_changed_since_is_not_played(tmp_path: Path) -> None:
    folder = a_set(tmp_path / "tones")
    run = heard(folder)
    tone(folder / "c0.flac", seconds=0.7)
    reader = read(page(run, ()))
    assert len(reader.all("audio")) == 2
    assert f"{folder / 'c0.flac'}: not the file that was heard: its sha256 differs" in reader.text


def test_a_set_that_was_made_again_is_not_played(tmp_path: Path) -> None:
    run = heard(a_set(tmp_path / "tones"))
    a_set(tmp_path / "tones", rate=8_000)
    reader = read(page(run, ()))
    assert reader.all("audio") == []
    assert "not the set that was heard: sha256" in reader.text


def test_a_set_that_has_grown_since_is_played(tmp_path: Path) -> None:
    run = heard(a_set(tmp_path / "tones"))
    a_set(tmp_path / "tones", clips=4)
    assert len(read(page(run, ())).all("audio")) == 3


def test_what_has_no_room_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = a_set(tmp_path / "tones")
    run = heard(folder)
    sizes = [len(row.sound.audio) + len(row.sound.picture) for row in clip_table(run).worst]
    monkeypatch.setattr(clip_sounds, "MOST", sum(sizes[:2]))
    monkeypatch.setattr(clip_sounds, "_HEAD", 0)
    table = clip_table(run)
    assert [bool(row.sound.audio) for row in table.worst] == [True, True, False]
    assert table.worst[2].sound.file == str(folder / "c2.flac")
    assert "For 1 the page has no room" in table.sentence
    assert str(folder / "c2.flac") in read(page(run, ())).text


def test_a_longer_clip_than_its_manifest_says_does_not_burst_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = a_set(tmp_path / "tones", clips=1)
    run = heard(folder, clips=1)
    size = len(clip_table(run).worst[0].sound.audio)
    monkeypatch.setattr(clip_sounds, "MOST", size - 1)
    monkeypatch.setattr(clip_sounds, "_HEAD", 0)
    assert clip_table(run).worst[0].sound.audio == ""


def test_names_and_texts_of_a_set_are_escaped(tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script>'
    folder = a_set(tmp_path / "<b>tones")
    manifest = folder / "manifest.jsonl"
    manifest.write_text(manifest.read_text("utf-8").replace('"c1"', json.dumps(evil)), "utf-8")
    (folder / "c2.flac").write_bytes(b"no audio")
    run = heard(folder)
    clips = [transcript(TEXT, evil, evil, set=folder.name, greedy=evil)]
    html = page(empty_run(transcripts=(*run.transcripts, *clips), facts=run.facts), ())
    assert html.count("<script") == 1, "the page's own"
    assert "<b>tones" not in html
    read(html)
