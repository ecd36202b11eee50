"""The history's page: what it says, links to and allows, and what it does with what is strange."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest

from harness.judge.normalised import TOGETHER, normalised
from harness.notes import Accepted
from harness.records import Statistic
from harness.report.history_page import IN_ALL, history_page, made_of
from harness.report.history_rows import change_text, shift_rows
from harness.summaries import Figure, Summary
from harness.units import Unit
from tests.judge.test_history import noisy, run

STEP = noisy([0.040] * 20 + [0.046] * 6)
HOSTILE = '<script>window.owned=1</script>"><img src=x onerror=alert(1)>'


def runs(values: list[float], **other: object) -> list[Summary]:
    """Runs whose figure has a budget of 60 ms."""
    made = [run(at, value, **other) for at, value in enumerate(values)]
    return [
        replace(one, figures=tuple(replace(f, limit=0.060) for f in one.figures)) for one in made
    ]


def pictures(page: str) -> list[str]:
    found = re.findall(r"data:image/svg\+xml;base64,([^\"]*)", page)
    return [base64.b64decode(text).decode() for text in found]


def test_a_step_is_told_with_its_commits_and_drawn_with_its_number() -> None:
    page = history_page(made_of(runs(STEP)))
    assert "c19..c20" in page
    assert 'href="runs/run020/page.html"' in page
    (picture,) = pictures(page)
    assert ">(1)<" in picture
    assert re.search(r"The level moved \(1\) \+1\d\.\d\d % with c19\.\.c20", page)


def test_an_accepted_change_is_told_with_its_reason() -> None:
    meant = Accepted(run="run020", metric="latency.end_to_end", because="larger", at="", by="")
    (row,) = shift_rows(made_of(runs(STEP), meant=[meant]).series)
    assert (row.word, row.because) == ("accepted", ("larger",))
    assert "accepted: larger" in history_page(made_of(runs(STEP), meant=[meant]))


def test_figures_that_moved_with_one_run_are_told_together() -> None:
    twice = [
        replace(one, figures=(*one.figures, replace(one.figures[0], metric="latency.inference")))
        for one in runs(STEP)
    ]
    (row,) = shift_rows(made_of(twice).series)
    assert len(row.figures) == 2


def test_points_of_other_branches_are_hollow() -> None:
    calm = runs(noisy([0.040] * 12))
    only = pictures(history_page(made_of(calm)))
    tried = [replace(one, branch="try", id=f"{one.id}t") for one in runs([0.041, 0.042])]
    both = pictures(history_page(made_of([*calm, *tried])))
    hollow = [len(re.findall(r"<use[^>]*stroke", drawn[0])) for drawn in (only, both)]
    assert hollow == [0, 2]


def test_markup_in_what_a_run_says_stays_text() -> None:
    page = history_page(
        made_of(runs(STEP, branch=HOSTILE, config=HOSTILE, machine=HOSTILE), [HOSTILE])
    )
    assert HOSTILE not in page
    assert page.count("<script>") == 1
    assert "owned" not in "".join(re.findall(r"<script>.*?</script>", page, re.DOTALL))
    assert all("<script" not in picture for picture in pictures(page))


def test_machines_are_apart_and_read_together_in_yardsticks() -> None:
    slow = [
        replace(one, machine="n", id=f"{one.id}n", ceilings={"yardstick": 0.02})
        for one in runs([2 * value for value in noisy([0.040] * 15)])
    ]
    fast = [replace(one, ceilings={"yardstick": 0.01}) for one in runs(noisy([0.040] * 15))]
    found = made_of([*slow, *fast])
    assert {one.group[2] for one in found.series} == {"m", "n"}
    (together,) = found.together
    assert together.group[2] == TOGETHER
    assert len(together.points) == 30
    assert all(3.5 < point.value < 4.5 for point in together.points)
    assert together.shifts == ()
    page = history_page(found)
    assert "● m, ■ n" in page
    assert 'data-scale="normalised"' in page


def test_a_run_without_a_yardstick_is_not_normalised() -> None:
    without, zero, given = runs([1.0, 1.0, 1.0])
    zero, given = (
        replace(one, ceilings={"yardstick": y}) for one, y in ((zero, 0.0), (given, 0.5))
    )
    (one,) = normalised([without, zero, given])
    assert [(f.value, f.unit, f.limit) for f in one.figures] == [(2.0, Unit.FACTOR, None)]


def test_very_many_points_are_an_image_inside_the_picture() -> None:
    few, many = (
        pictures(history_page(made_of([run(at, 0.04) for at in range(count)])))[0]
        for count in (50, 5001)
    )
    assert "data:image/png;base64" in many
    assert "data:image/png;base64" not in few


def test_the_page_allows_its_own_script_and_style_alone() -> None:
    page = history_page(made_of(runs(STEP)))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert "unsafe" not in policy
    assert policy.startswith("default-src &#39;none&#39;; img-src data:;")
    assert not re.findall(r"\bon[a-z]+=|\bstyle=", page)


def test_many_groups_share_the_pictures() -> None:
    found = [one for m in range(30) for one in runs(noisy([1.0] * 4), machine=f"m{m}")]
    numbered = [replace(one, id=f"run{at}") for at, one in enumerate(found)]
    assert len(pictures(history_page(made_of(numbered)))) == IN_ALL


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([], id="no run"),
        pytest.param(runs([0.04]), id="one run"),
        pytest.param(
            [replace(one, complete=False) for one in runs([0.04, 0.05])], id="no whole one"
        ),
        pytest.param([replace(one, figures=()) for one in runs([0.04])], id="no figure"),
        pytest.param(runs([0.0, 0.0, 0.0, 0.0]), id="nothing but zeros"),
        pytest.param(runs([0.04, 1e9, 1e-9, 0.04]), id="far apart"),
    ],
)
def test_little_or_strange_is_shown_too(given: list[Summary]) -> None:
    page = history_page(made_of(given))
    assert page.rstrip().endswith("</html>")
    assert "None" not in re.sub(r"data:image[^\"]*", "", page)


def test_a_rate_changes_by_points_and_a_time_by_a_share() -> None:
    assert change_text(0.02, 0.03, Unit.RATIO) == "+1.00 points"
    assert change_text(0.040, 0.050, Unit.SECONDS) == "+25.00 %"
    assert change_text(None, 1.0, Unit.SECONDS) == "–"
    figure = Figure(
        metric="accuracy.wer.x", statistic=Statistic.RATE, unit=Unit.RATIO, title="", value=0.1
    )
    assert figure.name == "accuracy.wer.x rate"
