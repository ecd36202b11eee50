"""Config: what a person wrote is read strictly, and a mistake is named with its nearest word."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.budgets import UNITS, BudgetRow, metrics, read_budgets
from harness.config import model_path, read_settings
from harness.errors import ConfigError
from harness.records import Budget, Statistic, Waiver
from harness.strict import read_yaml
from harness.suite import read_suite
from harness.units import Unit

CONFIG = Path(__file__).parents[1] / "config"


def edited(folder: Path, name: str, old: str, new: str) -> Path:
    """Copy the project's config into `folder` with one change, and return the changed file."""
    for file in CONFIG.glob("*.yaml"):
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return folder / name


def test_a_row_is_read_into_si_units(tmp_path: Path) -> None:
    file = tmp_path / "budgets.yaml"
    file.write_text(
        "bundles:\n  small:\n"
        "    - {metric: memory.peak, statistic: max, at_most: 4.65, unit: GB, title: Total,\n"
        "       waiver: {reason: prepacking copies, expires: 2027-01-31}}\n"
    )
    assert read_budgets(file, "small", ["memory.peak"]) == (
        Budget(
            metric="memory.peak",
            statistic=Statistic.MAX,
            limit=4_650_000_000,
            unit=Unit.BYTES,
            at_most=True,
            title="Total",
            waiver=Waiver(reason="prepacking copies", expires="2027-01-31"),
        ),
    )


@pytest.mark.parametrize("bundle", ["reference", "sarai"])
def test_the_project_s_own_config_is_right(bundle: str) -> None:
    settings = read_settings(CONFIG / f"{bundle}.yaml")
    assert settings.bundle == bundle
    assert {"latency.end_to_end", "memory.peak"} <= {row.metric for row in settings.budgets}


def test_the_product_s_budgets_are_the_specified_ones() -> None:
    rows = read_settings(CONFIG / "sarai.yaml").budgets
    assert {row.metric: row.limit for row in rows} == pytest.approx(
        {
            "latency.load_warm": 5.0,
            "latency.first_result": 5.0,
            "latency.audio_to_codes": 0.1,
            "latency.inference": 0.2,
            "latency.post_processing": 0.05,
            "latency.end_to_end": 0.35,
            "latency.unattributed": 0.001,
            "memory.peak": 4_650_000_000,
            "memory.load_peak": 4_650_000_000,
            "memory.first_run_peak": 4_650_000_000,
            "memory.steady": 4_650_000_000,
            "memory.ledger.model": 4_400_000_000,
            "memory.ledger.runtime": 200_000_000,
            "memory.ledger.audio": 50_000_000,
            "accuracy.wer.es_synthetic": 0.03,
            "accuracy.end_to_end": 0.9,
            "quality.tts_mos": 4.0,
        }
    )


def test_quick_changes_only_what_it_names() -> None:
    full, quick = (read_suite(CONFIG / "suite.yaml", quick=quick) for quick in (False, True))
    assert quick.latency.processes < full.latency.processes
    assert quick.latency.set == full.latency.set
    assert full.latency.extend is not None
    assert quick.latency.extend is None, "a whole section can be taken out"
    assert quick.stages == full.stages


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        pytest.param(
            "processes: 10,", "procesess: 10,", "latency: unknown key 'procesess'. Did you mean "
            "'processes'?", id="a misspelt key names its section and the nearest key",
        ),
        pytest.param(
            "seed:", "sead:", "unknown key 'sead'. Did you mean 'seed'?", id="at the top too"
        ),
        pytest.param(
            "{processes: 6, repeats: 3,", "{process: 6,", "with `quick` applied, latency: unknown "
            "key 'process'", id="quick is checked although it was not asked for",
        ),
        pytest.param(
            "processes: 10,", "processes: ten,", "latency.processes", id="a word for a number"
        ),
        pytest.param("processes: 10,", "processes: 0,", "Got 0", id="no process measures nothing"),
        pytest.param("most: 50", "most: 9", "extend.most: 9 is less than", id="most below first"),
        pytest.param("most: 50", "mst: 50", "Did you mean 'most'?", id="a misspelt extension"),
        pytest.param(
            "[decode_audio,", "[decode_adio,", "Did you mean 'decode_audio'?", id="a leaf that is "
            "no stage",
        ),
        pytest.param("factory:", "# factory:", "factory: Field required", id="a key left out"),
        pytest.param("stages:", "stages: [", "cannot be read as YAML", id="not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_suite_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    file = edited(tmp_path, "suite.yaml", old, new)
    with pytest.raises(ConfigError) as raised:
        read_settings(tmp_path / "reference.yaml")
    assert str(file) in str(raised.value)
    assert named in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        pytest.param(
            "metric: memory.peak", "metric: memory.peek", "sarai: unknown metric 'memory.peek'. "
            "Did you mean 'memory.peak'?", id="a misspelt metric, in another bundle's rows",
        ),
        pytest.param(
            "es_synthetic", "es_sintetic", "accuracy.wer.es_synthetic", id="a set of no suite"
        ),
        pytest.param("statistic: max", "statistic: p96", "Got 'p96'", id="unknown statistic"),
        pytest.param("unit: GB", "unit: GiB", "unknown unit 'GiB'", id="unknown unit"),
        pytest.param("at_most: 5,", "", "one limit", id="no limit at all"),
        pytest.param("at_most: 5,", "at_most: 5, at_least: 4,", "one limit", id="two limits"),
        pytest.param("at_most: 5,", "atmost: 5,", "Did you mean 'at_most'?", id="misspelt limit"),
        pytest.param("  reference:", "  refrence:", "no budgets for the bundle 'reference'",
                     id="a bundle without budgets"),
        pytest.param(
            "at_most: 4.65,", "at_most: 4.65, or_share: 5,", "or_share is of the time of a request",
            id="a share of time for bytes",
        ),
        pytest.param(
            "at_most: 5,", "at_least: 5, or_share: 5,", "give at_most", id="a share of a minimum",
        ),
        pytest.param(
            "at_most: 4.65,", "at_most: 4.65, scaled: true,", "scaled is for times",
            id="bytes do not depend on the machine's speed",
        ),
        pytest.param("yardstick_ms: 5.6", "", "give yardstick_ms", id="scaled by nothing"),
        pytest.param(
            "at_most: 5,", "at_most: 5, waiver: {reason: x, expires: soon},", "waiver.expires",
            id="a waiver needs a date",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_the_budgets_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    file = edited(tmp_path, "budgets.yaml", old, new)
    with pytest.raises(ConfigError) as raised:
        read_settings(tmp_path / "reference.yaml")
    assert str(file) in str(raised.value)
    assert named in str(raised.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("audio_omni: {name: x}", "audio_omni.model_path", id="no model named"),
        pytest.param("[1, 2]", "expected keys at the top, got list", id="a list"),
        pytest.param("", "got NoneType", id="an empty file"),
        pytest.param("a: b: c", "cannot be read as YAML", id="not YAML"),
    ],
)
def test_a_config_that_names_no_model_is_refused(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=named):
        model_path(file, read_yaml(file), "audio_omni.model_path")


def test_an_absent_config_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.yaml: no such file\. Run from the project"):
        read_settings(tmp_path / "mine.yaml")


def test_every_stage_can_have_a_budget_for_time_and_memory() -> None:
    known = metrics(read_suite(CONFIG / "suite.yaml"))
    assert {"latency.log_mel", "memory.stage.log_mel.peak"} <= set(known)
    assert len(known) == len(set(known))


@given(
    limit=st.floats(min_value=0, max_value=1e6),
    unit=st.sampled_from(sorted(UNITS)),
    at_most=st.booleans(),
)
def test_a_limit_survives_the_way_to_si_units(limit: float, unit: str, at_most: bool) -> None:
    row = {"metric": "m", "statistic": "max", "unit": unit, "title": "t"}
    row["at_most" if at_most else "at_least"] = limit  # type: ignore[assignment]
    budget = BudgetRow.model_validate(yaml.safe_load(yaml.safe_dump(row))).budget(None)
    assert budget.limit / UNITS[unit][0] == pytest.approx(limit)
    assert budget.at_most is at_most


@pytest.mark.parametrize("rate", ["wer_greedy", "cer", "ser", "catastrophes"])
def test_a_budget_may_be_about_every_rate_of_a_set(tmp_path: Path, rate: str) -> None:
    edited(tmp_path, "budgets.yaml", "accuracy.wer.es_synthetic", f"accuracy.{rate}.es_synthetic")
    rows = read_settings(tmp_path / "sarai.yaml").budgets
    assert f"accuracy.{rate}.es_synthetic" in {row.metric for row in rows}
