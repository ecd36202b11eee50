"""Nodes that move values: where each says that a value comes from, checked by running it."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from agents.origins import Move, origin

COUNTING = np.arange(24, dtype=np.float32).reshape(1, 4, 6)
SPREAD = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}

MOVES: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("Identity", [], {}),
    ("Reshape", [[1, 2, 12]], {}),
    ("Unsqueeze", [[3]], {}),
    ("Squeeze", [[0]], {}),
    ("Flatten", [], {"axis": 2}),
    ("Transpose", [], {"perm": [2, 0, 1]}),
    ("Transpose", [], {}),
    ("Expand", [[5, 4, 6]], {}),
    ("Expand", [[2, 1, 1, 1]], {}),  # an axis in front
    ("Tile", [[1, 2, 3]], {}),
    ("Slice", [[1, 5], [4, -7], [1, 2], [2, -2]], {}),  # on two axes, one of them backwards
    ("Slice", [[-3], [9], [2]], {}),  # from the end, without steps
    ("Slice", [[0, 1], [1, 3]], {}),  # without axes
]


def run(kind: str, others: list[Any], attributes: dict[str, Any], taken: Any = COUNTING) -> Any:
    """Return what onnxruntime makes of `taken` by one node, and the node as a Move."""
    names = [f"i{n}" if other is not None else "" for n, other in enumerate(others)]
    constants = [
        numpy_helper.from_array(np.array(other, dtype), name)
        for name, other in zip(names, others, strict=True)
        if other is not None
        for dtype in [np.float32 if isinstance(other[0], float) else np.int64]
    ]
    graph = helper.make_graph(
        [helper.make_node(kind, ["x", *names], ["y"], **attributes)],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, taken.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    made = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": taken})[0]
    kept = {
        name: value.encode() if isinstance(value, str) else value
        for name, value in attributes.items()
    }
    move = Move(
        kind=kind,
        taken=[taken.shape, *((len(other or []),) for other in others)],
        given=made.shape,
        attributes=kept,
        constants=[None, *(other or [] for other in others)],
    )
    return made, move


@pytest.mark.parametrize(("kind", "others", "attributes"), MOVES)
def test_every_value_of_a_move_is_found_in_its_input(
    kind: str, others: list[Any], attributes: dict[str, Any]
) -> None:
    made, move = run(kind, others, attributes)
    found = origin(move, np.arange(made.size))
    assert found is not None
    assert found[0] == 0
    np.testing.assert_array_equal(COUNTING.ravel()[found[1]], made.ravel())


@pytest.mark.parametrize(
    "others", [[[0, 1, 2, 0, 0, 3]], [[1, 2, 0, 3], None, [1, 2]], [[0, 1, -2, 0, 0, 3]]]
)
def test_what_a_pad_adds_has_no_origin_and_the_rest_has(others: list[Any]) -> None:
    made, move = run("Pad", others, {}, COUNTING + 1)  # no value is zero but those it adds
    places = np.arange(made.size)
    assert origin(move, places) is None
    found = origin(move, places[made.ravel() > 0])
    assert found is not None
    np.testing.assert_array_equal((COUNTING + 1).ravel()[found[1]], made[made > 0])


def test_a_concatenation_is_followed_into_the_one_part_that_holds_all() -> None:
    move = Move(
        kind="Concat",
        taken=[(1, 2, 3), (1, 4, 3)],
        given=(1, 6, 3),
        attributes={"axis": 1},
        constants=[None, None],
    )
    first, second = np.arange(6), np.arange(6, 18)
    for index, places, start in ((0, first, 0), (1, second, 6)):
        found = origin(move, places)
        assert found is not None
        assert found[0] == index
        np.testing.assert_array_equal(found[1], places - start)
    assert origin(move, np.arange(18)) is None


@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_a_resize_keeps_the_values_at_multiples_of_its_factor(mode: str) -> None:
    made, move = run("Resize", [None, [1.0, 1.0, 4.0]], {"mode": mode, **SPREAD})
    places = np.arange(0, made.size, 4)
    found = origin(move, places)
    assert found is not None
    np.testing.assert_array_equal(COUNTING.ravel()[found[1]], made.ravel()[places])
    assert origin(move, np.arange(made.size)) is None


@pytest.mark.parametrize(
    ("kind", "attributes", "constants"),
    [
        ("Add", {}, [None, None]),  # makes new values
        ("Resize", {"mode": b"linear"}, [None, [], [4]]),  # half-pixel: every value is made up
        ("Resize", {"mode": b"cubic", "coordinate_transformation_mode": b"asymmetric"}, [None]),
        ("Pad", {}, [None, None]),  # how much is known only in a run
        ("Slice", {}, [None, [0], [1], None]),  # on which axes is known only in a run
    ],
)
def test_what_cannot_be_followed_has_no_origin(
    kind: str, attributes: dict[str, Any], constants: list[Any]
) -> None:
    shapes = [(4,)] * len(constants)
    move = Move(kind=kind, taken=shapes, given=(4,), attributes=attributes, constants=constants)
    assert origin(move, np.arange(4)) is None
