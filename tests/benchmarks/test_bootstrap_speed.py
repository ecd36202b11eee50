"""The time of a paired bootstrap is told, and judged by its median."""

from __future__ import annotations

from click.testing import CliRunner

from benchmarks.bootstrap_speed import bootstrap_speed, kept


def test_the_median_is_held_to_the_limit() -> None:
    assert kept([0.2, 1.0, 9.0])
    assert not kept([0.2, 1.01, 1.02])


def test_a_larger_set_is_timed_and_not_judged() -> None:
    done = CliRunner().invoke(bootstrap_speed, ["--utterances", "3001", "--rounds", "3"])
    assert done.exit_code == 0, done.output
    assert "10000 paired draws over 3001 utterances" in done.output
    assert "PASS" not in done.output
