"""One session: what it takes, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.errors import InputShapeError, OnnxRuntimeError
from agents.onnx_model import OnnxModel, SessionOptions, fits

OPTIONS: dict[str, Any] = {
    "threads": 1,
    "spinning": False,
    "prepacking": True,
    "memory_arena": True,
    "graph_optimization": "all",
}


def opened(path: Path, **options: Any) -> OnnxModel:
    """Load a model with the usual options but for those given."""
    return OnnxModel(path, SessionOptions(**{**OPTIONS, **options}))


TASKS = Path("/proc/self/task")


@pytest.fixture
def path(make_bundle: Callable[..., Path]) -> Path:
    return make_bundle().parents[1] / "models/core.onnx"


def test_a_model_runs_on_the_input_it_states(path: Path) -> None:
    model = opened(path)
    assert (model.input_shape, model.output_shape) == ([1, 16, 128], [1, 115, 1024])
    assert model.run(np.zeros((1, 16, 128), np.int64)).shape == (1, 115, 1024)


@pytest.mark.parametrize(
    ("array", "got"),
    [
        (np.zeros((1, 16, 127), np.int64), "int64 [1, 16, 127]"),
        (np.zeros((16, 128), np.int64), "int64 [16, 128]"),
        (np.zeros((1, 16, 128), np.int32), "int32 [1, 16, 128]"),
        (np.zeros((1, 16, 128), np.float32), "float32 [1, 16, 128]"),
        ([1, 2, 3], "int64 [3]"),  # not even an array
    ],
)
def test_an_input_that_does_not_fit_is_named(array: NDArray[Any], got: str, path: Path) -> None:
    with pytest.raises(InputShapeError) as caught:
        opened(path).run(array)
    assert str(caught.value).startswith("Input shape mismatch: audio_codes of core.onnx")
    assert f"expected int64 [1, 16, 128], got {got}." in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"this is a text file\n", b"\x08\x09"])
def test_a_file_that_is_no_model_is_an_onnx_runtime_error(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(OnnxRuntimeError, match=r"^ONNX Runtime error: cannot load .*core.onnx"):
        opened(path)


def test_truncated_weights_are_an_onnx_runtime_error_in_one_line(path: Path) -> None:
    data = path.with_name("core.onnx.data")
    data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(OnnxRuntimeError) as caught:
        opened(path)
    assert "\n" not in str(caught.value)
    assert "download again" in str(caught.value)


def test_nothing_is_printed_when_a_load_fails(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(b"this is a text file\n")
    with pytest.raises(OnnxRuntimeError):
        opened(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("threads", 3),
        ("spinning", True),
        ("prepacking", False),
        ("memory_arena", False),
        *(("graph_optimization", level) for level in ("disabled", "basic", "extended")),
    ],
)
def test_an_option_reaches_onnxruntime_and_changes_no_result(
    option: str, value: int | bool | str, path: Path
) -> None:
    codes = np.random.default_rng(0).integers(0, 2048, (1, 16, 128))
    usual, other = opened(path), opened(path, **{option: value})
    assert usual.options() == OPTIONS
    assert other.options() == {**OPTIONS, option: value}
    np.testing.assert_allclose(other.run(codes), usual.run(codes), rtol=1e-5)


@pytest.mark.skipif(not TASKS.exists(), reason="threads are counted in /proc")
def test_a_session_has_the_threads_that_it_was_given(path: Path) -> None:
    before = len(list(TASKS.iterdir()))
    session = opened(path, threads=4)
    session.run(np.zeros((1, 16, 128), np.int64))
    assert len(list(TASKS.iterdir())) == before + 3  # the caller is the fourth


@pytest.mark.parametrize(
    ("shape", "stated", "expected"),
    [
        ((1, 16, 128), [1, 16, 128], True),
        ((4, 16, 128), ["batch", 16, 128], True),  # a named length takes any
        ((4, 16, 128), [None, 16, 128], True),
        ((1, 16), [1, 16, 128], False),
        ((1, 16, 129), [1, 16, 128], False),
    ],
)
def test_a_shape_fits_what_is_stated(
    shape: tuple[int, ...], stated: list[int | str | None], expected: bool
) -> None:
    assert fits(shape, stated) is expected
