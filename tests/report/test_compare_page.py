"""Two runs as a page, in Markdown, in the terminal: the same findings, within limits, escaped."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.judge.clip_changes import clip_changes
from harness.records import Run
from harness.report.change_rows import change_rows, word_of_all
from harness.report.clip_change_rows import MOST, clip_change_table
from harness.report.compare_markdown import compare_markdown
from harness.report.compare_page import compare_page
from harness.report.compare_table import compared_table
from harness.report.compared import UNLIKE, Compared, compare_stored, told
from harness.report.for_ci import LONGEST, cell
from tests.sample_run import SENTENCES, empty_run, environment, sample_run, transcript

QUOTE = "'"  # takes five characters in HTML
HOSTILE = (
    "</style><script>owned</script><img src=x onerror=owned> @you #no https://evil.example |`x`"
)


def compared(old: Run, new: Run, *, anyway: bool = False) -> Compared:
    return compare_stored(Path("none"), Path("none"), (old, new), anyway=anyway)


@pytest.fixture(scope="module")
def found() -> Compared:
    new = sample_run(seed=1, slower=1.25)
    said = [
        replace(t, hypothesis=t.reference) if t.set == "es_human" else t for t in new.transcripts
    ]
    return compared(sample_run(), replace(new, id="20261124T000000Z-new", transcripts=tuple(said)))


@pytest.fixture(scope="module")
def html(found: Compared) -> str:
    return compare_page(found)


class Reader(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_every_form_says_the_same(found: Compared, html: str) -> None:
    text, terminal, data = compare_markdown(found), compared_table(found), told(found)
    assert data["word"] == "WORSE AND BETTER"
    assert data["sentence"] in html
    assert data["sentence"] in text
    flat = " ".join(terminal.split())
    assert data["clips"]["sentence"] in flat
    for row in change_rows(found.metrics):
        assert f'<th scope="row">{row.title}</th>' in html
        assert f"| {cell(row.title)} | {cell(row.old)} |" in text
    slow = next(c for c in data["changes"] if c["metric"] == "latency.inference")
    assert (slow["word"], len(data["clips"]["changed"])) == ("slower", len(found.clips))
    assert {c["clip"] for c in data["clips"]["changed"]} == {c.new.clip for c in found.clips}


def test_the_page_is_strict_and_needs_no_script(html: str) -> None:
    reader = Reader(html)
    assert "default-src 'none'" in unescape(html)
    assert "script-src" not in html
    assert {"script", "link", "iframe", "form"}.isdisjoint(reader.tags)
    assert "style" not in reader.attributes
    assert html.startswith("<!doctype html>")
    assert reader.tags.count("article") == html.count('aria-label="es_') > 20
    assert 'class="word sub"' in html
    assert html.count("<strong>old</strong> <span>") == html.count("<strong>new</strong> <span>")


def test_a_time_has_its_p95_beside_the_ratio_and_few_samples_have_none(found: Compared) -> None:
    rows = {row.metric: row for row in change_rows(found.metrics)}
    assert rows["latency.inference"].p95.count("ms") == 2
    assert rows["latency.load_warm"].p95 == "–"
    moved = [row.style in ("fail", "pass") for row in rows.values() if row.group == "Time"]
    assert moved == sorted(moved, reverse=True), "what moved stands first"


def test_runs_that_are_alike_say_so() -> None:
    same = compared(sample_run(), sample_run())
    assert word_of_all(same.metrics) == ("NO DIFFERENCE SHOWN", "none")
    assert "All 136 clips that both runs heard have the same words wrong." in compare_markdown(same)
    assert told(same)["clips"]["changed"] == []


def test_unlike_runs_have_the_warning_on_top_of_every_form() -> None:
    place = environment()
    other = replace(place, comparable={**place.comparable, "cpu": HOSTILE})
    found = compared(empty_run(), empty_run(environment=other), anyway=True)
    page, text = compare_page(found), compare_markdown(found)
    assert page.index(UNLIKE) < page.index("<h1>")
    assert text.index(UNLIKE) < text.index("Nothing stands in both")
    assert "UNLIKE cpu:" in compared_table(found)
    assert told(found)["unlike"]


def many(count: int, text: str, name: str) -> Compared:
    """Return so many changed clips, of which 10 differ from each other."""
    old, new = (
        empty_run(
            transcripts=tuple(
                transcript(f"{SENTENCES[n % 10]} {text}", f"{word} {text}", f"c{n} {name}")
                for n in range(10)
            )
        )
        for word in ("nada", f"{text[:200]} eh")
    )
    clips = clip_changes(old, new)
    return replace(compared(empty_run(), empty_run()), clips=clips * (count // 10), both=count)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("pon la radio", "", id="many clips"),
        pytest.param("pon la radio", HOSTILE * 20, id="markup"),
        pytest.param(f"{'p' * 9_000} {'<a> ' * 300}{QUOTE * 99}", "", id="huge transcripts"),
    ],
)
def test_a_page_keeps_within_its_limits(text: str, name: str) -> None:
    count = 5_000
    found = many(count, text, name)
    page, written = compare_page(found), compare_markdown(found)
    table = clip_change_table(found.clips, found.both)
    assert len(found.clips) == count
    assert len(table.rows) + table.left == count
    assert table.left > 0
    assert f"And {table.left} more clips" in page
    assert len(page.encode()) < 3_000_000
    assert len(written) <= LONGEST
    written_out = page[page.index("<article") : page.rindex("</article>")]
    assert len(written_out) < 1.2 * MOST, "what a clip takes is estimated well"
    assert {"script", "img"} & set(Reader(page).tags) == set()


def test_markdown_takes_nothing_literally(found: Compared) -> None:
    told = cell(f"{HOSTILE}\n\x1b[2J")
    assert "\n" not in told
    assert "\x1b" not in told
    assert "\\<script" in told
    assert "\\|" in told
    assert "@you" not in told
    assert "#no" not in told
    assert "https://" not in told
    rows = [line for line in compare_markdown(found).splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {8}
