"""Reference sets are read, or refused with file and line."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from harness.accuracy.sets import check_digests, read_set, read_usable, set_digest
from harness.errors import ReferenceSetError


def row(number: int, **changes: Any) -> dict[str, Any]:
    """Return a manifest line; a key changed to None is left out."""
    line = {
        "id": f"clip-{number}",
        "audio": f"audio/{number}.flac",
        "text": "Pon música.",
        "language": "es",
        "speaker": "voice-1",
        "condition": "command",
        "seconds": 1.5,
        "sha256": hashlib.sha256(sound(number)).hexdigest(),
    }
    return {key: value for key, value in (line | changes).items() if value is not None}


def sound(number: int) -> bytes:
    return b"sound %d" % number


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    """Write a set whose manifest has these lines, and the audio of clips 0 to 9."""
    (folder / "audio").mkdir()
    for number in range(10):
        (folder / "audio" / f"{number}.flac").write_bytes(sound(number))
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "manifest.jsonl").write_text("\n".join(texts) + "\n", "utf-8")
    return folder


def test_clips_are_read_in_the_order_of_the_manifest(tmp_path: Path) -> None:
    clips = read_set(write(tmp_path, row(1), row(0, license="MIT", seconds=2), row(2, text="")))
    assert [clip.id for clip in clips] == ["clip-1", "clip-0", "clip-2"]
    assert clips[0].audio == str(tmp_path / "audio" / "1.flac")
    assert clips[1].seconds == 2.0
    assert clips[2].text == ""


def test_audio_may_lie_beside_the_manifest_and_lines_may_be_blank(tmp_path: Path) -> None:
    folder = write(tmp_path, "", row(3, audio="here.wav"), "")
    (tmp_path / "here.wav").write_bytes(sound(3))
    (clip,) = read_set(folder)
    assert clip.audio == str(tmp_path / "here.wav")
    assert check_digests([clip])[0].holds


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("{not json", "not JSON", id="not JSON"),
        pytest.param('["a"]', "expected a JSON object", id="not an object"),
        pytest.param(row(1, text=None), "the key 'text' is missing", id="a key is missing"),
        pytest.param(row(1, text=7), "'text' is a text, got 7", id="a number as text"),
        pytest.param(row(1, id=""), "'id' is a text, got ''", id="an empty id"),
        pytest.param(row(0), "the id 'clip-0' stands on line 1 too", id="an id used twice"),
        pytest.param(row(1, text="an\u0303o"), "not in Unicode NFC", id="a decomposed letter"),
        pytest.param(row(1, audio="gone.flac"), "no audio file .*gone.flac", id="no audio"),
        pytest.param(row(1, audio="audio"), "no audio file", id="a folder as audio"),
        pytest.param(row(1, sha256="12"), "'sha256' is 64 hex digits", id="not a digest"),
        pytest.param(row(1, seconds="2"), "'seconds' is a number", id="seconds as text"),
        pytest.param(row(1, seconds=True), "'seconds' is a number", id="seconds as a flag"),
        pytest.param(row(1, seconds=0), "'seconds' is above 0", id="a clip of no length"),
        pytest.param(row(1, seconds=float("inf")), "that is finite", id="endless"),
        pytest.param(row(1, seconds=float("nan")), "that is finite", id="not a number"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(
    tmp_path: Path, line: dict[str, Any] | str, expected: str
) -> None:
    folder = write(tmp_path, row(0), line)
    with pytest.raises(ReferenceSetError, match=expected) as refusal:
        read_set(folder)
    assert str(refusal.value).startswith(f"{tmp_path}/manifest.jsonl:2: ")


def test_a_line_that_cannot_be_used_costs_its_own_clip_alone(tmp_path: Path) -> None:
    lines: list[dict[str, Any] | str] = [row(0), "{", "", row(1, text="an\u0303o"), row(2), row(0)]
    found = read_usable(write(tmp_path, *lines))
    assert [clip.id for clip in found.clips] == ["clip-0", "clip-2"]
    assert found.size == 5
    assert found.where(found.clips[1]) == f"{tmp_path}/manifest.jsonl:5"
    numbers = [fault.removeprefix(f"{tmp_path}/manifest.jsonl:")[:2] for fault in found.faults]
    assert numbers == ["2:", "4:", "6:"]


def test_a_set_of_which_nothing_can_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReferenceSetError, match=r"manifest\.jsonl:1: not JSON"):
        read_usable(write(tmp_path, "{", "["))


def test_an_absent_an_empty_and_an_unreadable_set_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReferenceSetError, match=r"manifest\.jsonl: no such file"):
        read_set(tmp_path)
    (tmp_path / "manifest.jsonl").write_text("\n\n")
    with pytest.raises(ReferenceSetError, match=r"manifest\.jsonl: the set is empty"):
        read_set(tmp_path)
    (tmp_path / "manifest.jsonl").write_bytes("año".encode("latin-1"))
    with pytest.raises(ReferenceSetError, match="cannot be read as UTF-8"):
        read_set(tmp_path)


def test_audio_that_has_changed_is_named(tmp_path: Path) -> None:
    clips = read_set(write(tmp_path, *(row(number) for number in range(8))))
    (finding,) = check_digests(clips)
    assert (finding.holds, finding.detail) == (True, "")
    for number in range(6):
        (tmp_path / "audio" / f"{number}.flac").write_bytes(b"other sound")
    (finding,) = check_digests(clips)
    assert not finding.holds
    assert finding.detail.startswith("6 differ: clip-0, clip-1, clip-2, clip-3, clip-4, ...")


def test_audio_that_has_gone_differs_too(tmp_path: Path) -> None:
    clips = read_set(write(tmp_path, row(0)))
    (tmp_path / "audio" / "0.flac").unlink()
    assert check_digests(clips)[0].detail.startswith("1 differ: clip-0")


def test_a_set_s_digest_is_about_ids_texts_and_audio_whatever_their_order(tmp_path: Path) -> None:
    lines = [row(number) for number in range(10)]
    clips = list(read_set(write(tmp_path, *lines)))
    digest = set_digest(clips)
    random.Random(0).shuffle(clips)
    assert set_digest(clips) == digest
    assert set_digest(clips[:-1]) != digest


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"text": "Pon radio."}, True),
        ({"id": "another"}, True),
        ({"sha256": "0" * 64}, True),
        ({"speaker": "voice-2"}, False),
        ({"seconds": 9.0}, False),
    ],
)
def test_what_changes_a_set_s_digest(
    tmp_path: Path, changes: dict[str, Any], differs: bool
) -> None:
    before = set_digest(read_set(write(tmp_path, row(0))))
    (tmp_path / "manifest.jsonl").write_text(json.dumps(row(0, **changes)))
    assert (set_digest(read_set(tmp_path)) != before) is differs
