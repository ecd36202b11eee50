"""How the harness measured by itself is shown: finished cells, one sentence, both pictures."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

from harness.judge.aims import HELP, OVERHEAD
from harness.judge.selfbench import judge_selfbench
from harness.records import Measurement, Run
from harness.report.coverage_rows import cover_rows, cover_sentence
from harness.report.page import page
from harness.report.selfbench_figure import alarms_picture, pairs_picture
from harness.report.selfbench_rows import alarm_rows, alarm_sentence, pairs_sentence
from harness.report.selfbench_table import selfbench_table
from harness.units import Unit
from tests.sample_run import empty_run

FACTS = {
    "selfbench": ["help", "alarms"],
    "help": {"metric": "selfbench.start", "base": "python", "other": "harness"},
    "alarms": {
        "rounds": 3,
        "baseline": ["a", "a again"],
        "planted": {"same": 0.0, "slow15": 0.15},
    },
}


def taken(metric: str, arm: str, times: list[tuple[float, ...]]) -> tuple[Measurement, ...]:
    return tuple(
        Measurement(metric=metric, unit=Unit.SECONDS, samples=samples, process=number, arm=arm)
        for number, samples in enumerate(times)
    )


def sample() -> Run:
    """Four starts of each program, and one comparison that is found; nothing of the overhead."""
    starts = taken("selfbench.start", "python", [(0.02,)] * 4)
    starts += taken("selfbench.start", "harness", [(0.05,)] * 4)
    requests = {"a": 0.02, "a again": 0.02, "same": 0.02, "slow15": 0.023}
    arms = [
        taken("latency.end_to_end", arm, [(time, 1.01 * time)] * 3)
        for arm, time in requests.items()
    ]
    measured = (*starts, *(one for arm in arms for one in arm))
    return replace(empty_run(), verb="selfbench", measurements=measured, facts=FACTS)


def test_the_rows_say_what_was_planted_who_judged_and_how_often_it_said_slower() -> None:
    rows = alarm_rows(sample())
    assert [(r.planted, r.judged_by, r.slower, r.unknown) for r in rows] == [
        ("identical code", "harness ab", "0 of 1", "0"),
        ("identical code", "Welch, pooled", "0 of 1", "–"),
        ("identical code", "5 % on means", "0 of 1", "–"),
        ("15 % slower", "harness ab", "1 of 1", "0"),
        ("15 % slower", "Welch, pooled", "1 of 1", "–"),
        ("15 % slower", "5 % on means", "1 of 1", "–"),
    ]
    assert rows[0].interval == "0.00 % – 97.50 %"  # 1 - 0.025 ** (1 / 1), by Clopper and Pearson


def test_the_sentences_say_what_the_pictures_show() -> None:
    run = sample()
    (verdict,) = [v for v in judge_selfbench(run) if v.budget is HELP]
    assert pairs_sentence(run, verdict) == (
        "Printing its help takes the harness 50 ms, an interpreter that does nothing 20 ms "
        "(medians): 2.5 × – 2.5 × as long, with 95 % confidence."
    )
    assert "15 % slower is called slower in 1 of 1 comparisons" in alarm_sentence(run)


def test_what_was_not_measured_is_not_drawn() -> None:
    run = sample()
    verdicts = judge_selfbench(run)
    assert alarms_picture(run, verdicts) is not None
    assert pairs_picture(run, HELP, verdicts) is not None
    assert pairs_picture(run, OVERHEAD, verdicts) is None
    shown = page(run, verdicts)
    assert "False alarms and power" in shown
    assert "What measuring adds" not in shown
    nothing = page(empty_run(), ())
    assert "False alarms and power" not in nothing


def test_the_table_fits_a_terminal_and_a_log() -> None:
    run = sample()
    text = selfbench_table(run, judge_selfbench(run))
    assert max(map(len, text.splitlines())) <= 100
    assert "harness --help over python -c pass" in text
    assert "Said slower" in text


def test_the_coverage_of_an_interval_is_shown_with_its_contrast() -> None:
    counts = {"quantiles": 890, "utterances": 830, "difference": 955, "silent": 0}
    shown = {"rate": 0.02, "clips": 300, "sets": 1000, **counts}
    cells = [{"speakers": 8, "held": 937, **shown}, {"speakers": 20, "held": 951, **shown}]
    run = replace(empty_run(), facts={"selfbench": ["coverage"], "coverage": cells})
    first, second = cover_rows(run)
    assert (first.speakers, first.held, first.utterances) == ("8 *", "93.70 %", "83.00 %")
    assert (second.speakers, second.held, second.quantiles) == ("20", "95.10 %", "89.00 %")
    assert second.interval == "93.57 % – 96.35 %"  # Clopper-Pearson, 951 of 1000
    sentence = cover_sentence(run)
    assert "With 20 speakers or more, the interval of a WER holds the truth in 95.10" in sentence
    assert sentence in unescape(page(run, ()))
    assert not cover_rows(empty_run())
    assert not cover_sentence(empty_run())
