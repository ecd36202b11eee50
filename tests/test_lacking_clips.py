"""A reference set with faults: the rest is scored, what is lacking is named, no gate passes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from harness.cli import main
from harness.records import Finding, Outcome, Run
from harness.store import find_run, read_run
from tests.toy_project import make_project

WORDS = {f"hola {word}": f"hola {word}" for word in (f"amigo{i}" for i in range(30))}
VALIDATE = ["validate", "--config", "config/toy.yaml", "-k", "requests or quality"]


def here(folder: Path, *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, list(words))


def with_faults(folder: Path) -> Path:
    """Make a project of whose set of 30 clips 5 more lines cannot be used."""
    make_project(folder, WORDS)
    manifest = folder / "sets/words/manifest.jsonl"
    whole = manifest.read_text("utf-8").splitlines()
    row = json.loads(whole[0])
    unfit = folder / "sets/words/audio/nan.wav"
    soundfile.write(unfit, np.full(800, np.nan), 16_000, subtype="FLOAT")
    digest = hashlib.sha256(unfit.read_bytes()).hexdigest()
    lines = [
        *whole,
        "{not json",
        json.dumps({**row, "id": "gone", "audio": "audio/gone.wav"}),
        json.dumps(row),
        json.dumps({**row, "id": "nfd", "text": "an\u0303o"}),
        json.dumps({**row, "id": "nan", "audio": "audio/nan.wav", "sha256": digest}),
    ]
    manifest.write_text("\n".join(lines), "utf-8")
    return folder


def about_clips(run: Run) -> Finding:
    (found,) = (f for f in run.findings if f.rule == "every_clip_is_scored")
    return found


def test_the_rest_is_scored_what_is_lacking_is_named_and_no_gate_passes(tmp_path: Path) -> None:
    folder = with_faults(tmp_path / "toy")
    done = here(folder, *VALIDATE, "--json")
    told, run = json.loads(done.stdout), read_run(find_run(folder / "reports/runs", "latest"))
    assert done.exit_code == 1, done.stderr
    assert len(run.transcripts) == 30
    (verdict,) = (v for v in told["verdicts"] if v["budget"]["metric"] == "accuracy.wer.words")
    assert (verdict["outcome"], verdict["value"]) == (Outcome.NOT_PROVEN, 0.0)
    assert verdict["sentence"].startswith("5 of 35 clips are lacking.")
    assert "30, 5 lacking" in (folder / told["page"]).read_text("utf-8")
    found = about_clips(run)
    assert not found.holds
    for line, reason in (
        (31, "not JSON"),
        (32, "no audio file"),
        (33, "the id 'w0' stands on line 1 too"),
        (34, "not in Unicode NFC"),
        (35, "nan.wav holds a sample that is not a finite number, at 0.000 s"),
    ):
        assert f"sets/words/manifest.jsonl:{line}: " in found.detail
        assert reason in found.detail
    assert "Traceback" not in done.stderr


def test_a_clip_on_which_the_pipeline_dies_is_lacking_too(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "toy", {"adiós": "crash", **WORDS})
    done = here(folder, *VALIDATE, "--json")
    verdict = json.loads(done.stdout)["verdicts"][0]
    found = about_clips(read_run(find_run(folder / "reports/runs", "latest")))
    assert done.exit_code == 1
    assert verdict["outcome"] == Outcome.NOT_PROVEN
    assert verdict["sentence"].startswith("1 of 31 clips is lacking.")
    assert "manifest.jsonl:1: the pipeline gave no answer to the clip 'w0'" in found.detail


def test_a_whole_set_is_seen_to_be_whole(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    assert here(folder, *VALIDATE).exit_code == 0
    found = about_clips(read_run(find_run(folder / "reports/runs", "latest")))
    assert (found.holds, found.detail) == (True, "words: 30 clips.")
