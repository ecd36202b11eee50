"""Facts of values, for every dtype that ONNX stores."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.integrity.values import FLOATS, WIDTHS, Facts, facts_of

INF, NAN = np.inf, np.nan


def raw(values: Any, dtype: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array(values, dtype).view(np.uint8)


def _(elements: int, lowest: float | None, nan: int = 0) -> dict[str, Any]:
    """Return what a row expects, in few letters."""
    return {"elements": elements, "lowest": lowest, "nan": nan, "inf": 0, "denormal": 0}


def test_one_block_of_float32_by_hand() -> None:
    smallest = np.finfo(np.float32).smallest_subnormal
    seen = facts_of("float32", raw([1.5, NAN, -INF, 0.0, smallest, -2.0], np.float32))
    assert seen == Facts(elements=6, nan=1, inf=1, denormal=1, lowest=-2.0, highest=1.5)
    assert not seen.constant
    assert not seen.all_zero


@pytest.mark.parametrize("name", FLOATS)
def test_a_planted_value_is_counted_in_every_float_dtype(name: str) -> None:
    kind = FLOATS[name]
    info: Any = ml_dtypes.finfo
    smallest = info(kind.decoded).smallest_subnormal
    healthy = [1.0, -1.5, 0.5, 0.0]
    assert facts_of(name, raw(healthy, kind.decoded)) == Facts(elements=4, lowest=-1.5, highest=1.0)
    assert facts_of(name, raw([*healthy, NAN], kind.decoded)).nan == 1
    assert facts_of(name, raw([*healthy, smallest, -smallest], kind.decoded)).denormal == 2


@pytest.mark.parametrize("name", [n for n in FLOATS if n == "float8_e5m2" or "float8" not in n])
def test_infinity_is_counted_where_the_dtype_has_it(name: str) -> None:
    seen = facts_of(name, raw([1.0, INF, -INF], FLOATS[name].decoded))
    assert (seen.inf, seen.nan, seen.lowest, seen.highest) == (2, 0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("name", "bits", "expected"),
    [
        pytest.param("float16", [0x7C01], _(1, None, nan=1), id="a signalling NaN"),
        pytest.param("float32", [0x80000000, 0], _(2, 0.0), id="-0 and 0"),
        pytest.param("float32", [0xBF800000, 0xBF800001], _(2, -1.0000001), id="all below zero"),
        pytest.param("float8_e4m3fn", [0x7F, 0xFF, 0x7E], _(3, 448.0, nan=2), id="0x7f is NaN"),
        pytest.param("float8_e4m3fnuz", [0x80, 0x7F], _(2, 240.0, nan=1), id="-0 is NaN"),
        pytest.param("float8_e5m2fnuz", [0x80, 0x00], _(2, 0.0, nan=1), id="-0 is NaN there too"),
        pytest.param("float8_e8m0fnu", [0x7F, 0xFF], _(2, 1.0, nan=1), id="an exponent alone"),
    ],
)
def test_the_edges_of_a_dtype_are_its_own(
    name: str, bits: list[int], expected: dict[str, Any]
) -> None:
    seen = asdict(facts_of(name, raw(bits, f"u{WIDTHS[name]}")))
    assert {key: seen[key] for key in expected} == pytest.approx(expected)


@pytest.mark.parametrize("name", ["int8", "uint8", "int16", "uint16", "int32", "int64", "uint64"])
def test_whole_numbers_have_a_range_and_no_nan(name: str) -> None:
    ends = np.iinfo(name)
    seen = facts_of(name, raw([ends.min, 3, ends.max], name))
    assert seen == Facts(elements=3, lowest=int(ends.min), highest=int(ends.max))


@pytest.mark.parametrize(
    ("name", "packed", "elements", "lowest", "highest"),
    [
        pytest.param("int4", [0x87], 2, -8, 7, id="int4: the low half comes first"),
        pytest.param("int4", [0x12, 0x8F], 3, -1, 2, id="int4: the last half byte is no value"),
        pytest.param("uint4", [0xF1], 2, 1, 15, id="uint4"),
        pytest.param("int2", [0b10_01_00_11], 4, -2, 1, id="int2"),
        pytest.param("uint2", [0b11_01_10_01], 4, 1, 3, id="uint2"),
        pytest.param("float4_e2m1fn", [0x7F], 2, -6.0, 6.0, id="float4: 6 is the largest"),
    ],
)
def test_packed_values_are_unpacked(
    name: str, packed: list[int], elements: int, lowest: float, highest: float
) -> None:
    seen = facts_of(name, raw(packed, np.uint8), elements)
    assert seen == Facts(elements=elements, lowest=lowest, highest=highest)


def test_a_bool_is_0_or_1() -> None:
    assert facts_of("bool", raw([0, 1, 1], np.uint8)).odd == 0
    assert facts_of("bool", raw([0, 2, 255], np.uint8)).odd == 2


def test_a_complex_number_is_two_numbers() -> None:
    seen = facts_of("complex64", raw([1 + 2j, complex(NAN, -3)], np.complex64))
    assert (seen.elements, seen.nan, seen.lowest, seen.highest) == (4, 1, -3.0, 2.0)


def test_constant_and_zero_are_seen_over_several_blocks() -> None:
    ones, twos, none = (facts_of("float32", raw([x] * 3, np.float32)) for x in (1.0, 2.0, 0.0))
    assert (ones + ones).constant
    assert not (ones + twos).constant
    assert (none + none).all_zero
    assert not (none + ones).all_zero


@pytest.mark.parametrize("name", FLOATS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_bits_tell_what_decoding_every_number_tells(name: str, data: st.DataObject) -> None:
    kind = FLOATS[name]
    edges = [0, kind.sign, 1, kind.normal - 1, kind.normal, kind.finite, kind.sign | kind.finite]
    one = st.sampled_from(edges) | st.integers(0, 2 * kind.sign - 1)
    bits = np.array(data.draw(st.lists(one, min_size=1, max_size=6)), f"u{kind.width}")
    with np.errstate(invalid="ignore"):
        values = bits.view(kind.decoded).astype(np.float64)
    info: Any = ml_dtypes.finfo
    normal = float(info(kind.decoded).smallest_normal)
    finite = values[np.isfinite(values)]
    seen = facts_of(name, bits.view(np.uint8))
    assert seen.nan == np.isnan(values).sum()
    assert seen.inf == np.isinf(values).sum()
    assert seen.denormal == ((finite != 0) & (abs(finite) < normal)).sum()
    assert seen.lowest == (finite.min() if len(finite) else None)
    assert seen.highest == (finite.max() if len(finite) else None)
    assert seen.constant == (len(set(bits.tolist())) == 1)
