"""What the page says of the inside of an inference, and of single functions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.operators import inference_of
from harness.records import Run
from harness.report import function_rows, operator_rows
from harness.report.names import NONE
from harness.report.operator_figure import operator_picture
from harness.report.page import page
from harness.units import Unit
from tests.judge.test_operators import ran, run_of, session, work
from tests.sample_run import empty_run, measurement

NODES = (ran("/a/MatMul", "MatMul", 0.006), ran("/b", "Add", 0.0015))
GRAPH = [work("/a/MatMul", "MatMul", 12e6), work("/b", "Add", 0)]


def profiled(*, known: bool) -> Run:
    run = run_of(session("core.onnx", [0.010, 0.010], *NODES), graph=GRAPH if known else None)
    ceilings = (
        measurement("host.gemm_fp32", [3.9e9, 4e9], unit=Unit.COMPUTE),
        measurement("host.read", [40e9], unit=Unit.BANDWIDTH),
        measurement("latency.inference", [0.009]),
    )
    return replace(run, measurements=ceilings) if known else run


def test_rates_stand_beside_the_ceilings_of_the_host() -> None:
    """Worked by hand: 12 Mop in 6 ms are 2 Gop/s, half of 4; 120 MB in 6 ms are 20 GB/s."""
    first, second, between = operator_rows.operator_rows(profiled(known=True))
    assert (first.title, first.calls, first.time, first.share) == ("MatMul", "1", "6 ms", "60.00 %")
    assert (first.compute, first.of_compute) == ("2 Gop/s", "50.00 %")
    assert (first.bandwidth, first.of_bandwidth) == ("20 GB/s", "50.00 %")
    assert (second.compute, second.of_compute) == (NONE, NONE), "an addition of no numbers"
    assert (between.title, between.share) == (operator_rows.BETWEEN, "25.00 %")
    assert (between.calls, between.compute, between.bandwidth) == (NONE, NONE, NONE)


def test_without_the_work_of_the_graph_the_times_are_still_there() -> None:
    rows = operator_rows.operator_rows(profiled(known=False))
    assert [row.share for row in rows] == ["60.00 %", "15.00 %", "25.00 %"]
    assert {(row.compute, row.of_compute, row.bandwidth) for row in rows} == {(NONE, NONE, NONE)}
    assert "known for 0.00 % of the kernel time" in operator_rows.operator_method(
        profiled(known=False)
    )


def test_the_sentence_and_the_method_say_what_the_figures_are_worth() -> None:
    run = profiled(known=True)
    assert operator_rows.operator_sentence(run) == (
        "MatMul takes 60.00 % of the inference of 10 ms. Kernels take 75.00 % of it; the rest is "
        "what onnxruntime does between them."
    )
    method = operator_rows.operator_method(run)
    assert "2 warm runs of core.onnx" in method
    assert "0 of 2 requests were disturbed from outside." in method
    assert "Without the profile, an inference takes 9 ms at the median." in method
    assert "known for 100.00 % of the kernel time" in method


@pytest.mark.parametrize("most", [1, 3, 30])
def test_the_parts_of_an_inference_are_the_whole_of_it(most: int) -> None:
    nodes = [ran(f"/{i}", f"Op{i}", 0.001 * (i + 1)) for i in range(20)]
    found = inference_of(run_of(session("core.onnx", [0.3, 0.3], *nodes)))
    assert found is not None
    parts = operator_rows.parts_of(found, most)
    assert sum(part.seconds for part in parts) == pytest.approx(found.wall)
    assert len(parts) == min(most + 2, 21)


def test_kernels_that_run_side_by_side_share_their_own_sum() -> None:
    found = run_of(session("core.onnx", [0.005, 0.005], *NODES))
    assert [row.share for row in operator_rows.operator_rows(found)] == [
        "80.00 %",
        "20.00 %",
        "0.00 %",
    ]


def test_the_page_shows_operators_nodes_and_sessions() -> None:
    html = page(profiled(known=True), ())
    part = html[html.index('<section id="operators">') :]
    assert part.index('class="says"') < part.index("<figure>") < part.index("<table")
    for told in ("60.00 %", "/a/MatMul", "core.onnx", "2 Gop/s"):
        assert told in part


def test_a_run_without_a_profile_has_no_such_section() -> None:
    assert operator_picture(empty_run()) is None
    html = page(empty_run(), ())
    assert 'id="operators"' not in html
    assert 'id="functions"' not in html


def test_a_function_is_shown_with_its_rounds_and_what_a_round_does() -> None:
    taken = measurement("function.log_mel", [0.003, 0.001, 0.002], note="Compute the features.")
    run = empty_run(measurements=(taken,))
    (row,) = function_rows.function_rows(run)
    assert (row.title, row.about, row.rounds) == ("Log mel", "Compute the features.", "3")
    assert (row.p50, row.lowest, row.highest) == ("2 ms", "1 ms", "3 ms")
    assert "They gate nothing" in page(run, ())
