"""A publisher's rows become a reference set that reads, checks and scores."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from harness.accuracy.set_check import check_set
from harness.accuracy.set_import import import_set
from harness.accuracy.set_readers import Row, Skipped
from harness.accuracy.sets import read_set
from harness.errors import ReferenceSetError
from tests.accuracy.sounds import tone, with_nan


def row(audio: Path, text: str = "hola", **more: object) -> Row:
    told = {"where": "rows:1", "id": audio.stem, "audio": audio, "text": text, "language": "es"}
    return Row(**{**told, **more})  # type: ignore[arg-type]


def test_audio_is_measured_and_hashed_and_named_relative_to_the_set(tmp_path: Path) -> None:
    audio = tone(tmp_path / "their/a.wav", seconds=1.25)
    decomposed = unicodedata.normalize("NFD", "  año ")
    done = import_set([row(audio, decomposed)], tmp_path / "ours/set", condition="read speech")
    (clip,) = read_set(tmp_path / "ours/set")
    assert (clip.text, clip.seconds, clip.condition) == ("año", 1.25, "read speech")
    assert (done.clips, done.seconds, done.composed) == (1, 1.25, 1)
    told = json.loads((tmp_path / "ours/set/manifest.jsonl").read_text("utf-8"))
    assert told["audio"] == "../../their/a.wav"
    assert check_set(tmp_path / "ours/set").faults == ()


def test_copied_audio_makes_a_set_that_stands_alone(tmp_path: Path) -> None:
    audio = tone(tmp_path / "their/a ñ.flac")
    import_set([row(audio)], tmp_path / "set", copy=True)
    audio.unlink()
    assert check_set(tmp_path / "set").faults == ()
    (tmp_path / "set").rename(tmp_path / "moved")
    assert check_set(tmp_path / "moved").faults == ()


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3"])
def test_a_part_of_a_file_is_cut_out_where_audio_is_copied(tmp_path: Path, ending: str) -> None:
    audio = tone(tmp_path / f"long.{ending}", seconds=4)
    part = row(audio, id="part", offset=1.5, duration=0.75)
    done = import_set([row(audio), part], tmp_path / "without")
    assert [one.reason for one in done.skipped] == [
        f"it is a part of {audio}: give --copy, so that it is cut out"
    ]
    import_set([row(audio), part], tmp_path / "with", copy=True)
    whole, cut = read_set(tmp_path / "with")
    assert whole.seconds == pytest.approx(4, abs=0.1)
    assert cut.seconds == 0.75
    heard, rate = soundfile.read(cut.audio)
    expected = soundfile.read(audio, start=round(1.5 * rate), frames=len(heard))[0]
    assert heard == pytest.approx(expected, abs=1e-4)


def test_what_cannot_be_used_is_left_out_and_named(tmp_path: Path) -> None:
    audio = tone(tmp_path / "a/x.wav")
    found: list[Row | Skipped] = [
        row(audio),
        row(audio, where="rows:2"),
        row(audio, where="rows:3"),
        row(tmp_path / "gone.wav"),
        row(with_nan(tmp_path / "nan.wav")),
        row(tone(tmp_path / "none.wav", seconds=0)),
        row(tone(tmp_path / "mute.wav"), language=""),
        row(tone(tmp_path / "short.wav"), offset=1.0),
        Skipped(where="rows:9", reason="the reader's own"),
    ]
    done = import_set(found, tmp_path / "set")
    assert [clip.id for clip in read_set(tmp_path / "set")] == ["x", "a-x"]
    told = [one.reason for one in done.skipped]
    for reason, expected in zip(
        told,
        (
            "the id 'x' is that of rows:1 too",
            "no audio file",
            "not a finite number",
            "holds no sample",
            "its language is not said: give --language",
            "begins at 1 s",
            "the reader's own",
        ),
        strict=True,
    ):
        assert expected in reason


def test_a_set_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    audio = tone(tmp_path / "a.wav")
    import_set([row(audio, "uno")], tmp_path / "set")
    with pytest.raises(ReferenceSetError, match=r"there is a set already. Give --force"):
        import_set([row(audio, "dos")], tmp_path / "set")
    assert read_set(tmp_path / "set")[0].text == "uno"
    import_set([row(audio, "dos")], tmp_path / "set", force=True)
    assert read_set(tmp_path / "set")[0].text == "dos"


def test_an_import_that_ends_early_leaves_the_older_set(tmp_path: Path) -> None:
    audio = tone(tmp_path / "a.wav")
    import_set([row(audio, "uno")], tmp_path / "set", copy=True)

    def rows() -> Iterator[Row]:
        yield row(tone(tmp_path / "b/a.wav", seconds=2), "dos")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_set(rows(), tmp_path / "set", copy=True, force=True)
    assert read_set(tmp_path / "set")[0].text == "uno"
    assert check_set(tmp_path / "set").faults == ()
    assert not list((tmp_path / "set").glob(".manifest*"))


def test_nothing_usable_is_refused_with_the_first_reason(tmp_path: Path) -> None:
    with pytest.raises(ReferenceSetError, match=r"^rows:1: no audio file .* Not one of 1 rows"):
        import_set([row(tmp_path / "gone.wav")], tmp_path / "set")
    with pytest.raises(ReferenceSetError, match="no row can be used"):
        import_set([], tmp_path / "set")
    assert not (tmp_path / "set/manifest.jsonl").exists()
