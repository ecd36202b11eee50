"""`harness doctor`: each thing that is broken is a line with a remedy, and nothing is raised."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.config import Settings, read_settings
from harness.run.doctor import bundle, place
from harness.run.doctor.examine import examine
from harness.run.doctor.line import Line, State, broken
from harness.run.doctor.trial import trial
from tests.integrity import bundles
from tests.toy_project import ROOT, make_project, write_set

REFERENCE = ROOT / "config/reference.yaml"


def states(lines: Sequence[Line]) -> dict[str, State]:
    return {f"{line.area}: {line.title}": line.state for line in lines}


def _settings(model: Path) -> Settings:
    return replace(read_settings(REFERENCE), model=model)


def only(lines: Sequence[Line], state: State) -> Line:
    (line,) = (line for line in lines if line.state is state)
    assert line.remedy
    return line


def test_what_is_whole_is_ok_from_the_interpreter_to_an_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    lines = list(examine(REFERENCE, tmp_path))
    assert [line for line in lines if line.state is State.BROKEN] == []
    assert lines[-1].area == "trial"
    assert "load " in lines[-1].seen
    areas = {line.area for line in lines}
    assert areas >= {
        "python",
        "libraries",
        "machine",
        "instruments",
        "disk",
        "config",
        "model",
        "voice",
    }


def test_no_trial_starts_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT)
    assert "trial: One request" not in states(list(examine(REFERENCE, tmp_path, tries=False)))


@pytest.mark.parametrize(
    ("found", "seen"),
    [(None, "not installed"), ("0.1", "0.1; >=1.0 is wanted")],
)
def test_a_library_that_is_absent_or_too_old_comes_with_its_install_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: str | None, seen: str
) -> None:
    def version(name: str) -> str:
        if name == "blake3":
            if found is None:
                raise PackageNotFoundError(name)
            return found
        return installed_version(name)

    monkeypatch.setattr("harness.run.doctor.place.version", version)
    monkeypatch.chdir(tmp_path)  # without a lock file
    line = only(list(place.libraries()), State.BROKEN)
    assert (line.title, line.seen) == ("blake3", seen)
    assert "pip install 'blake3>=1.0'" in line.remedy


def test_other_versions_than_those_locked_are_worth_a_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "requirements.lock").write_text("# all\nblake3==0.0.1\nclick>=1\n")
    monkeypatch.chdir(tmp_path)
    line = only(list(place.libraries()), State.LOOK)
    assert line.seen.startswith("1 of 2 are not those of requirements.lock: blake3 ")


def test_a_model_that_is_absent_is_broken(tmp_path: Path) -> None:
    folder = make_project(tmp_path, {"hola": "hola"})
    settings = read_settings(folder / "config/toy.yaml")
    settings.model.unlink()
    assert "no such file" in only(list(bundle.files(settings)), State.BROKEN).seen


def test_the_voice_is_looked_at_like_the_model(tmp_path: Path) -> None:
    settings = read_settings(REFERENCE)
    assert settings.voice is not None
    assert states(list(bundle.voice(settings))) == {"voice: Files": State.OK}
    copy = shutil.copytree(settings.voice.parent, tmp_path / "voice") / settings.voice.name
    copy.with_name(f"{copy.name}.data").write_bytes(b"short")
    found = [line.seen for line in bundle.voice(replace(settings, voice=copy))]
    assert any("acoustic.onnx.data" in seen for seen in found)
    absent = only(list(bundle.voice(replace(settings, voice=tmp_path / "none"))), State.BROKEN)
    assert "make model-voice" in absent.remedy
    assert list(bundle.voice(replace(settings, voice=None))) == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda data: data.unlink(), "core.onnx.data: no such", id="data absent"),
        pytest.param(lambda data: data.write_bytes(b"\0" * 99), "99", id="data truncated"),
    ],
)
def test_data_that_is_absent_or_short_is_broken(
    tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    model = bundles.build(tmp_path)
    spoil(model.with_name("core.onnx.data"))
    found = [line for line in bundle.files(_settings(model)) if line.state == "BROKEN"]
    assert found
    assert any(words in line.seen for line in found)
    assert all("Restore the files" in line.remedy for line in found)


def test_a_graph_of_another_contract_is_named_as_an_input_shape_mismatch(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    manifest = model.with_name("core.onnx.manifest.json")
    told = json.loads(manifest.read_text())
    told["contract"]["input"]["shape"] = [1, 2, 5]
    manifest.write_text(json.dumps(told))
    line = only(list(bundle.files(_settings(model))), State.BROKEN)
    assert "expected audio_codes int64 [1, 2, 5]; the graph declares audio_codes" in line.seen
    assert "Input shape mismatch" in line.remedy


def test_a_model_that_no_manifest_speaks_of_is_left_to_the_trial(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    model.with_name("core.onnx.manifest.json").unlink()
    lines = list(bundle.files(_settings(model)))
    line = next(line for line in lines if line.title == "Input and output")
    assert line.state is State.LOOK
    assert line.seen.startswith("the product's contract is audio_codes int64 [1, 16, 128]")
    assert "No manifest states a contract" in line.remedy


def test_memory_that_the_weights_do_not_fit_into_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(bundles.build(tmp_path))
    assert {line.state for line in bundle.memory(settings)} <= {State.OK, State.LOOK}
    monkeypatch.setattr("harness.run.doctor.bundle.memory_limit", lambda: 100)
    line = next(iter(bundle.memory(settings)))
    assert line.state is State.BROKEN
    assert "100 B are free in the control group" in line.seen


def test_reports_that_cannot_be_written_are_broken(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    assert "cannot be written" in only(list(bundle.disk(tmp_path / "reports")), State.BROKEN).seen
    assert [line.state for line in bundle.disk(tmp_path / "new" / "reports")] == [State.OK]


def test_a_config_that_cannot_be_read_is_a_line_and_ends_there(tmp_path: Path) -> None:
    lines = list(examine(tmp_path / "absent.yaml", tmp_path))
    assert "absent.yaml" in lines[-1].seen
    assert lines[-1].state is State.BROKEN


@pytest.mark.parametrize("said", ["crash", "hola"])
def test_the_trial_tells_what_the_pipeline_does(
    tmp_path: Path, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_project(tmp_path, {"hola": "hola"})
    write_set(folder / "sets/timed", {"uno": said})
    monkeypatch.chdir(folder)
    (line,) = trial(read_settings(Path("config/toy.yaml")))
    assert line.state is (State.BROKEN if said == "crash" else State.OK)
    assert ("SIGKILL" in line.seen) is (said == "crash")


def test_the_verb_ends_with_1_where_a_line_is_broken(tmp_path: Path) -> None:
    words = ["doctor", "--config", str(tmp_path / "absent.yaml"), "--reports", str(tmp_path)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "BROKEN  config: Settings:" in done.output
    assert "\n          Correct what the message names." in done.output
    told = json.loads(CliRunner().invoke(main, [*words, "--json"]).output)
    assert told["lines"][-1]["state"] == "BROKEN"


def test_nothing_is_broken_without_a_remedy() -> None:
    with pytest.raises(ValueError, match="no remedy"):
        broken("model", "Files", "gone", "")
