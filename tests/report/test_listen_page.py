"""The page of a listening test: it runs alone, lets nothing out, and tells nothing away."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.accuracy.listening.plan import Key, ab, acr
from harness.report.listen_page import listen_page
from tests.accuracy.listening.heard import OTHER, VOICE, sound_folder

SECRETS = ("voice", "other", "anchor", "check", "expected", "tones", "natural", "mine", "theirs")


@pytest.fixture(params=["acr", "ab"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Key, dict[str, bytes], str]:
    voice = sound_folder(tmp_path / "voice", ("s1", "s2"))
    if request.param == "acr":
        natural = sound_folder(tmp_path / "natural", ("n1",))
        key, wavs = acr(voice, VOICE, anchors=[natural], title="</script><b>Voz & co</b>")
    else:
        other = sound_folder(tmp_path / "other", ("s1", "s2"))
        key, wavs = ab(voice, other, (VOICE, OTHER), title="</script><b>Voz & co</b>")
    return key, wavs, listen_page(key, wavs)


def plan_of(html: str) -> str:
    found = re.search(r'<script type="application/json" id="plan">(.*?)</script>', html, re.DOTALL)
    assert found
    return found[1]


def test_the_policy_allows_the_pages_own_script_and_style_and_no_other(
    made: tuple[Key, dict[str, bytes], str],
) -> None:
    _, _, html = made
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["media-src"] == "data:"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert "http" not in html.replace("http-equiv", "")
    assert not re.search(r"\son\w+=", html)


def test_the_page_holds_every_clip_and_trial_and_says_nothing_of_them(
    made: tuple[Key, dict[str, bytes], str],
) -> None:
    key, wavs, html = made
    plan = json.loads(plan_of(html))
    assert {trial["name"] for trial in plan["trials"]} == set(key.trials)
    for name, data in wavs.items():
        assert base64.b64decode(plan["clips"][name].partition(",")[2]) == data
    told = json.dumps({**plan, "clips": sorted(plan["clips"])})
    assert not [word for word in SECRETS if word in told]
    assert VOICE.digest not in html
    for trial in plan["trials"]:
        assert trial["clips"] == sorted(trial["clips"]), "the voice would else come first"


def test_a_title_cannot_leave_its_place(made: tuple[Key, dict[str, bytes], str]) -> None:
    _, _, html = made
    assert "<b>Voz" not in html
    assert html.count("&lt;/script&gt;&lt;b&gt;Voz &amp; co&lt;/b&gt;") == 2


def test_every_control_has_a_name_in_both_languages() -> None:
    script = Path("harness/report/templates/listen.js").read_text("utf-8")
    page = Path("harness/report/templates/listen.html.j2").read_text("utf-8")
    spanish, english = (
        script.split("    en: {")[0].split("    es: {")[1],
        script.split("    en: {")[1],
    )
    for name in re.findall(r'data-text="(\w+)"', page):
        assert f"{name}: " in spanish, name
        assert f"{name}: " in english, name
    assert '<label for="listener"' in page
    assert "<legend" in page
    assert 'aria-live="polite"' in page


@pytest.mark.slow  # starts a browser
def test_a_browser_runs_it_from_a_file(
    made: tuple[Key, dict[str, bytes], str], tmp_path: Path
) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("no chromium: the page was not opened")
    file = tmp_path / "listen.html"
    file.write_text(made[2], "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    done = subprocess.run(
        [browser, *options, f"file://{file}"], capture_output=True, text=True, timeout=120
    )
    assert ">Prueba de escucha</h1>" in done.stdout
    assert done.stdout.count("<li>") == 5
