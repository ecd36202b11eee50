"""Faults that only the figures show: time, memory, words, and what is not a figure at all."""

from __future__ import annotations

from harness.measure.planted.toy import STAGE_S
from harness.run.selftest.making import BENCH, SIDES, SOAK, both, fault, placed, planted
from harness.run.selftest.project import SUITE, sentences
from harness.units import KB, MB

LONG_S = 0.03  # seconds that the stage takes longer where times are compared, and
SLOWER_S = LONG_S + 0.2 * (STAGE_S + LONG_S)  # in the slower of the two
PATIENT = {**SUITE["ab"], "repeats": 10}
FEWEST = 20  # clips that a paired difference of word errors needs
PAIRED = 200  # clips by which one point more is seen
ONE_DOWN = (7,)  # one clip in 20 with one wrong word of five: 1 %
TWO_DOWN = (7, 17)

TIMED = fault("timed", "every stage is timed and within its budget", placed(*BENCH, "test_latency"))
WEIGHED = fault("weighed", "memory is within its budget", placed(*BENCH, "test_memory"))
SAME = fault(
    "same-pipeline",
    "the same pipeline twice, interleaved, and the same words",
    placed(
        *SIDES,
        clips=sentences(PAIRED),
        suite={"ab": PATIENT},
        spoil=both({"seconds": LONG_S, "wrong": ONE_DOWN}, {"seconds": LONG_S, "wrong": ONE_DOWN}),
    ),
)
STEADY = fault("no-leak", "memory that does not grow", placed(*SOAK))

FIGURES = (
    fault(
        "slow-stage",
        "one stage slower by 20 %",
        placed(
            *SIDES,
            clips=sentences(FEWEST),
            suite={"ab": PATIENT},
            spoil=both({"seconds": LONG_S}, {"seconds": SLOWER_S}),
            tries=3,
        ),
        *("exit 1", "slower latency.inference", "slower latency.end_to_end"),
        control=SAME,
    ),
    fault(
        "heavy",
        "150 MB beyond the memory budget",
        placed(*BENCH, "test_memory", spoil=planted(keep=150 * MB)),
        *("exit 1", "FAIL memory.peak"),
        control=WEIGHED,
    ),
    fault(
        "leak",
        "a leak of 100 MB in 1000 requests",
        placed(*SOAK, spoil=planted(leak=100 * KB)),
        *("exit 1", "FAIL soak.growth"),
        control=STEADY,
    ),
    fault(
        "one-point",
        "a word error rate higher by 1 point",
        placed(
            *(*SIDES, "--processes", "3"),
            clips=sentences(PAIRED),
            spoil=both({"wrong": ONE_DOWN}, {"wrong": TWO_DOWN}),
        ),
        *("exit 1", "worse accuracy.wer.words"),
        names=("+1.00 points",),
        control=SAME,
    ),
    fault(
        "cached-answer",
        "a stage that returns the answer to another request",
        placed(*BENCH, "test_latency", spoil=planted(cached=True)),
        *("exit 1", "breach timed_answers_are_those_heard"),
        names=("when it was timed",),
        control=TIMED,
    ),
    fault(
        "missing-metric",
        "a required metric that nothing supplies",
        placed(*BENCH, "test_latency", spoil=planted(skip=True)),
        *("exit 1", "NOT MEASURED latency.inference"),
        control=TIMED,
    ),
    fault(
        "clock-back",
        "a clock that goes backwards",
        placed(*BENCH, "test_latency", spoil=planted(clock=True)),
        *("exit 1", "breach clock_goes_forward"),
        names=("ns (process",),
        control=TIMED,
    ),
)
