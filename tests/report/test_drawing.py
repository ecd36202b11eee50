"""The pictures: self-contained, the same every time, readable without colours of ours."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from functools import cache

import numpy as np
import pytest
from matplotlib.figure import Figure

from harness.judge.verdicts import judge_all
from harness.report.drawing import MANY, Frame, Label, Picture, canvas, dots, jitter, picture
from harness.report.memory_figure import memory_picture
from harness.report.speech_figure import speech_picture
from harness.report.time_figures import share_picture, start_picture, time_picture
from tests.sample_run import budgets, empty_run, sample_run


@cache
def drawn() -> dict[str, Picture | None]:
    run = sample_run()
    verdicts = judge_all(budgets(), run)
    return {
        "time": time_picture(run, verdicts),
        "start": start_picture(run, verdicts),
        "share": share_picture(run),
        "memory": memory_picture(run, verdicts),
        "speech": speech_picture(run, verdicts),
    }


def svg_of(uri: str) -> str:
    head, _, body = uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    return base64.b64decode(body).decode()


@pytest.mark.parametrize("name", ["time", "start", "share", "memory", "speech"])
def test_a_picture_is_whole_and_takes_its_colours_from_the_reader(name: str) -> None:
    picture = drawn()[name]
    assert picture is not None
    for uri in (picture.wide, picture.narrow):
        svg = svg_of(uri)
        ET.fromstring(svg)
        body = svg.split("</style>", 1)[1]
        assert re.findall(r"#[0-9a-f]{6}\b", body) == [], "every colour is a variable"
        assert "prefers-color-scheme:dark" in svg
        assert "http" not in re.sub(r'xmlns[:\w]*="[^"]*"', "", body), "nothing is loaded"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("time", ["Post-processing", "FAIL", "30 ms", "one run, log scale", "one run"]),
        ("start", ["Load, cold", "max 322 ms", "budget; beyond it is tinted"]),
        ("share", ["Unattributed", "20 ms", "mean time since the request came"]),
        ("memory", ["Whole process, peak", "100 MB", "WAIVED", "one process"]),
        ("speech", ["es_human", "noise 10 dB", "NOT PROVEN", "10 %", "greedy"]),
    ],
)
def test_a_picture_names_its_rows_its_unit_and_its_outcomes(name: str, words: list[str]) -> None:
    picture = drawn()[name]
    assert picture is not None
    for uri in (picture.wide, picture.narrow):
        svg = svg_of(uri)
        assert [word for word in words if word not in svg] == []


def test_every_run_is_drawn() -> None:
    picture = drawn()["time"]
    assert picture is not None
    # 9 stages of 80 runs: 74 quiet ones as dots of one path, 6 disturbed ones as circles.
    svg = svg_of(picture.wide)
    dots = max(re.findall(r'd="([^"]*)"', svg), key=len)
    assert dots.count("M ") == 74
    assert svg.count("<use") >= 9 * 6


def test_a_run_without_figures_has_no_pictures() -> None:
    run = empty_run()
    assert time_picture(run, ()) is start_picture(run, ()) is share_picture(run) is None
    assert memory_picture(run, ()) is speech_picture(run, ()) is None


def test_jitter_is_the_same_every_time_and_stays_in_its_row() -> None:
    offsets = list(jitter(500))
    assert offsets == list(jitter(500))
    assert max(map(abs, offsets)) <= 0.24


def test_thousands_of_dots_are_pixels_and_hundreds_are_a_path() -> None:
    def drawn(count: int) -> str:
        def figure(frame: Frame) -> Figure:
            made, axes = canvas(frame, [Label(name="a", figure="b")])
            dots(axes, np.linspace(0, 1, count), jitter(count))
            return made

        return base64.b64decode(picture(figure, "Dots.").wide.partition(",")[2]).decode()

    few, many = drawn(MANY), drawn(MANY + 1)
    assert "data:image/png;base64" in many
    assert "data:image/png;base64" not in few
    assert len(many) < len(few) / 2
    assert drawn(MANY + 1) == many
