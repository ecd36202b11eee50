"""`harness inspect`, `seal` and `verify`, and what a run says of the files it measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agents.bundle import read_bundle
from harness.cli import main
from harness.config import read_settings
from harness.run.recording import recorded
from tests.integrity import bundles
from tests.toy_project import ROOT, make_project

REFERENCE = ROOT / "models/onnx/reference/core.onnx"


def typed(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def told(*words: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(typed(*words, "--json").stdout)
    return answer


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A bundle that was sealed by the command line."""
    path = bundles.build(tmp_path)
    done = typed("seal", path, "--source", "https://example.org/tiny", "--by", "tests")
    assert (done.exit_code, "SEALED" in done.stdout) == (0, True), done.output
    return path


def test_inspect_shows_size_and_work_without_the_data_file(model: Path) -> None:
    bundles.no_data(model.parent)
    shown = typed("inspect", model).stdout
    words = " ".join(shown.split())
    assert "221 parameters in 4 tensors of 904 B; 2 of them, 864 B, lie outside" in words
    assert "0 to 768" in shown
    facts = told("inspect", model)
    assert facts["initializers"][0]["bytes"] == 768
    assert facts["work"]["graphs"]["core.onnx"]["flops"] > 2 * 8 * 24


def test_inspect_draws_a_page_without_scripts(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert typed("inspect", REFERENCE, "--page", page).exit_code == 0
    text = page.read_text("utf-8")
    assert text.count('<source media="(max-width: 640px)" srcset="data:image/svg+xml') == 2
    assert "default-src &#39;none&#39;; img-src data:;" in text
    assert "<script" not in text
    assert "float32 holds 99.99 % of the bytes" in text


def test_inspect_escapes_what_a_model_calls_its_tensors(tmp_path: Path) -> None:
    model = bundles.core()
    model.graph.initializer[0].name = model.graph.node[2].input[1] = "<script>alert(1)</script>"
    bundles.save(model, tmp_path / "core.onnx")
    typed("inspect", tmp_path / "core.onnx", "--page", tmp_path / "page.html")
    assert "<script>" not in (tmp_path / "page.html").read_text("utf-8")


def test_verify_ends_with_0_when_every_byte_is_as_sealed(model: Path) -> None:
    for words in ((), ("--fast",)):
        done = typed("verify", model, *words)
        assert done.exit_code == 0, done.output
        assert "sealed by tests" in done.stdout


def test_verify_ends_with_1_and_names_the_tensor(model: Path) -> None:
    bundles.bit_flip(model.parent)
    done = typed("verify", model)
    assert done.exit_code == 1
    assert "BROKEN" in done.stdout
    assert "0 to 768" in done.stdout
    answer = told("verify", model)
    assert [row["name"] for row in answer["changed"]] == ["weight"]
    assert answer["changed"][0]["expected"] != answer["changed"][0]["found"]


def test_verify_exports_the_list_of_its_manifest(model: Path) -> None:
    assert typed("verify", model, "--export", model.with_name("sums")).exit_code == 0
    assert model.with_name("sums").read_text().count("  ") == 6


@pytest.mark.parametrize("verb", ["inspect", "seal", "verify"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "no such model", id="absent"),
        pytest.param(b"a text file\n", "", id="a text file"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_what_is_no_model_is_one_clear_line(
    tmp_path: Path, verb: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    done = typed(verb, path)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.startswith(f"harness: {path}")
    assert "Traceback" not in done.stderr


def test_the_pipeline_reads_what_was_sealed(tmp_path: Path) -> None:
    for file in REFERENCE.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    model = tmp_path / REFERENCE.name
    before = read_bundle(model)
    assert typed("seal", model).exit_code == 0
    after = read_bundle(model)
    assert after.manifest is not None
    assert before.manifest is not None
    assert after.manifest.text_channels == before.manifest.text_channels
    assert after.manifest.document["format"] == 2


def test_a_run_says_whether_the_files_it_measured_stayed_the_same(tmp_path: Path) -> None:
    project = make_project(tmp_path / "toy", {"hola": "hola"})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        settings = read_settings(Path("config/toy.yaml"))
        for change, holds in ((False, True), (True, False)):
            with recorded(settings, verb="load", runs=Path("runs"), say=lambda _: None) as run:
                if change:
                    with settings.model.open("ab") as file:
                        file.write(b"x")
            (seen,) = run.run.findings
            assert (seen.rule, seen.holds) == ("bytes_measured_are_bytes_hashed", holds)
    assert "model.onnx" in seen.detail
