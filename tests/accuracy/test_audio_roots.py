"""A reference set from elsewhere opens no file of this machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.accuracy.audio_roots import ELSEWHERE
from harness.accuracy.set_import import relative, write_manifest
from harness.accuracy.sets import MANIFEST, survey

ROW = {"id": "a", "text": "hola", "language": "es", "speaker": "", "condition": "", "seconds": 1.0}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that no set may open."""
    (tmp_path / "private").mkdir()
    secret = tmp_path / "private/secret.wav"
    secret.write_bytes(b"RIFF")
    return secret


def set_of(folder: Path, audio: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / MANIFEST).write_text(json.dumps({**ROW, "audio": audio, "sha256": "0" * 64}) + "\n")
    return folder


@pytest.mark.parametrize(
    "audio",
    [
        *("../private/secret.wav", "a/../../private/secret.wav", "{outside}"),
        *("link.wav", "links/s.wav", "a\0b.wav", "..", "."),
    ],
)
def test_no_path_leads_out_of_the_set(tmp_path: Path, outside: Path, audio: str) -> None:
    folder = set_of(tmp_path / "set", audio.format(outside=outside))
    (folder / "a").mkdir()
    (folder / "link.wav").symlink_to(outside)
    (folder / "links").symlink_to(outside.parent)
    (outside.parent / "s.wav").write_bytes(b"RIFF")
    found = survey(folder)
    assert found.clips == ()
    assert len(found.faults) == 1
    assert f"{folder / MANIFEST}:1: " in found.faults[0]


def test_a_link_within_the_set_is_followed(tmp_path: Path) -> None:
    folder = set_of(tmp_path / "set", "link.wav")
    (folder / "real.wav").write_bytes(b"RIFF")
    (folder / "link.wav").symlink_to("real.wav")
    assert len(survey(folder).clips) == 1


def imported(tmp_path: Path, outside: Path) -> Path:
    """A set whose audio was left where it is by the harness itself."""
    folder = tmp_path / "own"
    row = {**ROW, "audio": relative(outside, folder), "sha256": "0" * 64}
    write_manifest(folder, [row], force=False)
    return folder


def test_a_set_that_was_made_here_may_leave_its_audio_where_it_is(
    tmp_path: Path, outside: Path
) -> None:
    folder = imported(tmp_path, outside)
    assert [clip.audio for clip in survey(folder).clips] == [f"{folder}/../private/secret.wav"]


def test_what_one_folder_may_do_its_copy_may_not(tmp_path: Path, outside: Path) -> None:
    copy = shutil.copytree(imported(tmp_path, outside), tmp_path / "downloaded")
    assert (copy / ELSEWHERE).is_file()
    (fault,) = survey(copy).faults
    assert "leads out of the set's folder" in fault


def test_a_note_allows_the_folders_that_it_names_and_no_other(
    tmp_path: Path, outside: Path
) -> None:
    folder = imported(tmp_path, outside)
    (tmp_path / "more").mkdir()
    shutil.copy(outside, tmp_path / "more/other.wav")
    set_of(folder, "../more/other.wav")
    assert survey(folder).clips == ()
