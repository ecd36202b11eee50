"""The history in a real browser: filters, the switch, 390 pixels, and nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.report.history_page import history_page, made_of
from tests.judge.test_history import noisy, run

browsing = pytest.importorskip("tests.report.browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browsing.CHROMIUM, reason="no Chromium"),
]
SHOWN = "[...document.querySelectorAll('main > section[data-host]')].filter(e => !e.hidden).length"
RUNS = "[...document.querySelectorAll('tr.run')].filter(e => !e.hidden).length"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two machines, two branches, twelve runs each."""
    found = []
    for machine, slower in (("m", 1.0), ("n", 2.0)):
        for at, value in enumerate(noisy([0.040 * slower] * 12)):
            branch = "main" if at < 9 else "try"
            given = {"yardstick": slower}
            other = {"id": f"{machine}{at}", "machine": machine, "ceilings": given}
            found.append(run(at, value, branch=branch, **other))
    file = tmp_path_factory.mktemp("history") / "index.html"
    file.write_text(history_page(made_of(found)), "utf-8")
    return file


def choose(field: str, value: str) -> str:
    return (
        "(() => { const form = document.getElementById('filter');"
        f" const list = form.elements.{field};"
        f" list.value = [...list.options].find(o => o.textContent === '{value}').value;"
        " form.dispatchEvent(new Event('change')); })();"
    )


def test_filter_and_switch_work_from_a_disk_on_a_telephone(page: Path, tmp_path: Path) -> None:
    with browsing.Browser(tmp_path / "profile") as browser:
        seen = browser.visit(page)
        assert (seen.requests, seen.blocked) == ([], [])
        with browser._tab() as tab:

            def told(script: str) -> Any:
                asked = {"expression": script, "returnByValue": True}
                return browser._ask("Runtime.evaluate", tab, **asked)["result"].get("value")

            size = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            browser._ask("Page.enable", tab)
            browser._ask("Emulation.setDeviceMetricsOverride", tab, **size)
            browser._ask("Page.navigate", tab, url=page.as_uri())
            browser._listen(60, until="Page.loadEventFired")
            told("for (const one of document.querySelectorAll('details')) one.open = true")
            assert told("document.documentElement.scrollWidth <= innerWidth")
            assert (told(SHOWN), told(RUNS)) == (2, 24)
            assert told(choose("host", "n") + SHOWN) == 1
            assert told(choose("branch", "try") + RUNS) == 3
            assert told("document.getElementById('said').textContent") == "3 runs"
            assert told(choose("host", "every machine") + RUNS) == 6
            assert told(choose("scale", "both") + SHOWN) == 3
            assert told(choose("scale", "in yardsticks of the machine") + SHOWN) == 1
