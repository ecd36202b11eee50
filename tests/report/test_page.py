"""The page of a run: what it says, and what it must never do."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest

from harness.judge.verdicts import judge_all
from harness.records import Finding, Run
from harness.report.page import page
from harness.units import Unit
from tests.sample_run import (
    budget,
    budgets,
    empty_run,
    interrupted,
    measurement,
    sample_run,
    transcript,
)

VOID = {"meta", "img", "source", "br", "rect", "link", "input"}


class Reader(HTMLParser):
    """Reads a page as a browser would: its text, its tags and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.style = self.script = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"{tag} closes another tag"

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            self.style += data
        elif "script" in self.open:
            self.script += data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        """Everything that a person reads, with single spaces."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def drawn(run: Run) -> str:
    return page(run, judge_all(budgets(), run))


@cache
def sample_page() -> str:
    return drawn(sample_run())


def read(html: str) -> Reader:
    reader = Reader(html)
    assert reader.open == [], "every tag is closed"
    return reader


def test_the_golden_page_says_what_a_release_gate_must() -> None:
    text = read(sample_page()).text
    for fact in (
        "bench of the bundle reference MISSED 1 of 12 budgets missed",
        "1 not proven, 1 waived, 1 not measured yet.",
        "Post-processing FAIL 18.9 ms p95 ≤ 15 ms",
        "Every file has the sha256 that the manifest states BROKEN core.onnx.data: expected",
        "FAIL, waived until 2026-12-31: librosa is imported",
        "It does not gate yet.",
        "6 of 80 samples were disturbed by other processes. Close them and run again.",
        "End to end 80 (6 disturbed) 33.8 ms 36.4 ms ≤ 39.2 ms 39.2 ms p95 ≤ 60 ms PASS",
        "Whole process, peak 3 217 MB 220 MB max ≤ 250 MB PASS",
        "es_synthetic 60 426 1.88 %",
        "bootstrap over 6 speakers, 10 000 draws, seed 0",
        "6 speakers, fewer than 20: the interval holds less often than it says",
        "Smallest difference that a paired comparison would find: es_synthetic 4.77 %",
        "text numbers/3",
        "onnxruntime 1.32.0",
        "foreign CPU 0.03 cores",
        "20261123T192559Z-reference-bench-1a2b",
    ):
        assert fact in text


def test_failing_budgets_come_before_every_table() -> None:
    html = sample_page()
    assert html.index('id="missed"') < html.index('id="open"') < html.index("<table")


def test_each_picture_has_a_sentence_and_a_table_after_it() -> None:
    html = sample_page()
    for name in ("time", "memory", "speech"):
        part = html[html.index(f'<section id="{name}">') :]
        assert part.index('class="says"') < part.index("<figure>") < part.index("<table")
    described = [image["alt"] for image in read(html).all("img")]
    assert len(described) == 5
    assert all(text and text.endswith(".") for text in described)


def test_the_page_needs_nothing_from_anywhere() -> None:
    reader = read(sample_page())
    assert reader.all("link") == []
    assert reader.all("script") == [{}], "one, and it stands in the page"
    for tag, attributes in reader.tags:
        assert not any(name.startswith("on") for name in attributes), f"{tag} acts by itself"
        assert "style" not in attributes, "the policy forbids inline style attributes"
        source = attributes.get("src") or attributes.get("srcset") or "data:"
        assert source.startswith("data:")


def test_the_policy_allows_this_style_sheet_and_this_script_and_no_other() -> None:
    reader = read(sample_page())
    policy = next(meta["content"] for meta in reader.all("meta") if "http-equiv" in meta)
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (reader.style, reader.script)
    )
    assert policy == (
        f"default-src 'none'; img-src data:; media-src data:; style-src 'sha256-{style}'; "
        f"script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )


def test_the_same_run_gives_the_same_page_to_the_byte() -> None:
    assert drawn(sample_run()) == sample_page()


def test_every_text_of_a_run_is_escaped() -> None:
    evil = "<script>alert('ñ')</script>"
    run = empty_run(
        bundle=evil,
        doubts=(evil,),
        transcripts=(transcript(f"hola {evil}", evil, evil, set=evil, condition=evil),),
        findings=(Finding(rule=evil, title=evil, holds=False, detail=evil),),
    )
    html = page(run, judge_all([budget(evil, 1.0, Unit.SECONDS)], run))
    assert html.count("<script") == 1, "the page's own"
    assert read(html).text.count("<script>alert('ñ')</script>") >= 7


def test_misheard_words_are_marked_with_letters_and_not_by_colour_alone() -> None:
    run = empty_run(
        transcripts=(transcript("llama a mi hermano hoy", "llama ya a mi hermana"),),
    )
    html = drawn(run)
    marks = re.findall(r'word (sub|del|ins)"><small>(\w)</small><s>(.*?)</s><b>(.*?)</b>', html)
    assert [(kind, letter) for kind, letter, _, _ in marks[3:]] == [
        ("ins", "I"),
        ("sub", "S"),
        ("del", "D"),
    ], "the first three are the key"
    assert marks[4][2:] == ("hermano", "hermana")
    assert "3 errors in 5 words" in html


def test_an_interrupted_run_says_incomplete_first() -> None:
    text = read(drawn(interrupted(sample_run()))).text
    assert text.index("INCOMPLETE") < text.index("budgets missed")
    assert "it can be compared with no other" in text


@pytest.mark.parametrize(
    ("run", "says", "why"),
    [
        (empty_run(), "NOT PROVEN", "nothing was measured at all"),
        (
            empty_run(measurements=(measurement("latency.end_to_end", [math.nan, 0.1]),)),
            "not a number",
            "a broken sample is shown as what it is",
        ),
        (
            empty_run(measurements=(measurement("latency.end_to_end", [0.0, -1.0]),)),
            "Time",
            "no logarithm can show it, the table can",
        ),
        (
            empty_run(measurements=(measurement("memory.peak", [math.inf], unit=Unit.BYTES),)),
            "Whole process, peak",
            "no bar is that long",
        ),
        (
            empty_run(transcripts=(transcript("", "hola", condition="$x_1$ 日本"),)),
            "1 error in 0 words",
            "an empty reference, and signs that no font of ours has",
        ),
        (
            empty_run(
                findings=(Finding(rule="r", title="A", holds=True, detail="b", checked=False),)
            ),
            "NOT CHECKED",
            "a rule that could not be applied is open, not kept",
        ),
    ],
)
def test_a_page_is_drawn_from_whatever_a_run_holds(run: Run, says: str, why: str) -> None:
    rows = [budget("latency.load_warm", 1.0, Unit.SECONDS)] if run.measurements else []
    assert says in read(page(run, judge_all(rows, run))).text, why


def test_a_short_run_says_so() -> None:
    assert "short: fewer runs" in read(page(replace(empty_run(), facts={"quick": True}), ())).text
