"""Limits on word errors that a set could not show are refused, with what would be needed."""

from __future__ import annotations

import pytest

from harness.errors import ConfigError
from harness.judge.fineness import refuse_finer_budgets
from harness.records import Budget, Clip, Statistic
from harness.units import Unit
from tests.sample_run import budget


def clips(count: int) -> tuple[Clip, ...]:
    """Clips of five words in the gated view, which spells numbers out."""
    return tuple(
        Clip(
            id=f"c{n}",
            audio="a.wav",
            text="Pon la alarma a las 5.",
            language="es",
            speaker=f"s{n}",
            condition="clean",
            seconds=2.0,
            sha256="0" * 64,
        )
        for n in range(count)
    )


def row(limit: float, metric: str = "accuracy.wer.heard") -> Budget:
    return budget(metric, limit, Unit.RATIO, statistic=Statistic.RATE, title="Words")


@pytest.mark.parametrize(
    ("rows", "count", "refused", "why"),
    [
        ([row(0.03)], 20, True, "120 words show 6.1 % at best"),
        ([row(0.03, "accuracy.wer_greedy.heard")], 20, True, "the greedy text is no other set"),
        ([row(0.03)], 41, False, "246 words show 3.0 %"),
        ([row(0.03)], 40, True, "240 words show 3.07 %"),
        ([row(0.03)], 19, False, "too few to prove anything: NOT PROVEN, as the verdict says"),
        ([row(0.03, "accuracy.wer.other")], 20, False, "a set that is not heard"),
        ([row(0.001, "accuracy.end_to_end")], 20, False, "no rate of words"),
    ],
)
def test_a_limit_is_refused_where_no_error_at_all_would_not_prove_it(
    rows: list[Budget], count: int, refused: bool, why: str
) -> None:
    if not refused:
        refuse_finer_budgets(rows, {"heard": clips(count)})
        return
    with pytest.raises(ConfigError, match=r'budget "Words".*heard.*Hear 246 words or more') as told:
        refuse_finer_budgets(rows, {"heard": clips(count)})
    assert f"{6 * count} words" in str(told.value), why
