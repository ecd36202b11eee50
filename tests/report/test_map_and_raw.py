"""The map of a model's data files, and the numbers that a page carries."""

from __future__ import annotations

import base64
import csv
import io
from typing import Any

import pytest

from harness.records import Run
from harness.report import raw_files
from harness.report.map_figure import tensor_map
from harness.report.map_rows import file_maps, map_rows, map_sentence
from tests.sample_run import empty_run, sample_run


def model(*tensors: tuple[int, int], size: int = 100) -> Run:
    """A run whose model has tensors at (offset, length) in one file."""
    made: list[dict[str, Any]] = [
        {
            "name": f"t{n}",
            "dtype": "int8",
            "shape": [length],
            "bytes": length,
            "location": "core.data",
            "offset": offset,
            "length": length,
        }
        for n, (offset, length) in enumerate(tensors)
    ]
    inside = {**made[0], "location": None, "offset": None, "length": None} if made else {}
    every = [*made, inside] if made else []
    return empty_run(facts={"model": {"initializers": every, "files": {"core.data": size}}})


@pytest.mark.parametrize(
    ("tensors", "unused", "shared", "beyond"),
    [
        ([(0, 60), (60, 40)], 0, 0, 0),
        ([(60, 30), (0, 50)], 20, 0, 0),  # a gap of 10 and a tail of 10
        ([(0, 60), (50, 50)], 0, 10, 0),
        ([(0, 90), (10, 20), (40, 10)], 10, 30, 0),  # both lie inside the first
        ([(0, 60), (60, 70)], 0, 0, 30),
    ],
)
def test_every_byte_of_a_file_is_counted(
    tensors: list[tuple[int, int]], unused: int, shared: int, beyond: int
) -> None:
    (found,) = file_maps(model(*tensors))
    assert (found.unused, found.shared, found.beyond) == (unused, shared, beyond)
    assert [span.start for span in found.spans] == sorted(start for start, _ in tensors)


def test_the_map_is_told_in_a_sentence_and_a_table_of_the_largest() -> None:
    maps = file_maps(model((60, 30), (0, 50)))
    assert map_sentence(maps) == "core.data: 2 tensors in 100 B, 20 B unused."
    rows = map_rows(maps)
    assert [(row.name, row.place) for row in rows] == [("t1", "0 to 50"), ("t0", "60 to 90")]
    whole = map_sentence(file_maps(model((0, 100))))
    assert whole == "core.data: 1 tensors in 100 B, every byte used once."


def test_a_run_without_a_model_has_no_map() -> None:
    assert tensor_map(empty_run(), ()) == {"map_rows": (), "map_picture": None}


def carried(run: Run) -> dict[str, list[dict[str, str]]]:
    found = {}
    for file in raw_files.raw(run, ())["raw"]:
        head, _, data = file.uri.partition(",")
        assert head == "data:text/csv;base64"
        text = base64.b64decode(data).decode("utf-8")
        found[file.name.rpartition("-")[2]] = list(csv.DictReader(io.StringIO(text)))
    return found


def test_the_page_carries_every_sample_and_every_text_to_the_last_digit() -> None:
    run = sample_run()
    found = carried(run)
    assert [float(row["value"]) for row in found["samples.csv"]] == [
        value for m in run.measurements for value in m.samples
    ]
    heard = [(row["clip"], row["reference"], row["heard"]) for row in found["heard.csv"]]
    assert heard == [(t.clip, t.reference, t.hypothesis) for t in run.transcripts]


def test_what_is_too_long_for_a_page_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_files, "LONGEST", 100)
    shown = raw_files.raw(sample_run(), ())
    assert [file.uri for file in shown["raw"]] == ["", ""]
    assert all("too long for a page" in file.about for file in shown["raw"])
    assert shown["raw_command"].startswith("harness runs export ")
