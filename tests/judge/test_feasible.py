"""The least that a budget needs, by hand, and what may be claimed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from harness.judge.feasible import feasibility, prospects
from harness.judge.needs import needs_of
from harness.judge.verdicts import judge
from harness.records import Measurement, Outcome, Run, Statistic, Waiver
from harness.units import GB, MB, Unit
from tests.sample_run import budget, empty_run, measurement

MAX: dict[str, Any] = {"statistic": Statistic.MAX}
INFERENCE = budget("latency.inference", 0.200, Unit.SECONDS, title="Inference")
PEAK = budget("memory.peak", 4.65 * GB, Unit.BYTES, title="Memory, total", **MAX)
MODEL = budget("memory.ledger.model", 4.4 * GB, Unit.BYTES, title="Memory, model", **MAX)

# The production model of the specification, on two cores of a small server.
FULL = {
    "flops": 275_000_000_000,
    "int8_flops": 0,
    "weight_bytes": 4_300_000_000,
    "output_bytes": 2_013_265_920,
    "unknown": 0,
}
RATES = {"gemm_fp32": 200e9, "gemm_int8": 2500e9, "read": 43e9, "write": 20e9}


def run_of(
    *taken: Measurement,
    rates: Mapping[str, float] = RATES,
    cache: int = 0,
    **work: Any,
) -> Run:
    """Return a run of a model with `FULL` work, or with what `work` says instead."""
    measured = [
        Measurement(metric=f"host.{name}", unit=_unit(name), samples=(rate / 2, rate, rate / 3))
        for name, rate in rates.items()
    ]
    facts = {
        "work": {"model": "core.onnx", "graphs": {"core.onnx": {**FULL, **work}}},
        "host": {"cores": 2, "cache_bytes": cache},
    }
    return empty_run(measurements=(*measured, *taken), facts=facts)


def _unit(rate: str) -> Unit:
    return Unit.COMPUTE if rate.startswith("gemm") else Unit.BANDWIDTH


def timed(*seconds: float, metric: str = "latency.inference") -> tuple[Measurement, ...]:
    """Return the same samples from each of ten processes."""
    return tuple(measurement(metric, list(seconds) * 8, process) for process in range(10))


def weighed(*sizes: float, metric: str = "memory.peak") -> tuple[Measurement, ...]:
    return tuple(measurement(metric, [size], i, unit=Unit.BYTES) for i, size in enumerate(sizes))


def test_the_least_time_of_the_production_model_is_that_of_its_products() -> None:
    """275 Gop at 200 Gop/s: 1.375 s; 4.3 GB at 43 GB/s: 0.1 s; 2.01 GB at 20 GB/s: 0.101 s."""
    need = needs_of(run_of())["latency.inference"]
    assert need.least == pytest.approx(1.375)
    assert need.binds == "products"
    for words in ("275 Gop of fp32 at 200 Gop/s take 1.38 s", "take 100 ms", "take 101 ms"):
        assert words in need.arithmetic


@pytest.mark.parametrize(
    ("changed", "least", "binds", "why"),
    [
        ({"flops": 1}, 2_013_265_920 / 20e9, "writing the output", "nothing to compute"),
        (
            {"flops": 1, "output_bytes": 1},
            4.3e9 / 43e9,
            "reading the weights",
            "nothing to put out either",
        ),
        ({"int8_flops": 275_000_000_000}, 0.11, "products", "all of it in int8"),
        (
            {"int8_flops": 75_000_000_000},
            1.0 + 0.03,
            "products",
            "both kinds need the same cores: their times add up",
        ),
    ],
)
def test_the_longest_of_three_binds(
    changed: dict[str, Any], least: float, binds: str, why: str
) -> None:
    need = needs_of(run_of(**changed))["latency.inference"]
    assert need.least == pytest.approx(least), why
    assert need.binds == binds, why


def test_what_the_last_cache_can_keep_is_not_counted() -> None:
    work: dict[str, Any] = {"flops": 1, "output_bytes": 1_000, "weight_bytes": 100_000_000}
    kept = needs_of(run_of(cache=100_000_000, **work))["latency.inference"]
    assert kept.least == pytest.approx(0, abs=1e-9)
    assert "may stay in the last cache" in kept.arithmetic
    half = needs_of(run_of(cache=57_000_000, **work))["latency.inference"]
    assert half.least == pytest.approx(43_000_000 / 43e9)


def test_one_core_times_the_cores_counts_where_the_machine_was_busy() -> None:
    rates = {**RATES, "gemm_fp32": 50e9, "gemm_fp32_core": 100e9}
    assert needs_of(run_of(rates=rates))["latency.inference"].least == pytest.approx(1.375)


def test_the_specification_s_budgets_are_infeasible_in_fp32_with_the_whole_output() -> None:
    run = run_of(*timed(1.7), *weighed(6.2 * GB + 2e8, 6.4e9, 6.4e9))
    time, memory, model = feasibility((INFERENCE, PEAK, MODEL), run)
    assert (time.infeasible, memory.infeasible, model.infeasible) == (True, True, False)
    assert time.times_least == pytest.approx(1.7 / 1.375)
    assert memory.need.least == pytest.approx(4_300_000_000 + 2_013_265_920)
    assert time.way_out == "Way out: weights of 8 bits (at least 110 ms)."
    assert memory.way_out.startswith(
        "Way out: the output cut to what is read of it (at least 4.30 GB), or weights of 8 bits "
        "(at least 3.09 GB), or both (at least 1.07 GB)."
    )
    assert "may drop them, at the price of reading them from the disk again" in memory.way_out


def test_where_no_change_of_the_graph_helps_that_is_said() -> None:
    slow = {**RATES, "gemm_int8": 300e9}
    (found,) = feasibility((INFERENCE,), run_of(rates=slow))
    assert found.way_out.startswith("No way out is known here: even with")
    assert "it needs 917 ms" in found.way_out


def test_a_missed_budget_that_nothing_could_keep_is_infeasible_with_the_arithmetic() -> None:
    verdict = judge(INFERENCE, run_of(*timed(1.7)))
    assert verdict.outcome is Outcome.INFEASIBLE
    assert verdict.value == 1.7
    for words in ("needs at least 1.38 s on this machine", "Way out:", "missed by"):
        assert words in verdict.sentence


@pytest.mark.parametrize(
    ("run", "outcome", "why"),
    [
        (run_of(*timed(1.7), flops=20_000_000_000), Outcome.FAIL, "0.1 s would be possible"),
        (run_of(*timed(0.1)), Outcome.PASS, "a pass stays one, whatever was counted"),
        (run_of(*timed(1.7, 1.3)), Outcome.FAIL, "one sample was below the least"),
        (run_of(*timed(1.7), rates={}), Outcome.FAIL, "the machine's rates are not known"),
        (run_of(*timed(1.7)[:1]), Outcome.INFEASIBLE, "too few runs to prove what is impossible"),
        (run_of(), Outcome.NOT_MEASURED, "nothing was measured: that comes first"),
        (
            empty_run(measurements=timed(1.7)),
            Outcome.FAIL,
            "a run of an older harness counted no work",
        ),
    ],
)
def test_infeasible_is_claimed_only_where_it_is_shown(run: Run, outcome: Outcome, why: str) -> None:
    assert judge(INFERENCE, run).outcome is outcome, why


def test_a_sample_below_the_least_is_an_error_of_the_harness() -> None:
    """It holds for every time that an inference is part of, for the least is the same."""
    run = run_of(*timed(1.3), *timed(1.7, metric="latency.end_to_end"))
    whole = replace(INFERENCE, metric="latency.end_to_end", title="End to end")
    for found in feasibility((INFERENCE, whole), run):
        assert found.refuted
        assert not found.infeasible
        assert "a sample of 1.3" in found.sentence
        assert "an error of this harness" in found.sentence


def test_the_least_itself_is_not_below_it() -> None:
    (found,) = feasibility((INFERENCE,), run_of(*timed(1.375)))
    assert not found.refuted


def test_libraries_are_held_beside_weights_and_output() -> None:
    libraries = weighed(50 * MB, 52 * MB, metric="memory.libraries")
    needs = needs_of(run_of(*libraries))
    assert needs["memory.peak"].least == 4_300_000_000 + 2_013_265_920 + 50 * MB
    assert needs["memory.steady"].least == 4_300_000_000 + 50 * MB, "its output may be gone"


def test_a_waiver_covers_what_is_infeasible_too() -> None:
    waived = replace(INFERENCE, waiver=Waiver(reason="a new machine comes", expires="2099-01-01"))
    verdict = judge(waived, run_of(*timed(1.7)))
    assert verdict.outcome is Outcome.WAIVED
    assert verdict.sentence.startswith("INFEASIBLE, waived until 2099-01-01")


def test_before_anything_is_measured_a_budget_is_open_or_infeasible() -> None:
    speech = budget("accuracy.wer.es_synthetic", 0.03, Unit.RATIO, statistic=Statistic.RATE)
    found = prospects((INFERENCE, MODEL, speech), run_of())
    assert [v.outcome for v in found] == [Outcome.INFEASIBLE, Outcome.NOT_MEASURED]
