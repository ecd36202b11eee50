"""The page of a run: one HTML file that needs no network and no other file.

A strict Content-Security-Policy stands in its head: nothing is loaded, images and audio are data
URIs, and the only style sheet and the only script are those whose digests it names. The script
sorts, filters and copies; without it the page says the same. Every text is escaped by the
template.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from harness.records import Run, Verdict
from harness.report.baseline import Baseline
from harness.report.baseline_rows import changed
from harness.report.collector import uncollected
from harness.report.sections import SECTIONS

# Texts of a run hold no tag, so that these are the page's own sections alone.
_HEADING = re.compile(r'<section id="([a-z-]+)">\s*<h2>([^<]*)</h2>')


def page(run: Run, verdicts: tuple[Verdict, ...], baseline: Baseline | None = None) -> str:
    """Return the whole page as HTML; the same arguments give the same text.

    Audio that is found for it (see `clip_sounds`) is the same to the ear, not to the byte.

    Args:
        run: sealed, or it reads as interrupted.
        verdicts: of the budgets that were judged.
        baseline: what the run is held against; None: nobody looked for one.
    """
    with uncollected():
        names = {name: shown for made in SECTIONS for name, shown in made(run, verdicts).items()}
        names |= {"run": run, "changed": changed(run, verdicts, baseline)}
        body = _templates().get_template("body.html.j2").render(names)
    return rendered(
        "page.html.j2",
        script=_file("page.js"),
        body=Markup(body),  # escaped where it was made
        contents=[(name, Markup(title)) for name, title in _HEADING.findall(body)],
        **names,
    )


def rendered(template: str, *, script: str = "", **names: Any) -> str:
    """Return a page of this style from its template, its script and the names that it reads."""
    style = _file("page.css")
    # What is ours is not escaped: its digest holds it.
    ours = {"style": Markup(style), "script": Markup(script), "policy": _policy(style, script)}
    return _templates().get_template(template).render(**ours, **names)


def _file(name: str) -> str:
    return resources.files("harness.report").joinpath(f"templates/{name}").read_text("utf-8")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("harness.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _policy(style: str, script: str) -> str:
    scripts = f"script-src '{_digest(script)}'; " if script else ""
    return (
        f"default-src 'none'; img-src data:; media-src data:; style-src '{_digest(style)}'; "
        f"{scripts}base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
