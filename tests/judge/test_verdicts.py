"""From samples and a limit to PASS, FAIL, NOT PROVEN, NOT MEASURED or WAIVED."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.budgets import UNMEASURED
from harness.errors import ConfigError
from harness.judge.scores import score_transcripts
from harness.judge.verdicts import judge, judge_all, outcome_of
from harness.records import Interval, Measurement, Outcome, Run, Statistic, Waiver
from harness.units import MB, Unit
from tests.sample_run import budget, budgets, empty_run, measurement, sample_run, transcript

SECONDS = Unit.SECONDS
P95 = budget("latency.inference", 0.100, SECONDS)
PEAK = budget("memory.peak", 250 * MB, Unit.BYTES, statistic=Statistic.MAX)
WER = budget("accuracy.wer.es_synthetic", 0.03, Unit.RATIO, statistic=Statistic.RATE)


def timed(times: list[float], processes: int = 10, **other: object) -> Run:
    """Return a run whose inference times are dealt out to its processes in turn."""
    parts = [
        measurement("latency.inference", times[i::processes], i, **other) for i in range(processes)
    ]
    return empty_run(measurements=tuple(part for part in parts if part.samples))


def disturbed_run(disturbed: list[float], quiet: list[float]) -> Run:
    """Return a run of ten processes, and how much CPU time the others took beside each request."""
    times = [(time, True) for time in disturbed] + [(time, False) for time in quiet]
    parts = []
    for i in range(10):
        taken, taints = [time for time, _ in times[i::10]], [taint for _, taint in times[i::10]]
        others = [0.03 * taint for taint in taints]
        parts += [
            measurement("latency.inference", taken, i, tainted=tuple(taints)),
            measurement("disturbance.foreign", others, i),
        ]
    return empty_run(measurements=tuple(parts))


def weighed(*peaks: float) -> Run:
    """Return a run with one memory peak per process."""
    return empty_run(
        measurements=tuple(
            measurement("memory.peak", [peak], i, unit=Unit.BYTES) for i, peak in enumerate(peaks)
        )
    )


def heard(right: int, wrong: int) -> Run:
    """Return a run of clips of five words, `wrong` of them with one word misheard."""
    said = "enciende la luz del salón"
    texts = [said] * right + ["entiende la luz del salón"] * wrong
    return empty_run(
        transcripts=tuple(transcript(said, text, f"c{i}") for i, text in enumerate(texts))
    )


def test_the_sample_run_is_judged_as_written_by_hand() -> None:
    verdicts = judge_all(budgets(), sample_run())
    found = {v.budget.metric: v.outcome for v in verdicts if v.outcome is not Outcome.PASS}
    assert found == {
        "latency.post_processing": Outcome.FAIL,
        "memory.libraries": Outcome.WAIVED,
        "accuracy.wer.es_synthetic": Outcome.NOT_PROVEN,
        "quality.tts_mos": Outcome.NOT_MEASURED,
    }


@pytest.mark.parametrize(
    ("run", "outcome", "says", "why"),
    [
        (timed([0.05] * 73), Outcome.PASS, "at most 50 ms", "73 clean runs prove p95"),
        (timed([0.05] * 72), Outcome.NOT_PROVEN, "1 more", "72 do not"),
        (timed([0.05] * 20), Outcome.NOT_PROVEN, "53 more", "says how many are missing"),
        (timed([0.05] * 79 + [0.2]), Outcome.NOT_PROVEN, "33 more", "one over the limit: 113"),
        (timed([0.05] * 72), Outcome.NOT_PROVEN, "not available: it needs 73", "and no value"),
        (timed([0.2] * 59), Outcome.FAIL, "missed by 100 ms", "every run over"),
        (timed([0.2] * 20), Outcome.FAIL, "at least 200 ms", "a fail is shown sooner"),
        (timed([0.2] * 9, processes=2), Outcome.NOT_PROVEN, "rather fail", "of two processes"),
        (timed([0.05] * 80, processes=1), Outcome.NOT_PROVEN, "one process", "one process"),
        (empty_run(), Outcome.NOT_MEASURED, "latency.inference", "nothing supplies it"),
    ],
)
def test_a_percentile_passes_only_when_its_bound_does(
    run: Run, outcome: Outcome, says: str, why: str
) -> None:
    verdict = judge(P95, run)
    assert verdict.outcome is outcome, why
    assert says in verdict.sentence


@pytest.mark.parametrize(
    ("run", "outcome", "says", "why"),
    [
        (weighed(200e6, 210e6, 205e6), Outcome.PASS, "210 MB", "the highest of three is within"),
        (weighed(200e6, 250e6, 205e6), Outcome.PASS, "250 MB", "the limit itself is kept"),
        (weighed(200e6, 250e6 + 1), Outcome.FAIL, "250000001.0", "one byte over; said in full"),
        (weighed(200e6, 210e6), Outcome.NOT_PROVEN, "1 more needed", "two processes are too few"),
        (weighed(math.nan, 2e8, 2e8), Outcome.FAIL, "not a finite number", "NaN never passes"),
        (weighed(math.inf, 2e8, 2e8), Outcome.FAIL, "not a finite number", "nor does infinity"),
    ],
)
def test_an_observed_maximum_needs_three_processes_to_pass(
    run: Run, outcome: Outcome, says: str, why: str
) -> None:
    verdict = judge(PEAK, run)
    assert verdict.outcome is outcome, why
    assert says in verdict.sentence
    assert verdict.interval is None, "a maximum is not a bound"


@pytest.mark.parametrize(
    ("run", "outcome", "says", "why"),
    [
        (heard(300, 0), Outcome.PASS, "0.00 %", "1500 words without an error"),
        (heard(299, 1), Outcome.PASS, "0.07 %", "one error in 1500 words"),
        (heard(276, 24), Outcome.PASS, "1.60 %", "the whole interval is below"),
        (heard(262, 38), Outcome.NOT_PROVEN, "more utterances", "2.53 %, but up to 3.3 %"),
        (heard(100, 200), Outcome.FAIL, "missed by", "13 %"),
        (
            heard(19, 0),
            Outcome.NOT_PROVEN,
            "19 utterances decide nothing",
            "too few, bounded by none",
        ),
        (heard(0, 19), Outcome.NOT_PROVEN, "without a bound", "too few, all of them wrong"),
        (heard(20, 0), Outcome.NOT_PROVEN, "finer than 100 words can show", "7.4 % at best"),
        (empty_run(), Outcome.NOT_MEASURED, "It is required", "no transcript"),
    ],
)
def test_word_errors_pass_only_when_their_whole_interval_does(
    run: Run, outcome: Outcome, says: str, why: str
) -> None:
    verdict = judge(WER, run)
    assert verdict.outcome is outcome, why
    assert says in verdict.sentence


def test_greedy_word_errors_are_not_measured_when_no_greedy_text_was_given() -> None:
    run = empty_run(transcripts=(transcript("hola", "hola", greedy=""),))
    greedy = replace(WER, metric="accuracy.wer_greedy.es_synthetic")
    assert judge(greedy, run).outcome is Outcome.NOT_MEASURED
    assert judge(WER, run).outcome is not Outcome.NOT_MEASURED


@pytest.mark.parametrize(
    ("speakers", "unit", "warns", "why"),
    [
        (40, "40 utterances", "", "no speaker repeats"),
        (20, "20 speakers", "", "enough of them"),
        (19, "19 speakers", "fewer than 20", "repeating, but few"),
        (1, "40 utterances", "one speaker", "nobody to resample"),
        (0, "40 utterances", "", "unknown"),
    ],
)
def test_speakers_are_resampled_where_they_repeat(
    speakers: int, unit: str, warns: str, why: str
) -> None:
    clips = tuple(
        transcript(
            "hola",
            "hola" if i % 3 else "ola",
            f"c{i}",
            speaker=f"s{i % speakers}" if speakers else "",
        )
        for i in range(40)
    )
    verdict, score = judge(WER, empty_run(transcripts=clips)), score_transcripts(clips)
    assert verdict.interval is not None
    assert score is not None
    assert unit in verdict.interval.method, why
    assert warns in score.warning, why
    assert bool(score.warning) is bool(warns), why


def test_speakers_of_whom_one_says_nearly_all_are_few() -> None:
    owners = [f"s{i}" for i in range(20)] + ["s0"] * 80
    clips = tuple(
        transcript("hola", "ola" if i == 5 else "hola", f"c{i}", speaker=owner)
        for i, owner in enumerate(owners)
    )
    score = score_transcripts(clips)
    assert score is not None
    assert "as unequal as those of 1.5" in score.warning


def test_nothing_is_rounded_before_the_limit_is_applied() -> None:
    just_over = math.nextafter(0.100, 1)
    verdict = judge(P95, timed([just_over] * 80))
    assert verdict.outcome is Outcome.FAIL
    assert "0.1 against 0.1000" in verdict.sentence, "shown in full: rounded they read alike"


@pytest.mark.parametrize(
    ("disturbed", "quiet", "outcome", "why"),
    [
        ([0.2] * 8, [0.05] * 72, Outcome.NOT_PROVEN, "only disturbed runs are over the limit"),
        ([0.05] * 8, [0.05] * 72, Outcome.PASS, "10 % are disturbed, both within"),
        ([0.05] * 9, [0.05] * 71, Outcome.NOT_PROVEN, "11 % are, whatever they show"),
        ([0.06] * 7, [0.05] * 70, Outcome.PASS, "too few quiet ones, but disturbance only slows"),
        ([0.2] * 8, [0.2] * 72, Outcome.FAIL, "both over"),
        ([0.2] * 9, [0.2] * 71, Outcome.NOT_PROVEN, "11 % are: no fail either"),
        ([0.2] * 80, [], Outcome.NOT_PROVEN, "no quiet run at all"),
    ],
)
def test_disturbed_runs_are_judged_with_and_without(
    disturbed: list[float], quiet: list[float], outcome: Outcome, why: str
) -> None:
    assert judge(P95, disturbed_run(disturbed, quiet)).outcome is outcome, why


def test_too_many_disturbed_runs_are_said_with_their_cause_and_a_way_out() -> None:
    verdict = judge(P95, disturbed_run([0.05] * 10, [0.05] * 70))
    assert verdict.sentence == (
        "The p95 of 80 runs is 50 ms, between 50 ms and 50 ms with 95 % confidence. "
        "PASS with all samples, NOT PROVEN without the 10 of 80 that were disturbed from outside; "
        "more than 10.00 % prove nothing. Meanwhile other processes used 300 ms of CPU time. "
        "Run it again on a quiet machine (`harness bench` waits for one: --wait-quiet 60)."
    )


@pytest.mark.parametrize(
    ("expires", "outcome", "says", "why"),
    [
        ("2026-11-23", Outcome.WAIVED, "waived until 2026-11-23: known", "its last day counts"),
        ("2026-11-22", Outcome.FAIL, "expired on 2026-11-22", "the day after does not"),
    ],
)
def test_a_waiver_counts_until_its_day(expires: str, outcome: Outcome, says: str, why: str) -> None:
    waived = replace(P95, waiver=Waiver(reason="known", expires=expires))
    verdict = judge(waived, timed([0.2] * 80))
    assert verdict.outcome is outcome, why
    assert says in verdict.sentence


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (empty_run(), "nothing was measured: there is nothing to waive"),
        (timed([math.nan] * 80), "a broken measurement is not an exception to a budget"),
    ],
)
def test_a_waiver_does_not_cover(run: Run, why: str) -> None:
    waived = replace(P95, waiver=Waiver(reason="known", expires="2099-01-01"))
    assert judge(waived, run).outcome is not Outcome.WAIVED, why


@pytest.mark.parametrize(
    ("run", "expires", "outcome", "says", "why"),
    [
        (empty_run(), "2026-11-23", Outcome.WAIVED, "NOT MEASURED, waived until", "excused"),
        (empty_run(), "2026-11-22", Outcome.NOT_MEASURED, "expired on 2026-11-22", "a day late"),
        (timed([0.2] * 80), "2099-01-01", Outcome.FAIL, "is missed", "measured: no miss is"),
    ],
)
def test_a_waiver_of_an_absence_covers_that_alone(
    run: Run, expires: str, outcome: Outcome, says: str, why: str
) -> None:
    waiver = Waiver(reason="no listeners yet", expires=expires, covers="absence")
    verdict = judge(replace(P95, waiver=waiver), run)
    assert verdict.outcome is outcome, why
    assert says in verdict.sentence


def test_a_run_may_say_why_it_has_nothing_of_a_metric() -> None:
    run = empty_run(facts={f"{UNMEASURED}{P95.metric}": "langgraph is not installed."})
    assert judge(P95, run).sentence == (
        "Nothing in this run supplies latency.inference: langgraph is not installed. "
        "It is required, so this is a miss."
    )


def test_a_waiver_without_a_date_is_an_error_that_names_the_budget() -> None:
    waived = replace(P95, waiver=Waiver(reason="known", expires="soon"))
    with pytest.raises(ConfigError, match=r"latency.inference.*'soon'.*2026-12-31"):
        judge(waived, timed([0.2] * 80))


def test_a_budget_in_another_unit_is_an_error_and_not_a_verdict() -> None:
    wrong = replace(P95, unit=Unit.BYTES)
    with pytest.raises(ConfigError, match="is in B, the run measured s"):
        judge(wrong, timed([0.05] * 80))


def test_a_limit_that_is_not_a_number_is_never_kept() -> None:
    assert judge(replace(P95, limit=math.nan), timed([0.05] * 80)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("statistic", "samples", "outcome", "why"),
    [
        (Statistic.MEAN, [4.5] * 5 + [4.6] * 5, Outcome.PASS, "the whole interval is above 4"),
        (Statistic.MEAN, [3.5, 4.9], Outcome.NOT_PROVEN, "two samples say little"),
        (Statistic.MEAN, [4.5], Outcome.NOT_PROVEN, "one sample has no interval"),
        (Statistic.MEAN, [3.1] * 5 + [3.2] * 5, Outcome.FAIL, "the whole interval is below"),
        (Statistic.ALL, [4.0, 4.5], Outcome.PASS, "every sample holds, the limit included"),
        (Statistic.ALL, [3.9, 4.5], Outcome.FAIL, "one does not"),
        (Statistic.MAX, [3.9, 4.5], Outcome.FAIL, "the worst of at_least is the lowest"),
    ],
)
def test_a_minimum_is_judged_from_below(
    statistic: Statistic, samples: list[float], outcome: Outcome, why: str
) -> None:
    row = budget("quality.other", 4.0, Unit.SCORE, statistic=statistic, at_most=False)
    taken = Measurement(metric="quality.other", unit=Unit.SCORE, samples=tuple(samples))
    assert judge(row, empty_run(measurements=(taken,))).outcome is outcome, why


@pytest.mark.parametrize(
    ("right", "of", "outcome"),
    [(100, 100, Outcome.PASS), (19, 20, Outcome.NOT_PROVEN), (50, 100, Outcome.FAIL)],
)
def test_a_rate_of_trials_is_judged_by_its_exact_interval(
    right: int, of: int, outcome: Outcome
) -> None:
    row = budget("accuracy.end_to_end", 0.9, Unit.RATIO, statistic=Statistic.RATE, at_most=False)
    samples = (1.0,) * right + (0.0,) * (of - right)
    taken = Measurement(metric="accuracy.end_to_end", unit=Unit.RATIO, samples=samples)
    assert judge(row, empty_run(measurements=(taken,))).outcome is outcome


@settings(deadline=None)
@given(
    st.floats(allow_nan=True), st.floats(allow_nan=True), st.floats(allow_nan=True), st.booleans()
)
def test_only_an_interval_inside_the_limit_passes(
    low: float, high: float, limit: float, at_most: bool
) -> None:
    row = budget("latency.inference", limit, SECONDS, at_most=at_most)
    outcome = outcome_of(row, Interval(low=low, high=high, level=0.95, method=""))
    if outcome is Outcome.PASS:
        assert high <= limit if at_most else low >= limit
    if math.isnan(limit) or (math.isnan(low) and math.isnan(high)):
        assert outcome is Outcome.NOT_PROVEN
