"""What the page and the terminal say of the machine."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

from harness.judge.verdicts import judge_all
from harness.records import Run
from harness.report.feasible_table import feasible_table
from harness.report.page import page
from harness.report.roof_figure import roof_picture
from harness.report.roof_rows import ceiling_text, need_rows, work_text
from harness.report.tables import WIDTH
from harness.report.terminal import closing_table
from tests.judge.test_feasible import INFERENCE, MODEL, PEAK, RATES, run_of, timed, weighed
from tests.report.test_page import read
from tests.sample_run import empty_run

BUDGETS = (INFERENCE, PEAK, MODEL)
BUFFERS = {"threads": 0, "cores": 2, "cache_bytes": 0, "buffer_bytes": 134217728, "seconds": 4.1}


def full_run(*, rates: dict[str, float] = RATES, seconds: float = 1.7) -> Run:
    run = run_of(*timed(seconds), *weighed(6.4e9, 6.4e9, 6.4e9), rates=rates)
    return replace(run, facts={**run.facts, "host": BUFFERS})


def test_the_page_says_what_the_machine_allows() -> None:
    run = full_run()
    text = read(page(run, judge_all(BUDGETS, run))).text
    for fact in (
        "What this machine allows One inference is 275 Gop, on 4.30 GB of weights",
        "Inference p95 ≤ 200 ms 1.38 s products 1.70 s 1.24 × INFEASIBLE",
        "Memory, model max ≤ 4.40 GB 4.30 GB weights – – FEASIBLE",
        "Inference: INFEASIBLE. Way out: weights of 8 bits (at least 110 ms).",
        "fp32 products 200 Gop/s 100 Gop/s 3",
        "Threads: one per core. Measured in 4.10 s between buffers of 134 MB",
    ):
        assert fact in text


def test_a_page_without_rates_and_work_has_no_such_section() -> None:
    assert 'id="roof"' not in page(empty_run(), ())


def test_a_sample_below_the_least_is_a_doubt_on_the_page_and_in_the_terminal() -> None:
    run = full_run(seconds=1.3)
    verdicts = judge_all(BUDGETS, run)
    assert "an error of this harness" in read(page(run, verdicts)).text
    assert "DOUBT  Inference: a sample of 1.30 s is below the least" in closing_table(run, verdicts)
    (row, *_) = need_rows(BUDGETS, run)
    assert row.outcome == "NOT PROVEN"


def test_the_table_fits_a_log_and_says_each_least_once() -> None:
    text = feasible_table(full_run(), BUDGETS)
    assert text.startswith("INFEASIBLE  reference: 2 of 3 limits")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.count("275 Gop of fp32") == 1
    easy = feasible_table(full_run(), (MODEL,))
    assert easy.startswith("FEASIBLE  reference: no limit is below the least")


def test_the_roofline_shows_both_roofs_and_the_median_inference() -> None:
    picture = roof_picture(full_run())
    assert picture is not None
    assert picture.sentence.startswith("The median inference computes 162 Gop/s: 80.88 %")
    for uri in (picture.wide, picture.narrow):
        svg = base64.b64decode(uri.partition(",")[2]).decode()
        for words in ("fp32 200 Gop/s", "int8 2.50 Top/s", "operations per byte", "1 Top/s"):
            assert words in svg
        body = svg.split("</style>", 1)[1]
        assert re.findall(r"#[0-9a-f]{6}\b", body) == [], "every colour is a variable"


def test_without_an_inference_the_roof_stands_alone() -> None:
    picture = roof_picture(run_of())
    assert picture is not None
    assert "median inference" not in base64.b64decode(picture.wide.partition(",")[2]).decode()
    assert roof_picture(run_of(rates={})) is None


def test_a_busy_machine_and_unknown_work_are_said() -> None:
    busy = {**RATES, "gemm_fp32": 60e9, "gemm_fp32_core": 100e9}
    assert "The machine was busy: its cores reached 30.00 %" in ceiling_text(full_run(rates=busy))
    quiet = {**RATES, "gemm_fp32_core": 100e9}
    assert "busy" not in ceiling_text(full_run(rates=quiet))
    assert "The work of 3 nodes is not known" in work_text(run_of(unknown=3))
