"""What conditions cost and what two systems trade, by runs whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.accuracy.conditions.treatment import Treatment
from harness.errors import UnlikeRunsError
from harness.judge.compare import compare
from harness.judge.conditions import Traded, severities, trade
from harness.judge.scores import score_set, sets_of
from harness.records import Run, Transcript
from harness.report.conditions_rows import trade_line
from harness.report.conditions_table import conditions_table, trade_table
from harness.report.page import page
from harness.report.speech_rows import by_condition
from harness.report.tables import WIDTH
from tests.sample_run import empty_run, transcript

SAID = "pon la radio alta"  # four words
CLIPS = 40


def heard(wrong: int, treatment: str = "", clips: int = CLIPS) -> list[Transcript]:
    """Clips of which the first `wrong` have one error in four words."""
    return [
        transcript(SAID, "pon la radio baja" if n < wrong else SAID, f"c{n}", treatment=treatment)
        for n in range(clips)
    ]


def run_of(clean: int, **treated: int) -> Run:
    """A run with so many wrong clips clean, and under `white_10=...`."""
    found = heard(clean)
    for name, wrong in treated.items():
        found += heard(wrong, name.replace("_", " "))
    made = {"conditions": {"made": "treatments 1, seed 0, set abc"}}
    return empty_run(verb="conditions", transcripts=tuple(found), facts=made)


def test_a_severity_is_paired_with_the_same_clips_as_they_are() -> None:
    run = run_of(4, white_10=12)
    run = replace(run, transcripts=run.transcripts[:-8])  # eight clips were not heard under it
    (one,) = severities(run)
    assert one.treatment == Treatment.read("white 10")
    assert len(one.score.counts) == 32
    assert one.clean == pytest.approx(4 / 128)  # of the 32, not of all 40
    assert one.score.total.rate == pytest.approx(12 / 128)
    assert one.more == pytest.approx(8 / 128)
    assert one.difference is not None
    assert 0 < one.difference.low < 8 / 128 < one.difference.high


def test_a_treatment_whose_clips_were_not_heard_clean_is_left_out() -> None:
    run = run_of(0, white_10=1)
    assert severities(replace(run, transcripts=run.transcripts[CLIPS:])) == ()
    assert severities(empty_run()) == ()


def test_what_was_treated_does_not_enter_the_score_of_the_set() -> None:
    run, plain = run_of(4, white_10=40), run_of(4)
    score = score_set(run, "es_synthetic")
    assert score is not None
    assert score.total.errors == 4
    assert by_condition(run, "es_synthetic")["clean"].total.errors == 4
    changes = {c.metric: c for c in compare(plain, run).changes}
    change = changes["accuracy.wer.es_synthetic"]
    assert (change.old, change.new) == (4 / 160, 4 / 160)
    assert sets_of(replace(run, transcripts=run.transcripts[CLIPS:])) == ()
    treated = score_set(run, "es_synthetic", treatment="white 10")
    assert treated is not None
    assert treated.total.errors == 40


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        # 4 fewer errors clean; 20 and 10 more, 15 in the mean: together 11 more in 160 words
        (run_of(4, white_10=10, gain_6=5), run_of(0, white_10=30, gain_6=15), Traded.LOSES),
        (run_of(1, white_10=10, gain_6=5), run_of(0, white_10=12, gain_6=6), Traded.SEEMS),
        (run_of(20, white_10=20, gain_6=20), run_of(0, white_10=22, gain_6=20), Traded.WINS),
        (run_of(0, white_10=10, gain_6=5), run_of(0, white_10=30, gain_6=15), Traded.WORSE),
        (run_of(4, white_10=10, gain_6=5), run_of(4, white_10=10, gain_6=5), Traded.OPEN),
        # as much lost as won
        (run_of(10, white_10=0, gain_6=0), run_of(0, white_10=10, gain_6=10), Traded.OPEN),
    ],
)
def test_a_trade_is_named_by_what_is_won_and_lost(old: Run, new: Run, word: Traded) -> None:
    found = trade(old, new)
    assert found is not None
    assert found.word is word


def test_the_parts_of_a_trade_add_up_and_its_line_says_so() -> None:
    found = trade(run_of(4, white_10=10, gain_6=5), run_of(0, white_10=30, gain_6=15))
    assert found is not None
    assert found.clean.difference == pytest.approx(-4 / 160)
    assert found.conditions.difference == pytest.approx((20 + 10) / 2 / 160)
    assert found.net.difference == pytest.approx(11 / 160)
    assert found.net.interval is not None
    assert 0 < found.net.interval.low < 11 / 160 < found.net.interval.high
    assert [change.new for _, change in found.changes] == [0, 30 / 160, 15 / 160]
    line = trade_line(found)
    assert line.startswith("THE GAIN ON CLEAN CLIPS LOSES MORE THAN IT WINS: clean -2.50 % (")
    assert "under 2 conditions +9.38 % (" in line
    table = trade_table(found)
    assert line[:40] in table
    assert max(map(len, table.splitlines())) <= WIDTH


def test_speakers_are_resampled_where_they_repeat() -> None:
    def of_speakers(run: Run) -> Run:
        told = (replace(t, speaker=f"s{int(t.clip[1:]) // 2}") for t in run.transcripts)
        return replace(run, transcripts=tuple(told))

    def of_clips(wrong: int) -> Run:
        clips = heard(0, clips=160) + heard(wrong, "white 10", clips=160)
        return replace(run_of(0), transcripts=tuple(clips))

    old, new = of_clips(0), of_clips(80)  # all clips of forty speakers
    plain, clustered = trade(old, new), trade(of_speakers(old), of_speakers(new))
    assert plain is not None
    assert clustered is not None
    assert plain.net.difference == clustered.net.difference
    spreads = []
    for found, unit in ((plain, "160 utterances"), (clustered, "80 speakers")):
        assert found.net.interval is not None
        assert unit in found.net.interval.method
        spreads.append(found.net.interval.high - found.net.interval.low)
    # Both clips of a speaker err alike: half as many units, the root of two as wide, and t.
    assert spreads[1] / spreads[0] == pytest.approx(1.414 * 1.990 / 1.975, rel=0.03)
    (severe,) = severities(of_speakers(new))
    assert severe.difference is not None
    assert "80 speakers" in severe.difference.method


def test_only_clips_heard_everywhere_are_traded() -> None:
    old, new = run_of(4, white_10=10), run_of(0, white_10=10)
    fewer = replace(new, transcripts=new.transcripts[:-30])  # ten left under noise
    found = trade(old, fewer)
    assert found is not None
    assert found.clips == 10
    assert found.clean.difference == pytest.approx(-4 / 40)
    assert [change.old for _, change in found.changes] == [4 / 40, 10 / 40]  # the same ten
    assert trade(run_of(4, white_10=1), run_of(4, white_5=1)) is None
    assert trade(old, run_of(4)) is None
    assert trade(old, replace(new, transcripts=new.transcripts[:CLIPS])) is None


def test_runs_whose_clips_were_treated_otherwise_are_not_traded() -> None:
    old, new = run_of(4, white_10=10), run_of(0, white_10=10)
    other = replace(new, facts={"conditions": {"made": "treatments 2, seed 0, set abc"}})
    with pytest.raises(UnlikeRunsError, match=r"'treatments 1, .* then 'treatments 2"):
        trade(old, other)
    assert trade(old, other, anyway=True) is not None


def test_the_table_and_the_page_show_every_condition_beside_the_clean_clips() -> None:
    run = run_of(4, white_10=20, babble_0=38, mulaw=4)
    table = conditions_table(run)
    assert max(map(len, table.splitlines())) <= WIDTH
    lines = [line.split() for line in table.splitlines()]
    assert ["As", "it", "is", "40", "2.50", "%"] in [line[:6] for line in lines]
    assert ["Babble", "SNR", "0", "dB", "40", "23.75", "%"] in [line[:7] for line in lines]
    assert "2 of 3 conditions are shown to be worse. The worst is Babble, SNR 0 dB: 23.75 %" in (
        " ".join(table.split())
    )
    html = page(run, ())
    assert '<section id="listening">' in html
    assert html.count('<span class="badge fail">WORSE</span>') == 2
    assert "Word error rate under every listening condition" in html
    assert '<section id="listening">' not in page(run_of(4), ())
    assert conditions_table(run_of(4)) == ""
