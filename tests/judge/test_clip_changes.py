"""Which clips two runs heard otherwise, and by which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.clip_changes import ClipChange, clip_changes
from harness.judge.decided import decided
from harness.judge.summary import figure_of
from harness.judge.verdicts import judge_all
from harness.records import Budget, Run, Statistic
from harness.summaries import Issued
from harness.units import Unit
from tests.sample_run import budget, empty_run, measurement, transcript

SAID = "pon la radio de la cocina"


def heard(*texts: str) -> Run:
    return empty_run(
        transcripts=tuple(transcript(SAID, text, f"c{n}") for n, text in enumerate(texts))
    )


def changes(old: Run, new: Run) -> dict[str, ClipChange]:
    return {change.new.clip: change for change in clip_changes(old, new)}


def test_an_example_by_hand() -> None:
    # c0 stays right, c1 loses two words, c2 gains one and loses another, c3 is made right.
    old = heard(SAID, SAID, "con la radio de la cocina", "pon la radio")
    new = heard(SAID, "pon la de la", "pon la radio de la china", SAID)
    found = clip_changes(old, new)
    assert [change.new.clip for change in found] == ["c3", "c1", "c2"]
    assert [change.more for change in found] == [-3, 2, 0]
    by_clip = changes(old, new)
    assert (by_clip["c1"].gained, by_clip["c1"].lost) == ((), ("radio", "cocina"))
    assert (by_clip["c2"].gained, by_clip["c2"].lost) == (("pon",), ("cocina",))
    assert sorted(by_clip["c3"].gained) == ["cocina", "de", "la"]
    assert (by_clip["c1"].before.errors, by_clip["c1"].after.errors) == (0, 2)


def test_of_changes_of_one_size_the_worse_stands_first() -> None:
    wrong = "con la radio de la cocina"
    found = clip_changes(heard(wrong, SAID), heard(SAID, wrong))
    assert [(change.new.clip, change.more) for change in found] == [("c1", 1), ("c0", -1)]


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("PON la radio de la cocina.", "case and marks are off in the gated view"),
        (SAID, "the same"),
    ],
)
def test_what_is_written_otherwise_is_no_change(new: str, why: str) -> None:
    assert clip_changes(heard(SAID), heard(new)) == (), why


def test_only_clips_of_one_id_and_one_reference_are_held_together() -> None:
    old, new = heard(SAID, SAID), heard("pon")
    other = replace(new.transcripts[0], reference="otra cosa")
    assert len(clip_changes(old, new)) == 1
    assert clip_changes(old, replace(new, transcripts=(other,))) == ()
    treated = replace(new.transcripts[0], treatment="white 0")
    assert clip_changes(old, replace(new, transcripts=(treated,))) == ()


def issued(run: Run, *rows: Budget) -> Issued:
    verdicts = judge_all(rows, run)
    figures = tuple(figure_of(verdict) for verdict in verdicts)
    return Issued(
        at="2026-11-24T00:00:00Z",
        harness="1",
        decision="MISSED",
        sentence="One.",
        journal="j",
        budgets="b",
        figures=figures,
    )


def test_a_budget_that_moved_and_the_verdict_that_turned_are_told_apart() -> None:
    run = empty_run(measurements=(measurement("latency.load_warm", [0.1] * 80),))
    kept, tight = (
        budget("latency.load_warm", limit, Unit.SECONDS, statistic=Statistic.MAX)
        for limit in (0.2, 0.01)
    )
    found = decided(run, run, issued(run, kept), issued(run, tight))
    assert found.budgets == ("latency.load_warm max: '<= 0.2 s' then '<= 0.01 s'.",)
    assert found.verdicts == ("latency.load_warm max: 'NOT PROVEN' then 'FAIL'.",)
    assert found.old == "MISSED: One."
    alone = decided(run, run, None, issued(run, tight))
    assert (alone.old, alone.budgets, alone.verdicts) == ("", (), ())
