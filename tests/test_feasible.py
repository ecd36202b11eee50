"""`harness feasible` on the product's own config, budgets and shapes; and on what is broken."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.config import read_settings
from harness.errors import ConfigError
from harness.records import Outcome
from harness.store import find_run, read_run
from tests.integrity import stand_in
from tests.toy_project import ROOT, make_project

MODEL = "models/onnx/agi_audio_core.onnx"


def product(folder: Path) -> Path:
    """Write the product's config and the graph of its model, without the 4.3 GB of data.

    One thread, so that no machine there is computes quick enough.
    """
    shutil.copytree(ROOT / "config", folder / "config")
    quick = (folder / "config/suite.yaml").read_text().replace("{seconds: 4}", "{seconds: 0.2}")
    (folder / "config/suite.yaml").write_text(quick)
    with open(folder / "config/sarai.yaml", "a") as file:
        file.write("  intra_op_threads: 1\n")
    (folder / MODEL).parent.mkdir(parents=True)
    stand_in.write(folder / MODEL, data=False)
    return folder


def run(folder: Path, *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, ["feasible", *words])


def test_200_ms_and_4650_mb_cannot_be_kept_in_fp32_with_the_whole_output(tmp_path: Path) -> None:
    folder = product(tmp_path)
    done = run(folder, "--config", "config/sarai.yaml", "--json")
    assert done.exit_code == 1, done.stderr
    told = json.loads(done.stdout)
    rows = {row["budget"]["metric"]: row for row in told["budgets"]}
    assert rows["latency.inference"]["infeasible"]
    assert rows["latency.inference"]["need"]["least"] > 0.2
    assert rows["memory.peak"]["infeasible"]
    assert rows["memory.peak"]["need"]["least"] == pytest.approx(6.313e9, rel=1e-3)
    assert not rows["memory.ledger.model"]["infeasible"]
    assert "the output cut" in rows["memory.peak"]["way_out"]
    stored = read_run(find_run(folder / "reports/runs", "latest"))
    assert stored.complete
    assert stored.verb == "feasible"
    page = (folder / "reports/runs" / stored.id / "page.html").read_text("utf-8")
    assert Outcome.INFEASIBLE in page
    assert any("agi_audio_core.onnx.data: absent" in doubt for doubt in stored.doubts)
    again = run(folder, "--run", "latest")
    assert again.exit_code == 1
    assert "INFEASIBLE  sarai: " in again.stdout


def test_a_stored_run_of_it_is_drawn_again_as_it_was(tmp_path: Path) -> None:
    folder = product(tmp_path)
    assert run(folder, "--config", "config/sarai.yaml").exit_code == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(main, ["report", "latest", "--json"])
    outcomes = {v["budget"]["metric"]: v["outcome"] for v in json.loads(done.stdout)["verdicts"]}
    assert outcomes["memory.peak"] == "INFEASIBLE"
    assert outcomes["memory.ledger.model"] == "NOT MEASURED"


def test_a_bench_says_it_of_what_it_measured(tmp_path: Path) -> None:
    budgets = """
bundles:
  toy:
    - {metric: memory.steady, statistic: max, at_most: 5, unit: kB, title: Memory}
"""
    folder = make_project(tmp_path / "toy", {"hola": "hola"}, budgets=budgets)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        words = ["bench", "--config", "config/toy.yaml", "-k", "memory", "--json"]
        done = CliRunner().invoke(main, words)
    found = {v["budget"]["metric"]: v for v in json.loads(done.stdout)["verdicts"]}
    assert found["memory.steady"]["outcome"] == "INFEASIBLE", "its libraries alone take more"
    assert "At once: libraries" in found["memory.steady"]["sentence"]
    stored = read_run(find_run(folder / "reports/runs", "latest"))
    assert {m.metric for m in stored.measurements} >= {"host.read", "host.gemm_fp32"}
    assert stored.facts["host"]["seconds"] > 0


def test_without_a_graph_there_is_nothing_to_say(tmp_path: Path) -> None:
    folder = product(tmp_path)
    (folder / MODEL).unlink()
    done = run(folder, "--config", "config/sarai.yaml")
    assert done.exit_code == 2
    assert "Its graph is needed" in done.stderr


@pytest.mark.parametrize("value", ["two", "-1", "true", "1.5"])
def test_a_number_of_threads_that_is_none_names_file_and_key(tmp_path: Path, value: str) -> None:
    folder = product(tmp_path)
    config = folder / "config/sarai.yaml"
    config.write_text(
        config.read_text().replace("intra_op_threads: 1", f"intra_op_threads: {value}")
    )
    with pytest.raises(ConfigError, match=r"sarai.yaml.*threads at 'audio_omni.intra_op_threads'"):
        read_settings(config)


def test_the_threads_are_those_of_the_config(tmp_path: Path) -> None:
    folder = product(tmp_path)
    assert read_settings(folder / "config/sarai.yaml").threads == 1
    assert read_settings(ROOT / "config/sarai.yaml").threads == 0, "absent: one per core"
