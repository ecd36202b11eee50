"""The page of a run: one HTML file that needs no network, no script and no other file.

A strict Content-Security-Policy stands in its head: nothing is loaded, images and audio are data
URIs, and the only style sheet is the one whose digest it names. Every text is escaped by the
template.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from harness.records import Run, Verdict
from harness.report.sections import SECTIONS


def page(run: Run, verdicts: tuple[Verdict, ...]) -> str:
    """Return the whole page as HTML; the same run and verdicts give the same text.

    Audio that is found for it (see `clip_sounds`) is the same to the ear, not to the byte.
    """
    names = {name: shown for made in SECTIONS for name, shown in made(run, verdicts).items()}
    return rendered("page.html.j2", run=run, **names)


def rendered(template: str, **names: Any) -> str:
    """Return a page of this style from its template and the names that it reads."""
    style = resources.files("harness.report").joinpath("templates/page.css").read_text("utf-8")
    ours = Markup(style)  # not escaped, and held by its digest
    return _templates().get_template(template).render(style=ours, policy=_policy(style), **names)


def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("harness.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; img-src data:; media-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
