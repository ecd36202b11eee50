"""A run file by an enemy, opened in a real browser: no network, no script, nothing but text."""

from __future__ import annotations

import dataclasses
import http.server
import json
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import onnx
import pytest
from click.testing import CliRunner

import harness.report.page
from harness.cli import main
from harness.records import Transcript
from harness.report.page import rendered
from harness.store import JOURNAL
from tests.report.browser import CHROMIUM, Browser, Seen
from tests.sample_run import sample_run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium here: apt-get install chromium"),
]

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models/onnx/reference/core.onnx"

# Each would run a script or ask for an address, if it were taken for markup where it may land: in
# text, in an attribute, in a style sheet, in a picture, in a title.
MARKUP = (
    "<script>window.owned=1;document.title='owned';fetch('{at}/fetch')</script>",
    "<img src=x onerror=\"window.owned=1;new Image().src='{at}/onerror'\">",
    "<img src='{at}/img'>",
    "<svg onload=\"window.owned=1\"><script href='{at}/svg.js'/></svg>",
    "<iframe src='{at}/frame'></iframe><object data='{at}/object'></object>",
    "<link rel=stylesheet href='{at}/css'><style>@import '{at}/import';</style>",
    "<base href='{at}/'><form action='{at}/form'><input autofocus onfocus='owned=1'></form>",
    "<video src='{at}/video'></video><audio src='{at}/audio'></audio>",
)
ESCAPES = (
    *("</title>{x}", "</style>{x}", "</script>{x}", "</text></svg>{x}", "-->{x}", "]]>{x}"),
    *('"{x}', "'{x}", '">{x}', "'>{x}", "{{{{ 7*7 }}}}{x}", "&lt;{x}"),
)


@dataclass
class Canary:
    """A server on the loopback that nobody should ask."""

    address: str
    asked: list[str] = field(default_factory=list)

    @property
    def payload(self) -> str:
        """Everything at once."""
        every = "".join(MARKUP).replace("{at}", self.address)
        return "".join(escape.format(x=every) for escape in ESCAPES)


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Canary(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def poisoned(value: Any, payload: str, spare: frozenset[str] = frozenset()) -> Any:
    """Put the payload into every text, and into the keys that are texts of the enemy's too."""
    match value:
        case str():
            return value + payload
        case list() | tuple():
            return [poisoned(one, payload, spare) for one in value]
        case dict():
            return {k: v if k in spare else poisoned(v, payload, spare) for k, v in value.items()}
    return value


def journal(payload: str) -> str:
    """A run file that is of the schema, with the payload in each text that is free."""
    run = sample_run()
    fixed = frozenset({"unit", "metric", "area", "arm", "treatment"})
    rows: list[dict[str, Any]] = []
    for record in run.measurements:
        row = dataclasses.asdict(record)
        rows.append({"type": "measurement", **row, "note": payload, "clips": []})
    rows.append({**rows[-1], "metric": f"latency.{payload}"})
    rows.append({**rows[-1], "metric": f"memory.stage.{payload}.peak", "unit": "B"})
    for heard in (*run.transcripts[:6], *enemies(run.transcripts)):
        rows.append({"type": "transcript", **poisoned(dataclasses.asdict(heard), payload, fixed)})
        rows.append({"type": "transcript", **dataclasses.asdict(heard), "hypothesis": payload})
    for finding in run.findings:
        rows.append({"type": "finding", **poisoned(dataclasses.asdict(finding), payload, fixed)})
    assert run.environment is not None
    place = dataclasses.asdict(run.environment)
    keyed = {part: {**poisoned(told, payload), payload: payload} for part, told in place.items()}
    rows.append({"type": "environment", **keyed})
    rows += [{"type": "doubt", "text": payload}, *facts(payload)]
    header = {name: getattr(run, name) + payload for name in ("id", "bundle")}
    config = str(ROOT / "config/reference.yaml")
    head = {"type": "header", "format": 3, "verb": "bench", "config": config}
    head |= {"started": run.started, **header}
    seal = {"type": "seal", "records": len(rows)}
    return "".join(json.dumps(row) + "\n" for row in (head, *rows, seal))


def enemies(transcripts: tuple[Transcript, ...]) -> tuple[Transcript, ...]:
    """Transcripts of sets that the page draws most of."""
    return tuple(one for one in transcripts if one.set == "es_synthetic")[:3]


def facts(payload: str) -> Iterator[dict[str, Any]]:
    from harness.integrity.bundle import bundle_facts
    from harness.integrity.work import work_facts

    model = poisoned(bundle_facts(MODEL), payload, frozenset({"dtype", "path", "manifest"}))
    model["metadata"] = {payload: payload}
    model["files"] = {f"{name}{payload}": size for name, size in model["files"].items()}
    model["operators"] = {f"{n}{payload}": count for n, count in model["operators"].items()}
    drawn = {"clips": 60, "of": 306, "digest": payload, "lacking": [payload], "grammar": payload}
    yield {"type": "fact", "name": "model", "value": model}
    yield {"type": "fact", "name": "work", "value": work_facts(MODEL)}
    yield {"type": "fact", "name": "sets", "value": {"es_synthetic": drawn, payload: drawn}}
    yield {"type": "fact", "name": "quick", "value": payload}
    yield {"type": "fact", "name": "reduced", "value": payload}
    yield {"type": "fact", "name": "suite", "value": {"seed": payload, "leaves": [payload]}}
    kinds = ("latency", "memory", "accuracy", "quality")
    yield {"type": "fact", "name": "budgets", "value": [{"metric": f"{k}.x"} for k in kinds]}


def report(folder: Path, payload: str) -> Path:
    """Report the hostile run, and return its page."""
    name = "20260101T000000Z-\"><img src=x onerror=owned=1>-'bench"
    (folder / name).mkdir(parents=True)
    (folder / name / JOURNAL).write_text(journal(payload))
    done = CliRunner().invoke(main, ["report", str(folder / name)])
    assert "page: " in done.output, done.output[-2000:]
    assert "\x1b" not in done.output
    return folder / name / "page.html"


def harmless(seen: Seen, canary: Canary, scripts: int = 0) -> None:
    assert canary.asked == []
    assert seen.requests == []
    assert (seen.scripts, seen.dialogs, seen.owned) == (scripts, 0, False)
    assert seen.blocked == [], "nothing even tried"
    assert "owned" not in seen.title.split("<")[0]


def test_the_page_of_a_hostile_run_is_text_alone(
    tmp_path: Path, browser: Browser, canary: Canary
) -> None:
    seen = browser.visit(report(tmp_path, f"\x1b[2J{canary.payload}"))
    harmless(seen, canary, scripts=1)  # the page's own, which sorts and filters
    assert seen.text.count("document.title='owned'") > 50, "the payload is there, as text"
    assert seen.height > 1_000


def test_the_page_of_a_hostile_model_is_text_alone(
    tmp_path: Path, browser: Browser, canary: Canary
) -> None:
    model = onnx.load(MODEL, load_external_data=False)
    model.producer_name = canary.payload
    model.graph.initializer[0].name = canary.payload
    model.graph.node[0].op_type = canary.payload
    entry = model.metadata_props.add()
    entry.key = entry.value = canary.payload
    evil = tmp_path / "\"><img src=x onerror=owned=1>'.onnx"
    onnx.save(model, evil)
    page = tmp_path / "inspect.html"
    done = CliRunner().invoke(main, ["inspect", str(evil), "--page", str(page)])
    assert page.is_file(), done.output[-2000:]
    seen = browser.visit(page)
    harmless(seen, canary)
    assert "document.title='owned'" in seen.text


def test_the_page_of_two_hostile_runs_is_text_alone(
    tmp_path: Path, browser: Browser, canary: Canary
) -> None:
    payload = '\x1b[2J</title>">' + "".join(MARKUP[:3]).replace("{at}", canary.address)
    folders = [tmp_path / "a", tmp_path / "b"]
    kept = re.sub(r'("name": "budgets", "value": ).*', r"\1[]}", journal(payload))
    texts = kept, kept.replace('"hypothesis": "', '"hypothesis": "zas ')
    for folder, text in zip(folders, texts, strict=True):
        folder.mkdir()
        (folder / JOURNAL).write_text(text, "utf-8")
    page = tmp_path / "compare.html"
    words = ["compare", *map(str, folders), "--anyway", "--html", str(page)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output[-2000:]
    assert "\x1b" not in done.output
    seen = browser.visit(page)
    harmless(seen, canary)
    assert "<script>window.owned" in seen.text, "the payload is there, as text"
    assert "errors more" in seen.text


def test_the_policy_alone_holds_markup_that_was_not_escaped(
    tmp_path: Path, browser: Browser, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(ROOT / "harness/report/templates", folder)
    template = f"<head><meta http-equiv='Content-Security-Policy' content=\"{{{{ policy }}}}\">\
</head><body>{''.join(MARKUP).replace('{at}', canary.address)}</body>"
    loader = jinja2.Environment(autoescape=True).from_string(template)
    monkeypatch.setattr(harness.report.page, "_templates", lambda: _Fixed(loader))
    page = tmp_path / "raw.html"
    page.write_text(rendered("any"))
    seen = browser.visit(page)
    assert canary.asked == []
    assert (seen.owned, seen.dialogs, seen.title) == (False, 0, "")
    assert len(seen.blocked) > 5


def test_without_both_the_same_markup_would_have_done_it(
    tmp_path: Path, browser: Browser, canary: Canary
) -> None:
    page = tmp_path / "open.html"
    page.write_text(f"<body>{''.join(MARKUP).replace('{at}', canary.address)}</body>")
    seen = browser.visit(page)
    asked, canary.asked[:] = list(canary.asked), []
    assert {"/fetch", "/img", "/css"} <= {path.split("?")[0] for path in asked}
    assert seen.scripts > 0
    assert seen.owned
    assert seen.title == "owned"
    assert seen.requests


@dataclass
class _Fixed:
    """Gives one template, whatever is asked for."""

    template: Any

    def get_template(self, name: str) -> Any:
        return self.template
