"""The page of a whole run in a real browser, from the disk and with the network off.

Skipped where Chromium or the extra `browser` is absent: pip install -e '.[browser]'.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from harness.accuracy.sets import read_set, set_digest
from harness.integrity.bundle import bundle_facts
from harness.judge.verdicts import judge_all
from harness.records import Run
from harness.report.keeping import keep_judged
from harness.store import RunWriter, read_run
from tests.report.browser import CHROMIUM
from tests.report.test_clip_sounds import a_set
from tests.sample_run import budgets, sample_run

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here")
axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium here: apt-get install chromium"),
]

ROOT = Path(__file__).parents[2]
GRAVE = ("serious", "critical")  # what axe calls a fault that keeps somebody out
WAIT_MS = 10_000
SHOTS = os.environ.get("SCREENSHOTS", "")  # folder that CI keeps; "": none are taken


def stored(runs: Path, run: Run, mark: str) -> Path:
    """Keep a run as the harness would have, with its page, and return its folder."""
    with RunWriter(runs, verb=run.verb, bundle=run.bundle, config=run.config, mark=mark) as writer:
        assert run.environment is not None
        writer.write(run.environment)
        for measured in run.measurements:
            writer.write(measured)
        for heard in run.transcripts:
            writer.write(heard)
        for found in run.findings:
            writer.write(found)
        for name, value in run.facts.items():
            writer.fact(name, value)
        for doubt in run.doubts:
            writer.doubt(doubt)
        writer.seal()
    kept = read_run(writer.folder)
    keep_judged(writer.folder, kept, judge_all(budgets(), kept))
    return writer.folder


def whole_run(folder: Path, **other: Any) -> Run:
    """A run with everything a page shows, and a set on the disk whose clips can be played."""
    run, tones = sample_run(**other), a_set(folder / "es_synthetic", clips=3)
    clips = [replace(t, clip=f"c{n}", greedy="") for n, t in enumerate(run.transcripts[:3])]
    wrong = tuple(replace(t, hypothesis="nada de esto fue dicho") for t in clips)
    known = {"clips": 3, "of": 3, "digest": set_digest(read_set(tones))}
    facts = {
        "suite": {"sets": str(folder), "seed": 7},
        "sets": {"es_synthetic": known},
        "model": bundle_facts(ROOT / "models/onnx/reference/core.onnx"),
    }
    return replace(run, transcripts=(*wrong, *run.transcripts[3:]), facts=facts)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("project")
    first = stored(place / "reports/runs", whole_run(place), "aaaa")
    second = stored(place / "reports/runs", whole_run(place, seed=1, slower=1.2), "bbbb")
    assert first.name < second.name
    return second / "page.html"


@dataclass
class Opened:
    """A page in the browser, and what it did that it should not."""

    page: Any
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def clips(self) -> list[str]:
        return [
            str(one) for one in self.page.locator(".clips > li:visible strong").all_inner_texts()
        ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        options = ["--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"]
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=options)
        yield opened
        opened.close()


def opened_in(browser: Any, file: Path, **context: Any) -> Opened:
    at = browser.new_context(offline=True, **context)
    page = at.new_page()
    page.set_default_timeout(WAIT_MS)
    opened = Opened(page)
    page.on("console", lambda message: opened.console.append(message.text))
    page.on("pageerror", lambda error: opened.console.append(str(error)))
    page.on("request", lambda request: opened.requests.append(request.url))
    page.goto(file.as_uri())
    return opened


@pytest.fixture
def opened(browser: Any, file: Path) -> Iterator[Opened]:
    found = opened_in(browser, file, color_scheme="light")
    yield found
    assert found.console == [], "nothing is said in the console, by the policy neither"
    away = [one for one in found.requests if not one.startswith("data:")]
    assert away in ([file.as_uri()], [file.as_uri(), f"{file.as_uri()}#"])
    found.page.context.close()


def test_the_verdict_and_what_to_do_are_on_the_first_screen(opened: Opened) -> None:
    page = opened.page
    assert page.locator("h1").inner_text() == "MISSED"
    line = page.locator("#missed code").first
    assert line.inner_text().startswith("harness bench --config config/reference.yaml -k latency.")
    assert line.bounding_box()["y"] < 1_000
    assert "aaaa" in page.locator("#changed .says").first.inner_text()
    assert page.locator("#changed .badge.fail", has_text="slower").count() > 3


def test_every_entry_of_the_contents_leads_to_a_section(opened: Opened) -> None:
    links = opened.page.locator("nav a")
    targets = [links.nth(n).get_attribute("href") for n in range(links.count())]
    assert len(targets) >= 10
    for target in targets:
        assert opened.page.locator(f"main > section{target} > h2").count() == 1, target
    ids = opened.page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))


def test_clips_are_filtered_and_sorted(opened: Opened) -> None:
    page, before = opened.page, opened.clips()
    page.get_by_label("Set", exact=True).select_option("es_prose")
    chosen = opened.clips()
    assert chosen
    assert {one.rpartition("_")[0] for one in chosen} == {"es_prose"}
    page.get_by_label("Error").select_option("D")
    kinds = page.locator(".clips > li:visible").evaluate_all("all => all.map(c => c.dataset.kinds)")
    assert kinds
    assert all("D" in one.split() for one in kinds)
    assert f"{len(kinds)} of " in page.locator("output").inner_text()
    page.get_by_label("Set", exact=True).select_option("")
    page.get_by_label("Error").select_option("")
    page.get_by_label("Words").fill("fue dicho")
    assert sorted(opened.clips()) == ["c0", "c1", "c2"]
    page.get_by_label("Words").fill("")
    page.get_by_label("Order").select_option("errors")
    found = page.locator(".clips > li:visible").evaluate_all("a => a.map(c => +c.dataset.errors)")
    assert found == sorted(found, reverse=True)
    assert len(found) > len(before), "those that were folded away are in the order too"


def test_a_table_is_sorted_by_its_figures_and_back(opened: Opened) -> None:
    page, table = opened.page, opened.page.locator("#budgets table")
    cells, head = table.locator("tbody td:nth-child(3)"), table.locator("thead th").nth(2)
    written = cells.all_inner_texts()
    head.get_by_role("button", name="Measured").click()
    assert head.get_attribute("aria-sort") == "ascending"
    rising = cells.all_inner_texts()
    assert rising != written
    seconds = [one for one in rising if one.endswith("s")]
    milli = [float(one.split()[0]) for one in seconds if one.endswith("ms")]
    assert milli == sorted(milli)
    assert seconds[-1].split()[1] == "s", "a second is more than any of its thousandths"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    assert cells.all_inner_texts() == written


def test_a_clip_is_played(opened: Opened) -> None:
    at = opened.page.locator("audio").first.evaluate(
        """async (audio) => {
            await audio.play();
            await new Promise((done) => audio.addEventListener("timeupdate", () => {
                if (audio.currentTime > 0.1) done();
            }));
            return [audio.currentTime, audio.duration];
        }"""
    )
    assert 0.1 < at[0] <= at[1]
    assert at[1] == pytest.approx(0.55, abs=0.2)


def test_the_theme_changes_page_and_pictures(browser: Any, opened: Opened, file: Path) -> None:
    def seen(one: Opened) -> tuple[str, bytes]:
        colour = one.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return colour, one.page.locator("#time figure").first.screenshot()

    dark = opened_in(browser, file, color_scheme="dark")
    light_seen, dark_seen = seen(opened), seen(dark)
    assert light_seen[0] != dark_seen[0]
    assert light_seen[1] != dark_seen[1]
    opened.page.get_by_label("Dark").check(force=True)
    assert seen(opened) == dark_seen
    dark.page.get_by_label("Light").check(force=True)
    assert seen(dark) == light_seen
    dark.page.context.close()


def test_a_command_is_copied(browser: Any, opened: Opened) -> None:
    opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    line = opened.page.locator("#missed .again").first
    line.get_by_role("button").click()
    line.get_by_text("Copied").wait_for()
    copied = opened.page.evaluate("navigator.clipboard.readText()")
    assert copied == line.locator("code").inner_text()


def test_the_raw_numbers_are_saved_as_they_were_measured(opened: Opened, file: Path) -> None:
    with opened.page.expect_download() as waited:
        opened.page.locator("#raw a", has_text="samples").click()
    rows = list(csv.DictReader(Path(waited.value.path()).read_text("utf-8").splitlines()))
    run = read_run(file.parent)
    said = [float(row["value"]) for row in rows if row["metric"] == "latency.end_to_end"]
    assert said == [
        v for m in run.measurements if m.metric == "latency.end_to_end" for v in m.samples
    ]
    assert waited.value.suggested_filename == f"{run.id}-samples.csv"


@pytest.mark.parametrize("width", [390, 320])
def test_a_telephone_scrolls_down_alone(browser: Any, file: Path, width: int) -> None:
    opened = opened_in(browser, file, viewport={"width": width, "height": 844})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_axe_finds_nobody_kept_out(browser: Any, file: Path, theme: str, width: int) -> None:
    size = {"width": width, "height": 900}
    opened = opened_in(browser, file, color_scheme=theme, viewport=size)
    opened.page.locator("details.others").evaluate("one => { one.open = true; }")
    found = axe_module.Axe().run(opened.page).response
    assert len(found["passes"]) > 20
    told = [
        (fault["id"], fault["nodes"][0]["target"], fault["nodes"][0]["failureSummary"])
        for fault in found["violations"]
        if fault["impact"] in GRAVE
    ]
    assert told == []
    if SHOTS:
        opened.page.screenshot(path=f"{SHOTS}/page-{width}-{theme}.png", full_page=True)
    opened.page.context.close()


def test_without_scripts_the_page_says_the_same_and_offers_no_dead_control(
    browser: Any, file: Path
) -> None:
    opened = opened_in(browser, file, java_script_enabled=False)
    page = opened.page
    assert page.locator("button:visible").count() == 0
    assert page.locator("select:visible").count() == 0
    assert page.locator("#missed .card").first.is_visible()
    assert len(opened.clips()) >= 4
    page.locator("summary").first.click()
    assert page.locator("details.others li").first.is_visible()
    page.context.close()


def test_the_keyboard_reaches_the_sections_first(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the sections"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    width = page.locator(".skip").evaluate("one => getComputedStyle(one).outlineWidth")
    assert width == "3px"
