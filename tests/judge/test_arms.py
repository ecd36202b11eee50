"""What an A/B run says as a whole: which metrics decide, and what follows from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.arms import Answer, judge_sides
from harness.judge.change import Word
from harness.records import Finding, Run
from tests.sample_ab import ab_run
from tests.sample_run import empty_run, measurement


def without(run: Run, metric: str, *, arm: str = "b", process: int | None = None) -> Run:
    kept = tuple(
        m
        for m in run.measurements
        if not (m.metric == metric and m.arm == arm and process in (None, m.process))
    )
    return replace(run, measurements=kept)


@pytest.mark.parametrize(
    ("run", "answer"),
    [
        (ab_run(), Answer.SAME),
        (ab_run(slower=1.2), Answer.WORSE),
        (ab_run(heavier=1.2), Answer.WORSE),
        (ab_run(misheard=20), Answer.WORSE),
        (ab_run(slower=0.8), Answer.BETTER),
        (ab_run(slower=0.8, heavier=1.2), Answer.WORSE),  # better does not pay for worse
        (ab_run(rounds=2), Answer.UNKNOWN),
        (without(ab_run(), "memory.peak"), Answer.UNKNOWN),  # in one arm only
        (replace(ab_run(), transcripts=()), Answer.UNKNOWN),
        (replace(ab_run(), complete=False), Answer.UNKNOWN),
        (replace(ab_run(slower=1.2), complete=False), Answer.WORSE),
        (empty_run(), Answer.UNKNOWN),
    ],
)
def test_the_answer_follows_from_what_decides(run: Run, answer: Answer) -> None:
    assert judge_sides(run).answer is answer


def test_a_process_that_failed_is_no_comparison() -> None:
    crash = Finding(rule="process_crashed", title="None crashes.", holds=False, detail="b did.")
    run = replace(ab_run(slower=0.5), findings=(crash,))
    assert judge_sides(run).answer is Answer.BROKEN


def test_the_figure_of_a_process_is_its_median() -> None:
    first = judge_sides(ab_run(slower=2.0)).differences[0]
    assert first.metric == "latency.end_to_end"
    assert first.ratio == pytest.approx(2.0, rel=0.01)
    assert first.adjusted is not None


def test_only_rounds_in_which_every_arm_was_measured_count() -> None:
    whole, cut = ab_run(), without(ab_run(), "latency.end_to_end", arm="a again", process=3)
    rounds = {d.metric: d.rounds for d in judge_sides(cut).differences}
    assert judge_sides(whole).differences[0].rounds == 6
    assert (rounds["latency.end_to_end"], rounds["memory.peak"]) == (5, 6)


def test_what_does_not_decide_is_shown_beside_it_and_not_corrected() -> None:
    run = ab_run()
    other = tuple(
        measurement("latency.log_mel", [pace], number, arm=arm)
        for arm, pace in (("a", 1.0), ("a again", 1.0), ("b", 3.0))
        for number in range(6)
    )
    sides = judge_sides(replace(run, measurements=(*run.measurements, *other)))
    last = sides.differences[-1]
    assert (last.metric, last.word, last.adjusted) == ("latency.log_mel", Word.SLOWER, None)
    assert sides.answer is Answer.SAME


def test_disturbed_requests_of_all_arms_are_counted() -> None:
    run = ab_run()
    flagged = tuple(
        replace(m, tainted=(m.arm == "b", False, False))
        for m in run.measurements
        if m.metric == "latency.end_to_end"
    )
    assert judge_sides(replace(run, measurements=flagged)).tainted == pytest.approx(1 / 9)
