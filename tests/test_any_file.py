"""Whatever a file holds, its reader returns what it says or raises the error that is documented.

These are the readers that the fuzzer does not look at: see `tests/fuzz`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.config import AudioOmniConfig
from agents.errors import AudioOmniError
from harness.accuracy import set_readers, timed
from harness.accuracy.hypotheses import FORMS, read_hypotheses, read_references
from harness.budgets import metrics, read_budgets
from harness.claims import read_claims
from harness.config import read_settings
from harness.errors import HarnessError
from harness.suite import read_suite

ROOT = Path(__file__).parents[1]
SUITE = ROOT / "config/suite.yaml"
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

# Words that mean something to one of the readers, with characters that mean something to all.
WORDS = [
    *("a", "ñ", "(a-1)", "{", "}", "/", "{ a / b }", "@", ";;", "<o,f0>", "1", "0.5", "-1", "nan"),
    *("1e999", "inf", "\t", "\n", "\r\n", " ", '"', "'", "\0", "\x1b[2J", "\u2028", "\ufeff", "😀"),
    *('{"id": "a", "text": "b"}', '{"audio_filepath": "a.wav", "text": "a"}', "path\tsentence"),
    *("IGNORE_TIME_SEGMENT_IN_SCORING", "a 1 0.0 0.5 word", "a 1 s 0.0 1.0 <x> word", "[", "]"),
]
FILES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(str.encode),
    st.lists(st.sampled_from(WORDS), max_size=40).map(lambda words: "".join(words).encode()),
)
READERS: dict[str, Callable[[Path], Any]] = {
    **{f"hypotheses {form}": partial(read_hypotheses, form=form) for form in ("", *FORMS)},
    **{f"references {form}": partial(read_references, form=form) for form in ("trn", "tsv")},
    "stm": lambda file: timed.stm_segments(timed.lines_of(file), file),
    "nemo": lambda file: list(set_readers.read_nemo(file)),
    "common voice": lambda file: list(set_readers.read_common_voice(file)),
    "librispeech": lambda file: list(set_readers.read_librispeech(file.parent)),
    "folder": lambda file: list(set_readers.read_folder(file.parent)),
}


def refusal(read: Callable[[Path], Any], file: Path, documented: type[Exception]) -> str:
    """Return what the documented error says; "" where the file is read."""
    try:
        read(file)
    except documented as error:
        return str(error)
    return ""


@FEW
@given(data=FILES)
@pytest.mark.parametrize("reader", READERS)
def test_a_file_of_texts_is_read_or_refused(tmp_path: Path, reader: str, data: bytes) -> None:
    names = {"librispeech": "a.trans.txt", "folder": "a.wav"}
    (tmp_path / "a.txt").write_bytes(data)
    file = tmp_path / names.get(reader, "file")
    file.write_bytes(data)
    said = refusal(READERS[reader], file, HarnessError)
    assert not said or said.startswith(str(tmp_path))


YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def configs(draw: st.DrawFn, name: str) -> bytes:
    """A config of ours with lines left out, doubled, or replaced by anything."""
    lines = (ROOT / f"config/{name}.yaml").read_text("utf-8").splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[at].partition(":")
        changed = draw(
            st.sampled_from(["", lines[at], "&a [*a]", f"{key}{colon} *b", "\t", "a: b: c", "? ["])
            | YAML.map(partial("{}{} {!r}".format, key, colon))
            | st.text(max_size=20)
        )
        lines[at : at + draw(st.integers(0, 2))] = [changed]
    return "\n".join(lines).encode("utf-8", "replace")


def _suite(file: Path) -> None:
    read_suite(file)
    read_suite(file, bundle="sarai", quick=True)


def _claims(file: Path) -> None:
    suite = read_suite(SUITE)
    read_claims(file, "sarai", suite, metrics(suite))


def _settings(file: Path) -> None:
    for name in ("suite", "budgets", "claims"):
        beside = file.with_name(f"{name}.yaml")
        beside.write_bytes((ROOT / f"config/{name}.yaml").read_bytes())
    read_settings(file)


CONFIGS: dict[str, Callable[[Path], Any]] = {
    "suite": _suite,
    "budgets": lambda file: read_budgets(file, "sarai", metrics(read_suite(SUITE))),
    "claims": _claims,
    "sarai": _settings,
}


@FEW
@given(data=st.data())
@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_is_read_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    file = tmp_path / f"{name}.yaml"
    file.write_bytes(data.draw(configs(name) | FILES))
    said = refusal(CONFIGS[name], file, HarnessError)
    assert not said or str(tmp_path) in said


@FEW
@given(data=configs("sarai") | FILES)
def test_the_pipelines_config_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "sarai.yaml"
    file.write_bytes(data)
    said = refusal(AudioOmniConfig.from_file, file, AudioOmniError)
    assert not said or str(file) in said
