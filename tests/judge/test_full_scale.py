"""The table at full scale: each config by its own samples, words against the baseline's."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from harness.judge.full_scale import columns_of, view
from harness.records import Run, Statistic
from harness.report.full_scale_markdown import full_scale_markdown
from harness.report.full_scale_rows import full_scale_table
from harness.report.page import page
from harness.units import GB, Unit
from tests.sample_run import budget, empty_run, measurement, transcript

SLOW, QUICK = "sarai.frames", "sarai.int8"
ROWS = (
    budget("latency.inference", 0.2, Unit.SECONDS, title="Inference"),
    budget("memory.peak", 4.65 * GB, Unit.BYTES, statistic=Statistic.MAX, title="Memory"),
)
GRAPH = {"flops": 2e9, "int8_flops": 0, "weight_bytes": 4e9, "output_bytes": 2e9, "unknown": 0}


def work(weights: float, *, cut: bool) -> dict[str, Any]:
    return {"model": "m", "graphs": {"m": {**GRAPH, "weight_bytes": weights}}, "cut": cut}


def facts_of(*, cut: bool) -> dict[str, Any]:
    """Facts of two configs; `cut`: whether the quick one is run for a part of its output."""
    facts = {
        "baseline": SLOW,
        "processes": 10,
        "cold": 3,
        "wer_set": "es_synthetic",
        "wer_points": 0.5,
        "heard": 60,
        "of": 306,
        "arms": {
            SLOW: {"config": "a.yaml", "work": work(4e9, cut=True)},
            QUICK: {"config": "b.yaml", "work": work(1e9, cut=cut)},
        },
    }
    return {"full_scale": facts, "suite": {"seed": 7}}


def run(
    *, misheard: int = 0, words: int = 10, clips: int = 60, cut: bool = True, perfect: bool = False
) -> Run:
    """`misheard` clips by the quick one; the last clip by both, unless the baseline is perfect."""
    taken = [measurement("host.read", [10e9], unit=Unit.BANDWIDTH)]
    taken += [measurement("host.write", [8e9], unit=Unit.BANDWIDTH)]
    for name, seconds, repeats, peak in ((SLOW, 1.5, 2, 4.2 * GB), (QUICK, 0.12, 13, 3.1 * GB)):
        for number in range(6):
            times = [seconds + 0.001 * i for i in range(repeats)]
            taken.append(measurement("latency.inference", times, number, arm=name))
            taken.append(measurement("memory.peak", [peak], number, unit=Unit.BYTES, arm=name))
    text = " ".join(["hola", *["casa"] * (words - 1)])
    both = clips if perfect else clips - 1
    heard = [
        transcript(
            text,
            text.replace("hola", "nada") if n >= both or (name == QUICK and n < misheard) else text,
            f"c{n}",
            arm=name,
        )
        for name in (SLOW, QUICK)
        for n in range(clips)
    ]
    rows = [asdict(row) for row in ROWS]
    facts = {**facts_of(cut=cut), "limits": {SLOW: rows, QUICK: rows}}
    facts["full_scale"]["heard"] = clips
    return empty_run(
        verb="full-scale", measurements=tuple(taken), transcripts=tuple(heard), facts=facts
    )


def outcomes(found: Run, name: str) -> dict[str, str]:
    columns = columns_of(found, {SLOW: ROWS, QUICK: ROWS})
    (column,) = (one for one in columns if one.name == name)
    told = {metric: str(verdict.outcome) for metric, verdict in column.verdicts.items()}
    return {**told, "words": str(column.words.outcome)} if column.words else told


def test_each_config_is_judged_by_its_own_samples() -> None:
    slow, quick = outcomes(run(), SLOW), outcomes(run(), QUICK)
    assert slow == {"latency.inference": "INFEASIBLE", "memory.peak": "PASS"}
    assert quick["latency.inference"] == "PASS"
    assert {m.arm for m in view(run(), QUICK).measurements} == {""}
    assert {t.arm for t in view(run(), QUICK).transcripts} == {""}


@pytest.mark.parametrize(("cut", "least"), [(True, 0.1), (False, 0.25)])
def test_a_cut_graph_has_no_output_to_write(cut: bool, least: float) -> None:
    """0.12 s a run beat the 0.25 s that 2 GB of output would take: then the table says so."""
    found = run(cut=cut)
    _, quick = columns_of(found, {SLOW: ROWS, QUICK: ROWS})
    assert quick.needs["latency.inference"].need.least == pytest.approx(least)
    table = full_scale_table(found)
    assert table is not None
    assert any("error of this harness" in note for note in table.notes) is not cut


def test_clips_that_one_of_both_did_not_answer_prove_nothing() -> None:
    found = run(clips=150)
    assert outcomes(found, QUICK)["words"] == "PASS"
    short = replace(found, transcripts=found.transcripts[1:])
    assert outcomes(short, QUICK)["words"] == "NOT PROVEN"
    table = full_scale_table(short)
    assert table is not None
    assert f"{QUICK}: words: NOT PROVEN. Clips that not both answered: 1." in " ".join(table.notes)


def test_what_forbids_a_limit_is_said_once() -> None:
    table = full_scale_table(run())
    assert table is not None
    (ground,) = (note for note in table.notes if note.startswith("INFEASIBLE. "))
    assert f"of {SLOW}: " in ground
    assert ground.count("This graph needs at least") == 1
    assert not any(f"{SLOW}: " in note and "INFEASIBLE" in note for note in table.notes[1:])


@pytest.mark.parametrize(
    ("misheard", "words", "clips", "outcome", "more"),
    [
        pytest.param(0, 10, 60, "NOT PROVEN", 88, id="no error in 600 words bounds 1.23 points"),
        pytest.param(0, 10, 150, "PASS", 0, id="no error in 1 500 words bounds 0.49"),
        pytest.param(30, 10, 60, "FAIL", None, id="one word in 20 is lost"),
        pytest.param(3, 10, 60, "NOT PROVEN", None, id="the difference is the limit itself"),
    ],
)
def test_words_are_kept_when_the_upper_end_is_within_half_a_point(
    misheard: int, words: int, clips: int, outcome: str, more: int | None
) -> None:
    found = run(misheard=misheard, words=words, clips=clips)
    (column,) = (c for c in columns_of(found, {}) if c.name == QUICK)
    assert column.words is not None
    assert (str(column.words.outcome), column.words.more) == (outcome, more)


@pytest.mark.parametrize(
    ("misheard", "outcome", "says"),
    [(0, "NOT PROVEN", "made no error"), (30, "FAIL", "made no error")],
)
def test_words_against_a_perfect_baseline_prove_nothing(
    misheard: int, outcome: str, says: str
) -> None:
    found = run(misheard=misheard, clips=150, perfect=True)
    (column,) = (c for c in columns_of(found, {}) if c.name == QUICK)
    assert column.words is not None
    assert (str(column.words.outcome), column.words.more) == (outcome, None)
    table = full_scale_table(found)
    assert table is not None
    assert any("words" in note and says in note for note in table.notes)


def test_a_limit_finer_than_the_clips_could_show_is_never_kept() -> None:
    """60 clips are bounded by 1.23 points at best: a limit of half a point says so."""
    table = full_scale_table(run())
    assert table is not None
    assert any("finer than the smallest difference" in note for note in table.notes)
    assert any(line.title == "Smallest detectable" for line in table.lines)


def test_the_table_says_of_how_many_clips_and_what_is_open() -> None:
    table = full_scale_table(run())
    assert table is not None
    assert table.names == (SLOW, QUICK)
    assert "60 of 306 clips drawn by seed 7" in table.method
    assert any("88 more clips" in note for note in table.notes)
    text = full_scale_markdown(table)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(row) for row in rows}) == 1
    assert any(row.startswith("| Inference, p95 ") and "INFEASIBLE" in row for row in rows)


def test_the_page_has_the_table_and_other_runs_have_not() -> None:
    assert '<section id="full-scale">' in page(run(), ())
    assert full_scale_table(empty_run()) is None
