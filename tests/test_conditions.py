"""`harness conditions`, as a person types it, on a toy that hears the pitch of a tone."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from harness.accuracy.conditions.treatment import Treatment
from harness.cli import main
from harness.config import read_settings
from harness.judge.verdicts import judge
from harness.records import Outcome
from harness.run.conditions import treatments
from harness.store import find_run, read_run
from tests.toy_project import BUDGETS, SUITE, make_project

RATE = 16_000  # Hz
TONES = 32

# Hears "hola" and a word for its pitch in a tone. A bold one hears nothing in noise, one that
# is not errs in every eighth word.
PIPELINE = """
import io
import numpy as np
import soundfile

class Toy:
    def __init__(self, config):
        self.bold = "bold: true" in config

    @classmethod
    def from_file(cls, path):
        with open(path) as file:
            return cls(file.read())

    def process_audio(self, data):
        return {"text": self.infer(self.decode(data)), "metadata": {"greedy_text": "hola"}}

    def decode(self, data):
        return soundfile.read(io.BytesIO(data))[0]

    def infer(self, samples):
        power = np.abs(np.fft.rfft(samples)) ** 2
        peak = int(power.argmax())
        number = round(peak / len(samples) * 16000 / 100)
        noisy = power[peak - 1 : peak + 2].sum() < 0.999 * power.sum()
        deaf = noisy if self.bold else number % 8 == 0
        return "hola nada" if deaf else "hola tono" + chr(97 + number // 6) + chr(97 + number % 6)
"""
SECTION = """
conditions: {set: tones, white: [20, 0], babble: [5], gain: [-20], timeout_s: 60, cache_mb: 1}
bundles: {bold: {conditions: {clips: 3}}} # not what it is set against
"""
HEARD = ("white 20", "white 0", "babble 5", "gain -20")


def make(folder: Path, section: str = SECTION) -> Path:
    project = make_project(folder, {"hola": "hola"})
    (project / "toy_pipeline.py").write_text(PIPELINE)
    (project / "config/suite.yaml").write_text(SUITE + section)
    (project / "config/budgets.yaml").write_text(
        BUDGETS + BUDGETS.partition("bundles:")[2].replace("  toy:", "  bold:")
    )
    (project / "config/bold.yaml").write_text("audio_omni: {model_path: model.onnx}\nbold: true\n")
    write_tones(project / "sets/tones")
    return project


def write_tones(folder: Path) -> None:
    (folder / "audio").mkdir(parents=True)
    time, rows = np.arange(RATE // 4) / RATE, []
    for number in range(3, 3 + TONES):
        audio = folder / f"audio/{number}.wav"
        pitch = chr(97 + number // 6) + chr(97 + number % 6)
        soundfile.write(audio, 0.3 * np.sin(2 * np.pi * 100 * number * time), RATE)
        digest = hashlib.sha256(audio.read_bytes()).hexdigest()
        row = {"id": f"t{number}", "audio": f"audio/{number}.wav", "text": f"hola tono{pitch}"}
        told = {"language": "es", "speaker": f"s{number % 3}", "condition": "", "seconds": 0.25}
        rows.append(json.dumps({**row, **told, "sha256": digest}) + "\n")
    (folder / "manifest.jsonl").write_text("".join(rows), "utf-8")


def harness(folder: Path, *words: str) -> Result:
    """Run the command line in this process, as if it had been typed in `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, list(words))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which both pipelines heard the tones."""
    folder = make(tmp_path_factory.mktemp("toy") / "project")
    given = ("conditions", "--config", "config/toy.yaml", "--against", "config/bold.yaml")
    done = harness(folder, *given, "--json")
    assert done.exit_code == 0, done.output
    (folder / "told.json").write_text(done.stdout)
    return folder


@pytest.fixture
def told(project: Path) -> Any:
    return json.loads((project / "told.json").read_text())


def test_every_clip_is_heard_as_it_is_and_under_every_treatment(project: Path, told: Any) -> None:
    runs = [read_run(find_run(project / "reports/runs", name)) for name in ("latest~1", "latest")]
    for run in runs:
        assert run.complete
        assert {t.set for t in run.transcripts} == {"tones"}
        counted = dict.fromkeys(("", *HEARD), 0)
        for transcript in run.transcripts:
            counted[transcript.treatment] += 1
        assert counted == dict.fromkeys(("", *HEARD), TONES)
        assert (find_run(project / "reports/runs", run.id) / "page.html").is_file()
    assert {run.bundle for run in runs} == {"toy", "bold"}


def test_the_word_errors_are_those_that_the_pipeline_makes(told: Any) -> None:
    found = {one["treatment"]: one for one in told["conditions"]}
    assert tuple(found) == HEARD
    assert found["gain -20"]["wer"] == found["gain -20"]["clean"] == 0
    assert found["white 0"]["wer"] == 0.5  # "nada" in each
    assert found["white 0"]["difference"]["low"] > 0


def test_a_gain_that_loses_more_than_it_wins_is_said(project: Path, told: Any) -> None:
    assert told["trade"]["word"] == "loses more than it wins"
    assert told["trade"]["clean"]["difference"] == pytest.approx(
        -0.0625
    )  # an eighth of the second words
    line = "THE GAIN ON CLEAN CLIPS LOSES MORE THAN IT WINS: clean -6.25 %"
    first, second = (
        find_run(project / "reports/runs", name).name for name in ("latest~1", "latest")
    )
    first, second = sorted((first, second), key=lambda name: "bold" in name)
    done = harness(project, "compare", first, second, "--anyway")
    assert done.exit_code == 0, done.output
    assert line in done.stdout
    assert line not in harness(project, "compare", first, first).stdout
    told = json.loads(harness(project, "compare", first, second, "--anyway", "--json").stdout)
    assert told["trade"]["sentence"].startswith(line)


def test_a_stored_run_is_shown_again(project: Path) -> None:
    done = harness(project, "report", "latest")
    assert done.exit_code == 0, done.output
    assert "White noise" in done.stdout
    assert "of 4 conditions are shown to be worse" in done.stdout


def test_one_kind_of_a_few_clips_is_heard_and_the_cache_stays_within_its_bound(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path / "project", SECTION.replace("cache_mb: 1", "cache_mb: 0.05"))
    few = ("conditions", "--config", "config/toy.yaml", "--clips", "5", "--only", "white")
    done = harness(folder, *few)
    assert done.exit_code == 0, done.output
    run = read_run(find_run(folder / "reports/runs", "latest"))
    assert {t.treatment for t in run.transcripts} == {"", "white 20", "white 0"}
    assert len(run.transcripts) == 15
    left = [file.stat().st_size for file in folder.glob("reports/cache/conditions/*/*")]
    assert 0 < sum(left) <= 50_000  # ten of 16 kB were made


def test_a_clip_that_cannot_be_treated_is_named_and_the_rest_is_heard(tmp_path: Path) -> None:
    folder = make(tmp_path / "project")
    soundfile.write(folder / "sets/tones/audio/7.wav", np.full(4000, np.nan), RATE, "FLOAT")
    done = harness(folder, "conditions", "--config", "config/toy.yaml", "--only", "gain")
    assert done.exit_code == 2
    assert "7.wav: clip 't7' cannot be treated" in done.stderr
    run = read_run(find_run(folder / "reports/runs", "latest"))
    assert len([t for t in run.transcripts if t.treatment == "gain -20"]) == TONES - 1
    assert next(f.rule for f in run.findings if not f.holds) == "clips_can_be_treated"


def test_a_set_of_one_speaker_is_heard_without_babble(tmp_path: Path) -> None:
    folder = make(tmp_path / "project")
    manifest = folder / "sets/tones/manifest.jsonl"
    manifest.write_text(re.sub(r'"speaker": "s."', '"speaker": "s0"', manifest.read_text()))
    few = ("conditions", "--config", "config/toy.yaml", "--clips", "2", "--only", "babble")
    done = harness(folder, *few)
    assert done.exit_code == 2
    assert "fewer than two" in done.stderr
    done = harness(folder, *few, "--only", "gain")
    assert done.exit_code == 0
    run = read_run(find_run(folder / "reports/runs", "latest"))
    assert [doubt for doubt in run.doubts if doubt.startswith("Babble was left out")]
    assert {t.treatment for t in run.transcripts} == {"", "gain -20"}


@pytest.mark.parametrize(
    ("section", "words", "told"),
    [
        ("", (), "section `conditions` is missing"),
        (SECTION, ("--only", "reverb"), "asks for no reverb"),
        (SECTION, ("--against", "config/absent.yaml"), "config/absent.yaml"),
        (SECTION.replace("gain: [-20]", "gain: [.nan]"), (), "conditions.gain.0"),
        (SECTION.replace("gain: [-20]", "reverb: [0]"), (), "conditions.reverb.0"),
        (SECTION.replace("gain:", "gian:"), (), "Did you mean 'gain'"),
        (SECTION.replace("set: tones", "set: absent"), (), "names it: conditions.set"),
    ],
)
def test_what_cannot_be_asked_for_is_told(
    section: str, words: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    folder = make(tmp_path / "project", section)
    done = harness(folder, "conditions", "--config", "config/toy.yaml", *words)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not list(folder.glob("reports/runs/*"))  # before anything was heard


def test_the_project_asks_for_every_kind_that_there_is() -> None:
    part = read_settings(Path("config/reference.yaml")).suite.conditions
    assert part is not None
    every = [str(one) for one in treatments(part)]
    noises = [f"{kind} {snr}" for kind in ("white", "pink", "babble") for snr in (20, 10, 5, 0)]
    assert every[:12] == noises
    assert {"telephone", "mulaw", "gain -20", "gain 6", "speed 0.9", "speed 1.1"} <= set(every)
    assert {one.kind for one in treatments(part)} == {Treatment.read(one).kind for one in every}


ROW = """\
    - {metric: accuracy.wer.tones@%s, statistic: rate, at_most: 15, unit: "%%", title: In noise}
"""


def test_a_budget_on_a_condition_turns_the_run_red(tmp_path: Path) -> None:
    folder = make(tmp_path / "project")
    rows = "".join(ROW % name for name in ("white 0", "gain -20", "babble 5"))
    with (folder / "config/budgets.yaml").open("a") as budgets:  # bold stands last
        budgets.write(rows)
    heard = ("conditions", "--only", "white", "--only", "gain", "--config")
    done = harness(folder, *heard, "config/bold.yaml", "--clips", "32", "--json")
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    seen = {one["budget"]["metric"]: one["outcome"] for one in told["verdicts"]}
    assert seen == {"accuracy.wer.tones@white 0": "FAIL", "accuracy.wer.tones@gain -20": "PASS"}
    html = (folder / told["page"]).read_text("utf-8")
    assert "<h1>MISSED</h1>" in html
    assert "1 of 2 budgets missed" in html
    settings = read_settings(folder / "config/bold.yaml")
    assert not [row for row in settings.budgets if "@" in row.metric], "not for bench and validate"
    run = read_run(find_run(folder / "reports/runs", "latest"))
    fewer = replace(run, transcripts=tuple(t for t in run.transcripts if t.clip != "t7"))
    gain = next(row for row in settings.treated if row.metric.endswith("gain -20"))
    assert "1 of 32 clips is lacking" in judge(gain, fewer).sentence
    assert judge(gain, fewer).outcome is Outcome.NOT_PROVEN


def test_a_condition_that_is_not_asked_for_is_no_metric(tmp_path: Path) -> None:
    folder = make(tmp_path / "project")
    with (folder / "config/budgets.yaml").open("a") as budgets:
        budgets.write(ROW % "white 1")
    done = harness(folder, "conditions", "--config", "config/bold.yaml")
    assert done.exit_code == 2
    assert "unknown metric 'accuracy.wer.tones@white 1'" in done.stderr
    assert "Did you mean 'accuracy.wer.tones@white 0'" in done.stderr
