"""`harness speak` from its command to its page, on a small pipeline that speaks tones."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import soundfile

from harness.errors import ConfigError
from harness.suite import read_suite
from tests.measure.talker import Talker
from tests.toy_project import SUITE, harness, make_project

TALKER = Path(__file__).parent / "measure/talker.py"
ROOMS = ("salón", "baño", "garaje", "patio", "pasillo", "jardín", "sótano")
SENTENCES = [f"{verb} la luz del {room}" for verb in ("pon", "quita", "baja") for room in ROOMS]
SPEECH = """
speech:
  sentences: spoken
  stages: {text_front_end: text_front_end, acoustic_model: acoustic_model, vocoder: vocoder}
  clips: 2
  processes: 2
  repeats: 2
  warmup: 0
  paragraph: 2
  shown: 3
  emotion:
    sentences: 5
    controls: {rate: [-1, 0, 1], pitch: [-1, 0, 1], pitch_range: [-1, 0, 1], energy: [-1, 0, 1]}
  timeout_s: 60
"""
BUDGETS = """
bundles:
  toy:
    - {metric: latency.end_to_end, statistic: max, at_most: 5, unit: s, title: End to end}
    - {metric: quality.round_trip_wer, statistic: rate, at_most: 10, unit: "%", title: WER}
    - {metric: quality.over_floor, statistic: rate, at_most: 10, unit: "%", title: Over}
    - {metric: quality.emotion.rate, statistic: mean, at_least: 5, unit: "%", title: Rate}
    - {metric: quality.emotion.pitch, statistic: mean, at_least: 5, unit: "%", title: Pitch}
    - {metric: quality.emotion.pitch_range, statistic: mean, at_least: 1, unit: st, title: Range}
    - {metric: quality.emotion.energy, statistic: mean, at_least: 1, unit: dB, title: Energy}
    - {metric: quality.tts_mos, statistic: mean, at_least: 4, unit: score, title: MOS,
       required: false}
"""


def talking_project(folder: Path, *, sentences: Sequence[str] = SENTENCES, **told: Any) -> Path:
    """A project whose pipeline speaks; its recordings are its own voice, unspoilt by `told`."""
    project = make_project(folder, {"hola": "hola"}, budgets=BUDGETS)
    shutil.copy(TALKER, project / "talker.py")
    suite = project / "config/suite.yaml"
    text = suite.read_text().replace("toy_pipeline:Toy", "talker:Talker")
    suite.write_text(
        re.sub(r"stages: .*\nleaves: .*", "stages: {end_to_end: process_audio}\nleaves: []", text)
        + SPEECH
    )
    config = {"audio_omni": {"model_path": "model.onnx"}, **told}
    (project / "config/toy.yaml").write_text(json.dumps(config, ensure_ascii=False), "utf-8")
    _record(project / "spoken", sentences)
    return project


def _record(folder: Path, sentences: Sequence[str]) -> None:
    (folder / "audio").mkdir(parents=True)
    rows = []
    for number, text in enumerate(sentences):
        data = Talker({}).generate_audio(text)
        (folder / f"audio/{number}.wav").write_bytes(data)
        row = {"id": f"s{number}", "audio": f"audio/{number}.wav", "text": text, "seconds": 1.75}
        about = {"language": "es", "speaker": "", "condition": "clean"}
        digest = {"sha256": hashlib.sha256(data).hexdigest()}
        rows.append(json.dumps({**row, **about, **digest}, ensure_ascii=False) + "\n")
    (folder / "manifest.jsonl").write_text("".join(rows), "utf-8")


def spoken(project: Path, *words: str) -> dict[str, Any]:
    done = harness(project, "speak", "--config", "config/toy.yaml", "--json", *words)
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return {**told, "code": done.returncode, "said": done.stderr}


def outcomes(told: dict[str, Any]) -> dict[str, str]:
    return {v["budget"]["metric"]: v["outcome"] for v in told["verdicts"]}


@pytest.mark.slow
def test_a_sound_voice_passes_and_its_page_plays_it(tmp_path: Path) -> None:
    project = talking_project(tmp_path / "p")
    told = spoken(project, "--keep", "kept")
    assert told["code"] == 0, told["sentence"]
    assert "latency.end_to_end" not in outcomes(told)
    assert set(outcomes(told).values()) == {"PASS", "NOT MEASURED"}
    assert len(list((project / "kept/voice").glob("*.wav"))) == len(SENTENCES)
    page = (project / told["page"]).read_text("utf-8")
    assert re.search(r"content=\"default-src [^\"]*media-src data:", page)
    audio = re.findall(r'<audio [^>]*src="data:audio/ogg;base64,([^"]+)"', page)
    assert len(audio) == 6, "three sentences, each beside its source"
    played, rate = soundfile.read(io.BytesIO(base64.b64decode(audio[0])))
    assert 1.0 < len(played) / rate < 2.5
    assert page.count('class="mel" src="data:image/png;base64,') == 6
    assert page.count("RIGHT WAY") == 4
    again = harness(project, "report", "latest", "--json")
    assert json.loads(again.stdout)["verdicts"] == told["verdicts"]


@pytest.mark.slow
def test_a_voice_that_loses_words_and_obeys_nothing_is_missed(tmp_path: Path) -> None:
    project = talking_project(tmp_path / "p", garble={"luz": ""}, controls=False)
    told = spoken(project)
    assert told["code"] == 1
    found = outcomes(told)
    assert found["quality.round_trip_wer"] == found["quality.over_floor"] == "FAIL"
    assert {found[f"quality.emotion.{name}"] for name in ("rate", "pitch", "energy")} == {"FAIL"}
    page = (project / told["page"]).read_text("utf-8")
    assert "21 words skipped" in page
    assert '<span class="word del"><small>D</small><s>luz</s>' in page


def test_a_pipeline_without_a_voice_is_told_and_ends_with_2(tmp_path: Path) -> None:
    project = talking_project(tmp_path / "p", sentences=SENTENCES[:1])
    suite = project / "config/suite.yaml"
    suite.write_text(suite.read_text().replace("speech:\n", "speech:\n  method: sing\n"))
    done = harness(project, "speak", "--config", "config/toy.yaml")
    assert done.returncode == 2
    assert "the pipeline does not speak" in done.stderr
    assert "has no method 'sing'" in done.stderr


def test_sentences_that_are_not_there_are_named(tmp_path: Path) -> None:
    project = talking_project(tmp_path / "p", sentences=SENTENCES[:1])
    done = harness(project, "speak", "--config", "config/toy.yaml", "--sentences", "nowhere.txt")
    assert done.returncode == 2
    assert "nowhere.txt: cannot be read" in done.stderr
    assert "speech.sentences" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("pitch_range: [-1, 0, 1], energy", "energy", "expected rate, pitch, pitch_range, energy"),
        ("pitch: [-1, 0, 1]", "pich: [-1, 0, 1]", "'pich' is none. Did you mean 'pitch'?"),
        ("rate: [-1, 0, 1]", "rate: [0, 1]", "emotion.controls.rate"),
        ("shown: 3", "show: 3", "Did you mean 'shown'?"),
        ("processes: 2\n  repeats", "processes: 1\n  repeats", "speech.processes"),
    ],
)
def test_a_mistake_in_the_section_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "suite.yaml"
    text = SUITE + SPEECH
    assert old in text
    file.write_text(text)
    assert read_suite(file).speech is not None
    file.write_text(text.replace(old, new))
    with pytest.raises(ConfigError, match=re.escape(told)):
        read_suite(file)
