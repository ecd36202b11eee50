"""`harness listen`: from a folder to a page, from answers to the MOS that a run is judged by."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.accuracy.listening.answers import read_key
from harness.budgets import MOS, UNMEASURED
from harness.cli import main
from harness.judge.verdicts import judge
from harness.opinions import Listening
from harness.records import Measurement, Outcome, Statistic
from harness.run.listening import listening
from harness.units import Unit
from tests.accuracy.listening.heard import exported, saved, sound_folder
from tests.integrity.bundles import build
from tests.sample_run import budget, empty_run


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, words)))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model file that stands for the voice."""
    folder = tmp_path / "model"
    folder.mkdir()
    return build(folder)


@pytest.fixture
def page(tmp_path: Path, model: Path) -> Path:
    folder = sound_folder(tmp_path / "voice", tuple(f"s{number}" for number in range(8)))
    natural = sound_folder(tmp_path / "natural", ("n1", "n2"))
    done = typed(
        "listen", folder, "--voice", model, "--anchor", natural, "--out", tmp_path / "p.html"
    )
    assert done.exit_code == 0, done.output
    assert "13 trials" in done.output
    return tmp_path / "p.html"


def taken(results: Path, voice: Path) -> tuple[list[Measurement], dict[str, str]]:
    """What a run records of the listening tests in a folder."""
    kept: list[Measurement] = []
    facts: dict[str, str] = {}
    part = Listening(results=str(results), voice=str(voice))
    settings: Any = SimpleNamespace(suite=SimpleNamespace(listening=part))
    recording: Any = SimpleNamespace(keep=kept.append, fact=facts.__setitem__)
    listening(settings, recording)
    return kept, facts


def says(role: str, name: str) -> int:
    """The anchor is excellent, the voice good, and two of its sentences excellent."""
    return 5 if role == "anchor" or name in ("s1", "s2") else 4


def test_from_a_folder_to_a_mos_that_a_run_is_judged_by(
    page: Path, model: Path, tmp_path: Path
) -> None:
    key, results = read_key(page.with_suffix(".key.json")), tmp_path / "results"
    sent = [saved(tmp_path, exported(key, f"L{number}", says)) for number in range(5)]
    bad = saved(tmp_path, exported(key, "L9", says, wrong=3))
    words: list[str | Path] = [
        "listen",
        "score",
        *sent,
        bad,
        "--key",
        page.with_suffix(".key.json"),
    ]
    told = typed(*words, "--into", results)
    assert told.exit_code == 0, told.output
    assert "5 listeners count." in " ".join(told.output.split())
    assert "LEFT OUT  L9: 3 of 3 checks wrong." in told.output
    assert "4.25" in told.output
    kept, _ = taken(results, model)
    assert [one.process for one in kept] == list(range(5))
    row = budget(MOS, 4.0, Unit.SCORE, statistic=Statistic.MEAN, at_most=False)
    verdict = judge(row, empty_run(measurements=tuple(kept)))
    assert (verdict.value, verdict.samples) == (4.25, 40)
    assert verdict.outcome is Outcome.NOT_PROVEN, "8 sentences that differ bound it from 3.9"


def test_a_changed_voice_has_no_mos(page: Path, model: Path, tmp_path: Path) -> None:
    key, results = read_key(page.with_suffix(".key.json")), tmp_path / "results"
    sent = [saved(tmp_path, exported(key, f"L{number}", says)) for number in range(3)]
    typed("listen", "score", *sent, "--key", page.with_suffix(".key.json"), "--into", results)
    assert taken(results, model)[0]
    data = next(model.parent.glob("*.data"))
    data.write_bytes(data.read_bytes()[:-1] + b"\7")
    kept, facts = taken(results, model)
    assert kept == []
    assert "holds no test of the voice" in facts[f"{UNMEASURED}{MOS}"]


def test_without_a_voice_or_a_test_the_run_says_why(tmp_path: Path, model: Path) -> None:
    assert "is absent: there is no voice" in str(taken(tmp_path, tmp_path / "no.onnx")[1])
    assert "holds no test of the voice" in str(taken(tmp_path / "nowhere", model)[1])


def test_the_result_as_json_has_the_interval(page: Path, tmp_path: Path) -> None:
    key = read_key(page.with_suffix(".key.json"))
    sent = [saved(tmp_path, exported(key, f"L{number}", says)) for number in range(3)]
    done = typed("listen", "score", *sent, "--key", page.with_suffix(".key.json"), "--json")
    told = json.loads(done.stdout)
    assert told["listeners"] == 3
    assert [one["name"] for one in told["opinions"]] == ["", "natural"]
    assert told["opinions"][0]["interval"]["low"] < 4.25
    assert told["opinions"][1]["interval"] is None, "all said 5: nothing tells the spread"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["listen", "nowhere", "--voice", "no.onnx"], "no.onnx: no such model of a voice"),
        (
            ["listen", "score", "gone.json", "--key", "gone.key.json"],
            "gone.key.json: cannot be read",
        ),
    ],
)
def test_what_is_not_there_is_named_and_ends_with_2(words: list[str], said: str) -> None:
    done = typed(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_two_voices_need_both_models(tmp_path: Path, model: Path) -> None:
    folders = [sound_folder(tmp_path / name, ("s1", "s2")) for name in ("a", "b")]
    done = typed("listen", *folders, "--voice", model, "--out", tmp_path / "p.html")
    assert done.exit_code == 2
    assert "--other-voice" in done.output
    done = typed(
        "listen", *folders, "--voice", model, "--other-voice", model, "--out", tmp_path / "p.html"
    )
    assert done.exit_code == 0
    assert read_key(tmp_path / "p.key.json").kind == "ab"
