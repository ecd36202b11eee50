"""Rows: finished strings, in reading order."""

from __future__ import annotations

import math

import pytest

from harness.judge.verdicts import judge_all
from harness.records import Interval, Outcome
from harness.report import clip_rows, cost_rows, looks_rows, names, rows, speech_rows
from harness.units import Unit
from tests.sample_run import budget, budgets, empty_run, measurement, sample_run, transcript


def test_stages_stand_in_the_order_in_which_they_run() -> None:
    shown = names.stage_metrics(["latency.zeta", "latency.inference", "latency.end_to_end"])
    assert shown == ["latency.end_to_end", "latency.inference", "latency.zeta"]
    assert names.start_metrics(
        ["latency.first_result", "latency.load_cold", "latency.inference"]
    ) == ["latency.load_cold", "latency.first_result"]


@pytest.mark.parametrize(
    ("metric", "title"),
    [
        ("latency.log_mel", "Log-mel"),
        ("latency.my_stage", "My stage"),
        ("memory.stage.log_mel.peak", "Log-mel"),
        ("quality.tts_mos", "Tts mos"),
    ],
)
def test_every_metric_has_a_name_for_a_person(metric: str, title: str) -> None:
    assert names.title(metric) == title


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.01, 0.02, "1.00 % – 2.00 %"),
        (0.01, math.inf, "≥ 1.00 %"),
        (-math.inf, 0.02, "≤ 2.00 %"),
        (-math.inf, math.inf, "–"),
    ],
)
def test_an_open_end_of_an_interval_is_not_written_as_a_number(
    low: float, high: float, text: str
) -> None:
    interval = Interval(low=low, high=high, level=0.95, method="")
    assert names.interval_text(interval, Unit.RATIO) == text


@pytest.mark.parametrize(
    ("runs", "processes", "p95", "bound"),
    [
        (72, 10, "not available", "needs 73"),
        (73, 1, "50 ms", "needs 2 processes"),
        (73, 10, "50 ms", "≤ 50 ms"),
    ],
)
def test_a_p95_is_shown_with_its_bound_or_with_what_the_bound_needs(
    runs: int, processes: int, p95: str, bound: str
) -> None:
    times = [0.05] * runs
    parts = [measurement("latency.tokenise", times[i::processes], i) for i in range(processes)]
    row = cost_rows.time_rows(empty_run(measurements=tuple(parts)), ())[0]
    assert (row.p95, row.bound) == (p95, bound)


def test_a_start_shows_its_highest_and_no_p95() -> None:
    parts = [measurement("latency.load_warm", [0.1 + i / 100], i) for i in range(7)]
    row = cost_rows.start_rows(empty_run(measurements=tuple(parts)), ())[0]
    assert (row.p50, row.p95, row.bound, row.highest) == ("–", "–", "–", "160 ms")


def test_few_runs_are_told_by_their_highest() -> None:
    run = empty_run(measurements=(measurement("latency.end_to_end", [0.1, 0.3, 0.2]),))
    assert cost_rows.time_sentence(run) == "One request takes at most 300 ms, of 3 runs."


def test_a_percentile_of_too_few_runs_is_not_available_anywhere() -> None:
    parts = [measurement("latency.inference", [0.05] * 7, i) for i in range(10)]
    verdicts = judge_all(
        [budget("latency.inference", 0.1, Unit.SECONDS)], empty_run(measurements=tuple(parts))
    )
    assert verdicts[0].value is None
    assert "The p95 of 70 runs is not available: it needs 73." in verdicts[0].sentence
    assert rows.budget_rows(verdicts)[0].value == "not available"


def test_a_limit_shows_the_share_that_may_take_its_place() -> None:
    row = budget("latency.unattributed", 0.001, Unit.SECONDS, share=0.05)
    assert names.limit_text(row) == "p95 ≤ 1 ms or 5.00 %"


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        (None, ""),
        (
            {"taken": [{"processes": 10}], "ended": "all was decided"},
            "Looked after 10 processes, and ended because all was decided.",
        ),
        (
            {"taken": [{"processes": n} for n in (10, 15, 20)], "ended": ""},
            "Looked after 10, 15 and 20 processes, and ended because the run was interrupted.",
        ),
    ],
)
def test_the_looks_are_told(looks: object, said: str) -> None:
    run = empty_run(facts={"looks": looks} if looks else {})
    assert looks_rows.looks_sentence(run) == said
    assert "it needs 73 runs" in looks_rows.times_caption(run)


def test_a_stage_that_only_a_budget_names_still_has_a_row() -> None:
    verdicts = judge_all([budget("latency.inference", 0.1, Unit.SECONDS)], empty_run())
    row = cost_rows.time_rows(empty_run(), verdicts)[0]
    assert (row.runs, row.p50, row.outcome) == ("0", "–", "NOT MEASURED")


def test_the_parts_of_a_request_add_up() -> None:
    run = sample_run()
    means = cost_rows.stage_means(run)
    whole = cost_rows.share_rows(run)[-1]
    assert whole.title == "Together"
    assert math.isclose(sum(means.values()), 0.0341, rel_tol=0.01)
    assert whole.mean in cost_rows.time_sentence(run)


def test_the_parts_are_those_that_the_suite_names() -> None:
    run = empty_run(
        facts={"suite": {"leaves": ["own"]}},
        measurements=(measurement("latency.own", [2.0]), measurement("latency.inference", [1.0])),
    )
    assert cost_rows.stage_means(run) == {"own": 2.0}


def test_the_worst_clips_are_those_with_most_errors() -> None:
    run = empty_run(
        transcripts=(
            transcript("uno dos tres", "uno dos tres", "right"),
            transcript("uno dos tres", "uno", "two"),
            transcript("uno dos tres", "uno dos", "one"),
        )
    )
    assert [clip.clip for clip in clip_rows.clip_table(run).worst] == ["two", "one"]
    table = clip_rows.clip_table(run, each=1)
    assert [clip.clip for clip in table.worst] == ["two"]
    assert [clip.clip for clip in table.others] == ["one"]


def test_conditions_are_listed_only_where_there_is_more_than_one() -> None:
    clean, noisy = transcript("uno", "uno", "a"), transcript("uno", "dos", "b", condition="noise")
    assert speech_rows.condition_rows(empty_run(transcripts=(clean,))) == ()
    both = speech_rows.condition_rows(empty_run(transcripts=(clean, noisy)))
    assert [(row.condition, row.decoded) for row in both] == [
        ("clean", "0.00 %"),
        ("noise", "100.00 %"),
    ]


def test_every_budget_stands_in_exactly_one_list() -> None:
    verdicts = judge_all(budgets(), sample_run())
    kept = [v for v in verdicts if v.outcome is Outcome.PASS]
    assert len(rows.failing(verdicts)) + len(rows.undecided(verdicts)) + len(kept) == len(verdicts)


def test_a_tile_is_filled_as_far_as_the_limit_is_used() -> None:
    tiles = {
        tile.title: tile
        for tile in rows.headline(sample_run(), judge_all(budgets(), sample_run())).tiles
    }
    assert tiles["Whole process, peak"].filled == "87.8"
    assert list(tiles) == [
        "End to end",
        "First result, cold",
        "Whole process, peak",
        "WER, assistant speech",
    ]
