"""One example by hand: what each view makes of the same two clips, and how far it is off."""

from __future__ import annotations

import pytest

from harness.accuracy.text import GATED, View
from harness.accuracy.wer import Counts
from harness.judge.views import view_gap
from harness.report.page import page
from harness.report.view_rows import view_table
from tests.sample_run import empty_run, transcript

CLIPS = (
    transcript("Pon la 5, Ana.", "pon la cinco Ana", clip="a"),
    transcript("Sí, dijo él.", "Si dijo él.", clip="b"),
)
RUN = empty_run(transcripts=CLIPS)


def test_every_view_is_counted_and_its_gap_is_from_the_gated_one() -> None:
    found = {
        score.view: (score.counts.errors, score.counts.length)
        for score in view_gap(RUN, "es_synthetic")
    }
    assert found == {
        View.NUMBERS: (1, 7),  # sí
        View.STRICT: (2, 7),  # sí, 5
        View.LENIENT: (1, 7),  # 5
        View.CASED: (2, 7),  # Sí, Pon
        View.PUNCTUATED: (4, 11),  # sí and three marks
    }
    gaps = {score.view: score.gap for score in view_gap(RUN, "es_synthetic")}
    assert gaps[View.NUMBERS] == 0
    assert gaps[View.STRICT] == pytest.approx(1 / 7)
    assert gaps[View.PUNCTUATED] == pytest.approx(4 / 11 - 1 / 7)


def test_the_gated_view_stands_first_and_a_set_that_was_not_heard_has_none() -> None:
    assert view_gap(RUN, "es_synthetic")[0].view is GATED
    assert len(view_gap(RUN, "es_synthetic")) == len(View)
    assert view_gap(RUN, "another") == ()


def test_silence_has_counts_and_no_gap() -> None:
    silent = empty_run(transcripts=(transcript("", "eh"),))
    first = view_gap(silent, "es_synthetic")[0]
    assert (first.counts, first.gap) == (Counts(insertions=1), None)
    table = view_table(silent)
    assert table is not None
    assert {table.rows[0].gated, *table.rows[0].others} == {"–"}


def test_the_page_shows_the_gap_of_each_view() -> None:
    table = view_table(RUN)
    assert table is not None
    (row,) = table.rows
    seen = dict(zip(table.heads, (row.gated, *row.others), strict=True))
    assert seen["numbers (gated)"] == "14.29 %"
    assert seen["strict"] == "28.57 % (+14.29)"
    assert seen["lenient"] == "14.29 % (0.00)"
    html = page(RUN, ())
    assert html.count("(+14.29)") == 2  # strict and cased
    assert html.index('id="speech"') < html.index("(+14.29)")
