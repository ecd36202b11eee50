"""The search through a grid, with a pipeline whose options do what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from harness.cli import main
from harness.config import Settings, read_settings
from harness.judge.tuning import LOAD, PEAK
from harness.records import Run
from harness.run import variants
from harness.store import find_run, read_run
from harness.units import MB
from tests.toy_project import SUITE, harness, make_project

PIPELINE = """
import json, time

class Toy:
    @classmethod
    def from_file(cls, path):
        lines = [line.split(": ") for line in open(path).read().splitlines()]
        options = {pair[0].strip(): pair[1] for pair in lines if len(pair) == 2}
        if options.get("broken") == "true":
            raise ValueError("broken is not for me")
        if options.get("eager") == "true":
            time.sleep(0.2)
        toy = cls()
        toy.kept = bytearray(b"x") * (30_000_000 if options.get("fat") == "true" else 1)
        return toy

    def process_audio(self, data):
        return {"text": self.infer(self.decode(data)), "metadata": {}}

    def decode(self, data):
        return data.decode()

    def infer(self, text):
        return text
"""
TUNE = """
tune: {set: timed, clips: 2, processes: 3, repeats: 2, warmup: 0, screen: 3, combinations: 3,
  wer_set: words, timeout_s: 60,
  grid: {fat: [true, false], eager: [true, false], broken: [false, true]}}
"""
CONFIG = "audio_omni:\n  model_path: model.onnx\n  fat: true\n  eager: true\n"


def toy(folder: Path) -> Path:
    """Write a project whose pipeline has options, and a grid of them."""
    words = {f"hola amigo{n}": f"hola amigo{n}" for n in range(3)}
    project = make_project(folder / "project", words)
    (project / "toy_pipeline.py").write_text(PIPELINE)
    (project / "config/toy.yaml").write_text(CONFIG)
    (project / "config/suite.yaml").write_text(SUITE + TUNE)
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which the grid was searched once."""
    folder = toy(tmp_path_factory.mktemp("tune"))
    done = harness(folder, "tune", "--config", "config/toy.yaml", "--json")
    assert done.returncode == 0, done.stderr
    (folder / "told.json").write_text(done.stdout)
    return folder


@pytest.fixture
def told(project: Path) -> Any:
    return json.loads((project / "told.json").read_text())


def run_of(project: Path) -> Run:
    return read_run(find_run(project / "reports/runs", "latest"))


def named(told: Any) -> dict[str, Any]:
    return {one["variant"]["name"]: one for one in told["variants"]}


def test_what_wins_alone_is_measured_together_and_is_on_the_front(told: Any) -> None:
    found = named(told)
    both = "fat=false, eager=false"
    assert set(found) == {"as given", "fat=false", "eager=false", both}
    assert found[both]["on_front"]
    spared = found["as given"]["values"][PEAK] - found[both]["values"][PEAK]
    assert spared == pytest.approx(30 * MB, abs=2 * MB)
    assert found[both]["values"][LOAD] < found["as given"]["values"][LOAD]


def test_a_variant_that_does_not_load_is_a_finding_and_the_search_goes_on(told: Any) -> None:
    broken = [f for f in told["findings"] if not f["holds"]]
    assert [f["facts"]["variant"] for f in broken] == ["broken=true"]
    assert "broken is not for me" in broken[0]["detail"]


def test_every_variant_heard_the_same_words(project: Path) -> None:
    run = run_of(project)
    heard: dict[str, list[str]] = {}
    for one in run.transcripts:
        heard.setdefault(one.arm, []).append(one.clip)
    assert len(heard) == 4
    assert set(map(tuple, heard.values())) == {("w0", "w1", "w2")}
    assert run.facts["heard"]["clips"] == 3


def test_a_variant_can_be_run_again(project: Path, told: Any) -> None:
    config = named(told)["fat=false, eager=false"]["variant"]["config"]
    options = yaml.safe_load((project / config).read_text())["audio_omni"]
    assert options == {"model_path": "model.onnx", "fat": False, "eager": False}
    done = harness(project, "bench", "--config", config, "-k", "load_warm", "--reports", "again")
    assert done.returncode == 0, done.stderr


def test_the_stored_search_is_printed_and_drawn_again(project: Path) -> None:
    page = next((project / "reports/runs").glob("*/page.html"))
    before = page.read_text("utf-8")
    page.unlink()
    done = harness(project, "report", "latest")
    assert done.returncode == 0, done.stderr
    assert "FRONT" in done.stdout
    assert "audio_omni:\n       fat: false\n       eager: false" in done.stdout
    assert page.read_text("utf-8") == before
    for seen in ("MEASURED", "Trade-offs", "fat=false, eager=false", "To paste into the config"):
        assert seen in before
    assert "Understanding" not in before  # the words of four configs are no one's


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        pytest.param("suite.yaml", TUNE, "", "section `tune` is missing", id="no section"),
        pytest.param(
            "suite.yaml", "fat: [true, false]", "fat: [true]", "tune.grid.fat", id="one value"
        ),
        pytest.param("suite.yaml", "wer_set: words", "wer_set: wrds", "tune.wer_set", id="no set"),
        pytest.param(
            "toy.yaml", "fat: true", "broken: true", "config/suite.yaml: factory: toy_pipeline:",
            id="the config as given does not load",
        ),
    ],
)  # fmt: skip
def test_what_stops_a_search_is_one_clear_line(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    folder = toy(tmp_path)
    text = (folder / "config" / file).read_text()
    assert old in text
    (folder / "config" / file).write_text(text.replace(old, new))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(main, ["tune", "--config", "config/toy.yaml"])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    folder = toy(tmp_path)
    monkeypatch.chdir(folder)
    return read_settings(Path("config/toy.yaml"))


def test_the_grid_begins_with_what_holds_now(settings: Settings) -> None:
    grid = {"fat": (False, True), "threads": (0, 2)}
    found = variants.grid_of(settings, grid)
    assert found == {"fat": (True, False), "threads": (0, 2)}
    assert variants.single_changes(found) == [{"fat": False}, {"threads": 2}]


def test_models_of_another_precision_are_found_beside_the_given_one(settings: Settings) -> None:
    for name in ("model.int8.onnx", "other.int8.onnx", "model.onnx.data"):
        Path(name).touch()
    found = variants.grid_of(settings, {})
    assert found == {"model_path": ("model.onnx", "model.int8.onnx")}
    (change,) = variants.single_changes(found)
    assert variants.name_of(settings, change) == "precision=int8"
    variant = variants.write_variant(settings, Path("run"), change, arm="a", part="final")
    assert variants.settings_of(settings, variant).model == Path("model.int8.onnx")


def test_combinations_are_the_product_without_what_is_single() -> None:
    changes = [{"a": 1}, {"a": 2}, {"b": 1}]
    assert list(variants.combinations(changes)) == [{"a": 1, "b": 1}, {"a": 2, "b": 1}]
    assert list(variants.combinations([{"a": 1}])) == []
