"""A voice beside its anchors, and against the voice of before: paired, and never rounded to red."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from harness.accuracy.predicted_mos.predict import ANCHOR, METRIC
from harness.errors import UnlikeRunsError
from harness.judge.change import Word
from harness.judge.gate import Decision, decide
from harness.judge.predicted import SENTENCES, no_worse, predictions, voice_changes
from harness.records import Measurement, Run
from harness.report.predicted_rows import predicted_rows
from harness.units import Unit
from tests.sample_run import empty_run

NAME = "dnsmos_ovrl"
SPREAD = np.random.default_rng(1).normal(3.0, 0.5, 30)  # of the sentences of one voice


def scored(
    values: Iterable[float], *, anchors: Sequence[float] = (1.3, 1.5), digest: str = "d1"
) -> Run:
    given = tuple(float(value) for value in values)
    taken = [
        Measurement(
            metric=f"{METRIC}{NAME}",
            unit=Unit.SCORE,
            samples=given,
            clips=tuple(f"s{number}" for number in range(len(given))),
        )
    ]
    if anchors:
        taken.append(
            Measurement(
                metric=f"{METRIC}{NAME}",
                unit=Unit.SCORE,
                samples=tuple(anchors),
                arm=f"{ANCHOR}natural, noise 10 dB",
            )
        )
    facts = {"predicted_mos": {"digests": {NAME: digest}}}
    return empty_run(measurements=tuple(taken), facts=facts)


def test_a_voice_stands_beside_its_anchors() -> None:
    (one,) = predictions(scored([3.0, 3.5, 4.0]))
    assert (one.name, one.voice.mean, one.voice.many) == (NAME, 3.5, 3)
    assert one.voice.interval is not None
    assert one.voice.interval.low == pytest.approx(3.5 - 4.3027 * 0.5 / 3**0.5, abs=1e-3)
    assert one.anchors["natural, noise 10 dB"].mean == pytest.approx(1.4)
    rows = predicted_rows(scored([3.0, 3.5, 4.0]))
    assert [(row.of, row.anchor, row.mean) for row in rows] == [
        ("this voice", False, "3.50"),
        ("natural, noise 10 dB", True, "1.40"),
    ]


def test_without_anchors_nothing_is_shown_or_compared() -> None:
    alone = scored(SPREAD, anchors=())
    assert predictions(alone) == ()
    assert predicted_rows(alone) == ()
    assert voice_changes(scored(SPREAD), alone) == ()


@pytest.mark.parametrize(
    ("change", "word", "why"),
    [
        (-0.20, Word.WORSE, "each sentence lost 0.2: the spread between sentences cancels"),
        (0.20, Word.BETTER, "each gained 0.2"),
        (0.0, Word.SAME, "nothing differs"),
        (-0.04, Word.SAME, "within the margin"),
    ],
)
def test_two_voices_are_compared_sentence_by_sentence(change: float, word: Word, why: str) -> None:
    noise = np.random.default_rng(2).normal(0, 0.02, len(SPREAD))
    (one,) = voice_changes(scored(SPREAD), scored(SPREAD + change + noise))
    assert one.word is word, why
    assert one.difference == pytest.approx(change, abs=0.02)


def test_a_drop_that_sentences_do_not_agree_on_is_no_regression() -> None:
    noise = np.random.default_rng(3).normal(-0.1, 1.0, len(SPREAD))
    (one,) = voice_changes(scored(SPREAD), scored(SPREAD + noise))
    assert one.word is Word.SAME


def test_a_worse_voice_breaks_the_rule_and_a_lost_score_is_no_pass() -> None:
    old = scored(SPREAD)
    (worse,) = no_worse(old, scored(SPREAD - 0.5))
    assert not worse.holds
    assert f"{NAME}: -0.50 (-0.50 to -0.50) over 30 sentences" in worse.detail
    (lost,) = no_worse(old, empty_run())
    assert (lost.holds, lost.checked) == (True, False)
    assert "NOT MEASURED" in lost.detail
    assert decide(empty_run(findings=(lost,)), []).decision is Decision.NOT_PROVEN


def test_few_sentences_cannot_tell() -> None:
    few = scored(SPREAD[: SENTENCES - 1])
    (one,) = no_worse(few, scored(SPREAD[: SENTENCES - 1] - 1))
    assert (one.holds, one.checked) == (True, False)
    assert f"{SENTENCES} are needed" in one.detail


def test_scores_of_another_predictor_are_refused() -> None:
    with pytest.raises(UnlikeRunsError, match=r"predictor d1 in .*, d2 in .*baseline voice again"):
        voice_changes(scored(SPREAD), scored(SPREAD, digest="d2"))
