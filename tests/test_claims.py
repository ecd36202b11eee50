"""Claims as data, and `harness validate` on a project that makes some."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.budgets import metrics
from harness.claims import read_claims
from harness.cli import main
from harness.config import read_settings
from harness.errors import ConfigError
from harness.store import find_run, read_run
from harness.suite import read_suite
from tests.toy_project import ROOT, SUITE, make_project

SOAK = """
soak: {sets: [timed], clips: 2, processes: 1, rounds: 5, warmup: 1, growth_bytes: 1, timeout_s: 60}
bundles: {toy: {accuracy: {clips: 5}}}
"""
CLAIMS = """
bundles:
  toy:
    starts: 3
    timeout_s: 60
    tests: [shapes.py, broken.py]
    rows:
      - {text: Loads at once, metric: latency.load_warm, at_most: 5, unit: s}
      - {text: No leaks, metric: soak.growth, statistic: mean, at_most: 1, unit: MB}
      - {text: Shapes, test: shapes, prints: ["[1, 16, 128]"]}
      - {text: All is well, test: broken}
"""


def make(folder: Path) -> Path:
    project = make_project(folder, {f"hola {n}": f"hola {n}" for n in range(6)})
    (project / "config/suite.yaml").write_text(SUITE + SOAK)
    (project / "config/claims.yaml").write_text(CLAIMS)
    (project / "shapes.py").write_text("import toy_pipeline\nprint([1, 16, 128])\n")
    (project / "broken.py").write_text("raise SystemExit('nothing is well')\n")
    return project


def validate(folder: Path, *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, ["validate", "--config", "config/toy.yaml", *words])


def test_a_validate_measures_what_is_claimed_and_only_the_tests_gate(tmp_path: Path) -> None:
    project = make(tmp_path / "toy")
    done = validate(project, "-k", "product or quality", "--json")
    assert done.exit_code == 1, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    words = {claim["claim"]: claim["word"] for claim in told["claims"]}
    assert words["Shapes"] == "CONFIRMED"
    assert words["All is well"] == "REFUTED"
    assert set(words) == {"Loads at once", "No leaks", "Shapes", "All is well"}
    assert "NOT MEASURABLE" not in words.values()
    broken = [f for f in told["findings"] if not f["holds"]]
    assert [(f["area"], f["rule"]) for f in broken] == [("product", "broken")]
    assert "nothing is well" in broken[0]["detail"]
    run = read_run(find_run(project / "reports/runs", "latest"))
    assert len(run.transcripts) == 5, "the suite has values of its own for this bundle"
    html = (project / told["page"]).read_text("utf-8")
    assert '<section id="claims">' in html
    assert "words 5 of 6 clips" in html
    full = validate(project, "-k", "quality", "--full", "--json")
    assert full.exit_code == 3, full.stderr
    assert len(read_run(find_run(project / "reports/runs", "latest")).transcripts) == 6


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("metric: soak.growth", "metric: soak.grow", "unknown metric 'soak.grow'"),
        ("test: broken", "test: broke", "unknown test 'broke'. Did you mean 'broken'?"),
        ("test: broken}", "test: broken, at_most: 3}", "a claim is about one of them"),
        ("unit: MB", "unit: MiB", "unknown unit 'MiB'"),
        ("starts: 3", "starts: 2", "starts"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_named(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file, suite = tmp_path / "claims.yaml", read_suite(ROOT / "config/suite.yaml")
    assert old in CLAIMS
    file.write_text(CLAIMS.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        read_claims(file, "toy", suite, metrics(suite))
    assert str(file) in str(caught.value)
    assert said in str(caught.value)


def test_the_product_s_claims_are_about_sarai_alone() -> None:
    claims = read_settings(ROOT / "config/sarai.yaml").claims
    assert claims is not None
    assert all((ROOT / test).is_file() for test in claims.tests)
    assert read_settings(ROOT / "config/sarai.frames.yaml").claims is None


def test_a_bundle_s_own_values_are_named_and_checked(tmp_path: Path) -> None:
    project = make(tmp_path / "toy")
    suite = project / "config/suite.yaml"
    assert read_suite(suite, bundle="toy").accuracy.clips == 5
    assert read_suite(suite).accuracy.clips is None
    suite.write_text(SUITE + SOAK.replace("clips: 5", "clipz: 5"))
    with pytest.raises(ConfigError, match=r"with `bundles.toy` applied, accuracy: unknown key"):
        read_suite(suite)
    suite.write_text(SUITE + SOAK.replace("{toy:", "{toi:"))
    with pytest.raises(ConfigError, match=r"'toi' has no rows in .*Did you mean 'toy'"):
        read_settings(project / "config/toy.yaml")


def test_eighty_runs_and_sixty_clips_are_left_of_the_product_s_bench() -> None:
    suite = read_settings(ROOT / "config/sarai.yaml").suite
    assert suite.latency.processes * suite.latency.repeats == 80
    assert suite.latency.extend is None
    assert (suite.accuracy.clips, suite.accuracy.reported) == (60, ())
    assert read_settings(ROOT / "config/sarai.yaml", full=True).suite.accuracy.clips is None
