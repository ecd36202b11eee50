"""The page of a listening test: one HTML file that works from a disk, and tells nothing away.

It holds the audio as data URIs, one style sheet and one script; a Content-Security-Policy allows
these by their digests and nothing else, so that the page cannot send anything anywhere. Clips and
trials bear the names of the key; what they are, and what a check expects, is not in the page.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.accuracy.listening.plan import Key


def listen_page(key: Key, wavs: Mapping[str, bytes]) -> str:
    """Return the page of a test as HTML; `wavs` are its clips by name."""
    style, script = _text("listen.css"), _text("listen.js")
    policy = (
        f"default-src 'none'; media-src data:; style-src {_digest(style)}; "
        f"script-src {_digest(script)}; base-uri 'none'; form-action 'none'"
    )
    loader = PackageLoader("harness.report")
    engine = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return engine.get_template("listen.html.j2").render(
        title=key.title,
        policy=policy,
        style=Markup(style),  # these are ours, and held by their digests
        script=Markup(script),
        plan=Markup(_plan(key, wavs)),
    )


def _plan(key: Key, wavs: Mapping[str, bytes]) -> str:
    """What the script reads, as JSON that cannot end the element which holds it."""
    told = {
        "test": key.test,
        "kind": key.kind,
        "trials": [
            {"name": name, "clips": sorted(trial.clips)} for name, trial in key.trials.items()
        ],
        "clips": {
            name: f"data:audio/wav;base64,{base64.b64encode(wavs[name]).decode('ascii')}"
            for name in sorted(wavs)
        },
    }
    return json.dumps(told).replace("<", "\\u003c")


def _text(name: str) -> str:
    return resources.files("harness.report").joinpath(f"templates/{name}").read_text("utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
