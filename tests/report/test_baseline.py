"""Which run a run is held against, and what its page says of the two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.judge.verdicts import judge_all
from harness.notes import BASELINES, set_baseline
from harness.records import Environment, Run
from harness.report.baseline import Baseline, find_baseline
from harness.report.baseline_rows import changed
from harness.report.page import page
from harness.store import JOURNAL, RunWriter
from tests.report.test_page import read
from tests.sample_run import budgets, empty_run, environment, sample_run


def kept(
    reports: Path, day: int, place: Environment | None = None, *, seal: bool = True, **told: object
) -> Path:
    """Keep an empty run of a day, and return its folder."""
    run = replace(empty_run(), environment=place or environment())
    verb, bundle = str(told.get("verb", run.verb)), str(told.get("bundle", run.bundle))
    with RunWriter(reports / "runs", verb=verb, bundle=bundle, config="c", mark=f"{day:04d}") as w:
        assert run.environment is not None
        w.write(run.environment)
        w.fact("quick", bool(told.get("quick")))
        if seal:
            w.seal()
    # Runs of one second are told apart by their mark, which counts up here.
    folder = w.folder.with_name(f"202611{day:02d}T000000Z-{bundle}-{verb}-{day:04d}")
    text = (w.folder / JOURNAL).read_text("utf-8").replace(w.id, folder.name)
    w.folder.rename(folder)
    (folder / JOURNAL).write_text(text, "utf-8")
    return folder


def held_against(folder: Path) -> Baseline:
    from harness.store import read_run

    return find_baseline(folder, read_run(folder))


def other_machine() -> Environment:
    place = environment()
    return replace(place, comparable={**place.comparable, "cpu": "another"})


def test_a_first_run_has_none_and_the_page_says_that_budgets_alone_decide(tmp_path: Path) -> None:
    found = held_against(kept(tmp_path, 1))
    assert found.run is None
    text = read(page(sample_run(), judge_all(budgets(), sample_run()), found)).text
    assert "No earlier run of this bundle, verb, setting and machine class is kept here" in text
    assert "the budgets alone decide" in text
    assert "Why did this change?" not in text


def test_the_newest_earlier_run_that_is_like_it_is_taken(tmp_path: Path) -> None:
    like = kept(tmp_path, 2)
    kept(tmp_path, 1)
    kept(tmp_path, 3, verb="validate")
    kept(tmp_path, 4, bundle="sarai")
    kept(tmp_path, 5, quick=True)
    kept(tmp_path, 6, other_machine())
    kept(tmp_path, 7, seal=False)
    damaged = kept(tmp_path, 8)
    (damaged / JOURNAL).write_text("{}\n{}\n", "utf-8")
    now = kept(tmp_path, 9)
    kept(tmp_path, 10)  # of the future
    found = held_against(now)
    assert found.run is not None
    assert found.run.id == like.name


def test_a_named_baseline_comes_before_newer_runs_where_it_is_like_the_run(tmp_path: Path) -> None:
    old, other, newer, now = (
        kept(tmp_path, 1),
        kept(tmp_path, 2, other_machine()),
        kept(tmp_path, 3),
        kept(tmp_path, 4),
    )
    for name, folder in (("v1", old), ("v2", other), ("gone", tmp_path / "gone"), ("now", now)):
        set_baseline(tmp_path, name, folder.name)
    found = held_against(now)
    assert found.run is not None
    assert found.run.id == old.name
    assert found.sentence == f"The baseline v1: {old.name}."
    set_baseline(tmp_path, "v3", newer.name)
    again = held_against(now).run
    assert again is not None
    assert again.id == newer.name, "the newest of those that are named"


def test_damaged_names_are_told_and_stop_nothing(tmp_path: Path) -> None:
    now = kept(tmp_path, 1)
    (tmp_path / BASELINES).write_text("[]", "utf-8")
    found = held_against(now)
    assert found.run is None
    assert "Restore the file" in found.sentence


def shown(old: Run, new: Run) -> str:
    return read(page(new, judge_all(budgets(), new), Baseline(run=old, sentence="As said."))).text


def test_a_slower_run_says_what_moved_and_from_what_it_may_come() -> None:
    old, new = sample_run(), sample_run(seed=1, slower=1.25)
    assert new.environment is not None
    place = replace(
        new.environment,
        comparable={**new.environment.comparable, "package onnxruntime": "1.33.0"},
        identity={**new.environment.identity, "bundle": "sha256 of another"},
    )
    new = replace(new, environment=place, facts={"suite": {"seed": 3}})
    found = changed(new, judge_all(budgets(), new), Baseline(run=old, sentence="As said."))
    assert found is not None
    rows = {row.metric: row for row in found.rows}
    assert rows["latency.end_to_end"].word == "slower"
    assert rows["latency.end_to_end"].title == "End to end"
    assert 15 < float(rows["latency.end_to_end"].change.removesuffix(" %")) < 35
    assert rows["memory.peak"].word == "no difference shown"
    words = [row.word for row in found.rows]
    assert words.index("no difference shown") > words.index("slower"), "what moved comes first"
    causes = {(row.cause, row.name) for row in found.causes}
    assert causes == {("model", "bundle"), ("runtime", "package onnxruntime"), ("seed", "seed")}
    assert found.warning.startswith("Not made under like conditions")
    assert found.command.endswith("--anyway")
    assert "The same in both: " in found.same
    assert "CPU" in found.same
    assert "model" not in found.same
    text = shown(old, new)
    assert "Why did this change?" in text
    assert "UNLIKE." in text
    assert "text numbers/" in text


def test_two_runs_that_differ_in_nothing_say_so() -> None:
    text = shown(sample_run(), sample_run())
    assert "Nothing that is recorded differs" in text
    assert "UNLIKE." not in text


def test_nobody_who_looked_means_no_section() -> None:
    html = page(sample_run(), judge_all(budgets(), sample_run()))
    assert 'id="changed"' not in html
