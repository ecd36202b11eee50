"""`harness set`: import, check, split, stats, as a person types them."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from harness.accuracy.set_readers import READERS
from harness.accuracy.sets import read_set
from harness.cli import main
from harness.verbs import set as verb
from tests.accuracy.sounds import eight_hours, tone, with_nan


def harness_set(*words: object) -> Result:
    return CliRunner().invoke(main, ["set", *map(str, words)])


def source(folder: Path, clips: int = 6) -> Path:
    """Write a NeMo manifest of three speakers, whose last row has no audio."""
    rows = []
    for number in range(clips):
        tone(folder / f"{number}.wav", seconds=1 + number / 10)
        who = f"s{number % 3}"
        rows.append({"audio_filepath": f"{number}.wav", "text": f"número {number}", "speaker": who})
    rows.append({"audio_filepath": "gone.wav", "text": "nada"})
    manifest = folder / "all.json"
    manifest.write_text("\n".join(map(json.dumps, rows)))
    return manifest


def test_a_set_is_imported_checked_split_and_counted(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    done = harness_set("import", source(tmp_path), folder, "--language", "es", "--copy")
    assert done.exit_code == 0, done.stderr
    assert f"skipped   {tmp_path}/all.json:7: no audio file" in done.stdout
    assert f"{folder}/manifest.jsonl: 6 clips, 7.50 s; 1 skipped." in done.stdout
    assert harness_set("check", folder).stdout == f"{folder}: 6 clips, 0 faults.\n"
    assert harness_set("import", source(tmp_path), folder, "--language", "es").exit_code == 2

    shares = ("dev=0.34", "test=0.66", "--into", tmp_path / "parts")
    assert harness_set("split", folder, *shares).exit_code == 0
    dev, test = (read_set(tmp_path / "parts" / name) for name in ("dev", "test"))
    assert (len(dev), len(test)) == (2, 4)
    assert not {c.speaker for c in dev} & {c.speaker for c in test}
    assert harness_set("check", tmp_path / "parts/dev").exit_code == 0
    assert "Give --force" in harness_set("split", folder, *shares).stderr

    counted = json.loads(harness_set("stats", folder, "--json").stdout)
    assert (counted["clips"], counted["speakers"], counted["words"]) == (6, 3, 12)
    assert counted["formats"][0]["name"] == "WAV PCM_16, 16000 Hz, 1 channel"
    assert "WAV PCM_16, 16000 Hz, 1 channel" in harness_set("stats", folder).stdout


def test_keys_that_are_not_ours_are_kept_by_a_split(tmp_path: Path) -> None:
    harness_set("import", source(tmp_path), tmp_path / "set", "--language", "es")
    manifest = tmp_path / "set/manifest.jsonl"
    rows = [{**json.loads(line), "license": "CC0"} for line in manifest.read_text().splitlines()]
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows))
    harness_set("split", tmp_path / "set", "a=0.5", "b=0.5", "--into", tmp_path)
    lines = (tmp_path / "a/manifest.jsonl").read_text().splitlines()
    assert lines
    assert all(json.loads(line)["license"] == "CC0" for line in lines)


def with_row(folder: Path, **changes: Any) -> str:
    """Return a line of the manifest about the audio in `folder`, changed."""
    audio = folder / "audio/x.wav"
    if not audio.exists():
        tone(audio)
    digest = hashlib.sha256(audio.read_bytes()).hexdigest() if audio.stat().st_size < 1e7 else ""
    told = {"id": "x", "audio": "audio/x.wav", "text": "hola", "language": "es", "speaker": ""}
    told |= {"condition": "", "sha256": digest or "0" * 64}
    return json.dumps({**told, "seconds": 1.0, **changes})


def put(make: Callable[[Path], object], **changes: Any) -> Callable[[Path], str]:
    """Return what makes the audio of a line, and the line."""

    def line(folder: Path) -> str:
        make(folder / "audio/x.wav")
        return with_row(folder, **changes)

    return line


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (lambda f: "{not json", "not JSON"),
        (lambda f: with_row(f, audio="audio/gone.wav"), "no audio file"),
        (put(lambda p: p.write_text("hola")), "cannot be read as audio"),
        (lambda f: with_row(f, id="first"), "the id 'first' stands on line 1 too"),
        (lambda f: with_row(f, text=unicodedata.normalize("NFD", "año")), "not in Unicode NFC"),
        (put(lambda p: tone(p, seconds=0)), "holds no sample"),
        (put(eight_hours, seconds=28_800), "is 8.0 hours long"),
        (put(lambda p: tone(p, seconds=2, rate=1), seconds=2), "has 1 samples a second"),
        (put(lambda p: tone(p, rate=192_000)), "has 192000 samples a second"),
        (put(lambda p: tone(p, channels=32)), "has 32 channels"),
        (put(with_nan), "holds a sample that is not a finite number, at 0.500 s"),
        (lambda f: with_row(f, seconds=2.0), "'seconds' is 2, but"),
        (lambda f: with_row(f, sha256="0" * 64), "'sha256' is 00000000..., but that of"),
    ],
)
def test_every_fault_is_named_by_file_and_line(
    tmp_path: Path, line: Callable[[Path], str], told: str
) -> None:
    first = tone(tmp_path / "audio/first.wav")
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    whole = with_row(tmp_path, id="first", audio="audio/first.wav", sha256=digest)
    (tmp_path / "manifest.jsonl").write_text(f"{whole}\n\n{line(tmp_path)}\n", "utf-8")
    done = harness_set("check", tmp_path)
    assert done.exit_code == 1
    assert any(
        said.startswith(f"{tmp_path}/manifest.jsonl:3: ") and told in said
        for said in done.stdout.splitlines()
    )
    assert f"{tmp_path}: 2 clips, " in done.stdout


def test_a_set_of_faults_alone_is_named_whole(tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text("[]\n{}\n")
    done = harness_set("check", tmp_path)
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 3)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["check", "gone"], "gone/manifest.jsonl: no such file"),
        (["stats", "gone"], "gone/manifest.jsonl: no such file"),
        (["import", "gone.json", "set"], "gone.json: no such file"),
        (["split", "gone", "a=1", "--into", "parts"], "no such file"),
        (["import", "set/manifest.jsonl", "set"], "would take its own place"),
    ],
)
def test_what_stops_it_is_one_clear_line(words: list[str], told: str) -> None:
    done = harness_set(*words)
    assert done.exit_code == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_every_part_of_the_verb_has_help_and_every_reader_is_offered() -> None:
    assert set(verb._FORMS) == set(READERS)
    for command in verb.set.commands.values():
        assert command.help
        assert all(o.help for o in command.params if isinstance(o, click.Option))
