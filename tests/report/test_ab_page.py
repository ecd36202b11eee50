"""What a person sees of an A/B run: rows, sentences, the table, the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.arms import judge_sides
from harness.judge.change import Word
from harness.records import Run
from harness.report.ab_figure import ab_picture
from harness.report.ab_rows import ab_headline, ab_rows, answer_sentence, apart_text, side_rows
from harness.report.ab_table import ab_table
from harness.report.page import page
from tests.sample_ab import SIDES, ab_run
from tests.sample_run import empty_run, measurement


def test_what_decides_comes_first_and_is_written_as_changes() -> None:
    run = ab_run(slower=1.2)
    other = tuple(measurement("latency.log_mel", [1.0], n, arm="a") for n in range(6))
    rows = ab_rows(judge_sides(replace(run, measurements=(*run.measurements, *other))))
    assert [row.title for row in rows if row.gated] == [
        *("End to end", "Inference", "Load, warm", "Whole process, peak", "WER es_synthetic")
    ]
    assert float(rows[0].ratio.removesuffix(" %")) == pytest.approx(20, abs=0.5)
    assert rows[0].interval.startswith("+")
    assert (rows[0].word, rows[0].style) == (Word.SLOWER, "fail")
    assert (rows[4].ratio, rows[4].control) == ("+0.00 %", "–")
    log_mel = next(row for row in rows if row.title == "Log-mel")
    assert (log_mel.a, log_mel.ratio, log_mel.word) == ("–", "–", Word.UNKNOWN)
    assert "0 of 3 rounds" in log_mel.note


def test_the_sentence_names_what_is_worse_before_what_is_better() -> None:
    run = ab_run(slower=0.8, heavier=1.2)
    told = answer_sentence(run, judge_sides(run))
    assert told.startswith("b against a. More: Whole process, peak +")
    assert told.index("More:") < told.index("Faster:") < told.index("No difference shown:")


def test_what_differs_between_the_sides_is_said() -> None:
    assert apart_text(ab_run()) == "What differs: config: 11 in a, 22 in b."
    newer = {**SIDES["b"], "config": "11", "packages": {"python": "3.11.2", "onnxruntime": "1.33"}}
    run = replace(ab_run(), facts={"sides": {"a": SIDES["a"], "b": newer}})
    assert apart_text(run) == "What differs: onnxruntime: 1.32.0 in a, 1.33 in b."
    same = replace(ab_run(), facts={"sides": {"a": SIDES["a"], "b": SIDES["a"]}})
    assert "this is an A/A comparison" in apart_text(same)
    assert side_rows(run)[0].commit == "0123456789ab + changes"


@pytest.mark.parametrize(
    ("run", "word", "style"),
    [
        (ab_run(), "NO DIFFERENCE SHOWN", "pass"),
        (ab_run(slower=1.2), "WORSE", "fail"),
        (ab_run(rounds=2), "CANNOT TELL", "not-proven"),
        (replace(empty_run(), verb="ab"), "CANNOT TELL", "not-proven"),
    ],
)
def test_table_and_page_open_with_the_answer(run: Run, word: str, style: str) -> None:
    drawn, told = page(run, ()), ab_table(run, judge_sides(run))
    assert f"<h1>{word}</h1>" in drawn
    assert f"{word}  b against a." in told
    assert (ab_headline(run).word, ab_headline(run).style) == (word, style)
    assert max(map(len, told.splitlines())) <= 100


def test_the_picture_shows_every_ratio_and_none_without_one() -> None:
    assert ab_picture(judge_sides(ab_run(slower=1.2))) is not None
    assert ab_picture(judge_sides(ab_run(rounds=2))) is None
