"""Units: the one function that rounds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.units import GB, GIB, Unit, show


def test_a_duration_reads_in_milliseconds() -> None:
    assert show(0.0123, Unit.SECONDS) == "12.3 ms"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        pytest.param(0.0, Unit.SECONDS, "0 µs", id="zero needs no digits"),
        pytest.param(5.0, Unit.SECONDS, "5 s", id="whole numbers stay whole"),
        pytest.param(0.35, Unit.SECONDS, "350 ms", id="below one second: milliseconds"),
        pytest.param(-0.002, Unit.SECONDS, "-2 ms", id="the sign does not choose the multiple"),
        pytest.param(4.65 * GB, Unit.BYTES, "4.65 GB", id="decimal gigabytes, not GiB"),
        pytest.param(GIB, Unit.BYTES, "1.07 GB", id="a GiB is more than a GB"),
        pytest.param(999, Unit.BYTES, "999 B", id="single bytes"),
        pytest.param(0.02996, Unit.RATIO, "3.00 %", id="shown as 3 %, judged as 2.996 %"),
        pytest.param(4_300_000, Unit.COUNT, "4 300 000", id="thousands apart"),
        pytest.param(4.0, Unit.SCORE, "4.00", id="a score keeps two digits"),
        pytest.param(math.nan, Unit.BYTES, "not a number", id="NaN is said"),
    ],
)
def test_a_value_is_written_for_a_person(value: float, unit: Unit, text: str) -> None:
    assert show(value, unit) == text


@given(st.floats(min_value=1e-6, max_value=1e4))
def test_what_is_shown_is_within_one_percent_of_the_value(value: float) -> None:
    number, name = show(value, Unit.SECONDS).split(" ")
    factor = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}[name]
    assert float(number) * factor == pytest.approx(value, rel=0.01)
