"""What comes from elsewhere is read within limits, and cannot play with a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.report.tables import drawn, table
from harness.strict import MOST_VALUES, read_yaml
from harness.untrusted import DEEPEST, is_inside, parse_json, printable, read_text

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.floats(-1e300, 1e300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(PLAIN)
def test_json_as_the_harness_writes_it_is_read_as_it_was(value: Any) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return
    assert parse_json(text) == json.loads(text)
    assert parse_json(text.encode("utf-8", "surrogatepass")) == json.loads(text)


@pytest.mark.parametrize("given_as", [str, str.encode])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested deeper"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested deeper"),
        ("NaN", "finite"),
        ("[-Infinity]", "finite"),
        ("1e999", "finite"),
        ("9" * 5000, "too long"),
        ("0." + "1" * 5000, "finite and short"),
        (r'"\ud83d"', "surrogate"),
        (r'{"\uDC00": 1}', "surrogate"),
        ("{", "Expecting"),
    ],
)
def test_json_that_is_no_plain_data_is_refused(text: str, said: str, given_as: Any) -> None:
    with pytest.raises(ValueError, match=said):
        parse_json(given_as(text))


def test_a_whole_pair_and_the_deepest_level_are_read() -> None:
    assert parse_json(r'"\ud83d\ude00"') == "😀"
    assert parse_json("[" * DEEPEST + "]" * DEEPEST)


def test_a_larger_file_than_expected_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("12345\r\n")
    assert read_text(file, 7) == "12345\n"
    with pytest.raises(ValueError, match="larger than 6 bytes"):
        read_text(file, 6)


@pytest.mark.parametrize("path", ["a\0b", "a/\0", "/etc", "..", "a/../b", "C:x", "\\\\host\\x", ""])
def test_no_such_path_is_inside(path: str) -> None:
    assert not is_inside(path)


HOSTILE = "hola \x1b]0;owned\x07\x1b[2J\r\u202eevil\x9b31m"


def test_a_transcript_cannot_move_the_cursor() -> None:
    assert printable("¿Qué?\tsí\n") == "¿Qué?\tsí\n"
    text = drawn([table(("What", "Text"), [((HOSTILE, HOSTILE), "none")]), HOSTILE], colour=False)
    assert not [letter for letter in text.replace("\n", "") if ord(letter) < 32]
    assert not {"\x9b", "\u202e"} & set(text)
    assert r"\x1b" in text


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join(['*a' + str(n - 1)] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(bomb(9), f"more than {MOST_VALUES} values", id="billion laughs"),
        pytest.param("a: &a [*a]", f"more than {MOST_VALUES} values", id="it names itself"),
        pytest.param("a: &a {<<: *a}", f"more than {MOST_VALUES} values", id="it merges itself"),
        pytest.param("a: " + "[" * 5000, "nested too deep", id="deep"),
        pytest.param("a: " + "x" * 1_000_001, "larger than", id="large"),
        pytest.param("a: !!python/object/apply:os.system [id]", "constructor", id="code"),
    ],
)
def test_a_config_that_explodes_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "budgets.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said) as raised:
        read_yaml(file)
    assert str(file) in str(raised.value)


def test_aliases_that_a_person_writes_are_read(tmp_path: Path) -> None:
    file = tmp_path / "suite.yaml"
    file.write_text(bomb(3))
    assert read_yaml(file)["a2"][9][9][9] == "x"
