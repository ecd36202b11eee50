"""A real browser without a window, led by the DevTools protocol over a pipe (standard library)."""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), "")
# The browser reads its orders from descriptor 3 and answers on 4.
JOINED = """
import fcntl, os, sys
theirs, ours = (fcntl.fcntl(int(word), fcntl.F_DUPFD, 10) for word in sys.argv[1:3])
os.dup2(theirs, 3)
os.dup2(ours, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-default-apps", "--disable-extensions", "--mute-audio"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
ANSWER_S = 60.0  # seconds that the browser may take for an answer
SETTLE_S = 1.5  # seconds after the load in which a page may still do something


@dataclass
class Seen:
    """What a page did while it was open."""

    requests: list[str] = field(default_factory=list)  # addresses, without the page's own and data:
    scripts: int = 0  # that the browser read for it, whether they ran or not
    owned: bool = False  # whether a script ran that set `window.owned`
    dialogs: int = 0
    blocked: list[str] = field(default_factory=list)  # what the policy refused
    title: str = ""
    text: str = ""  # as a person reads it
    height: int = 0  # pixels of the whole page


class Browser:
    """One browser with a profile of its own; a page at a time."""

    def __init__(self, profile: Path) -> None:
        (theirs, self._out), (self._in, ours) = os.pipe(), os.pipe()
        line = [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        joined = [sys.executable, "-c", JOINED, str(theirs), str(ours), *line]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            joined, pass_fds=(theirs, ours), stdin=quiet, stdout=quiet, stderr=quiet
        )
        os.close(theirs)
        os.close(ours)
        self._numbers = itertools.count(1)
        self._torn = b""
        self._events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def visit(self, page: Path) -> Seen:
        """Open a file, wait until it has settled, and return what it did."""
        with self._tab() as tab:
            for area in ("Network", "Page", "Runtime", "Debugger", "Log"):
                self._ask(f"{area}.enable", tab)
            self._events.clear()
            self._ask("Page.navigate", tab, url=page.resolve().as_uri())
            self._listen(ANSWER_S, until="Page.loadEventFired")
            self._listen(SETTLE_S)
            seen = self._told(page.resolve().as_uri())
            shown = "document.title, document.body.innerText, document.body.scrollHeight"
            asked = f"[typeof window.owned != 'undefined', {shown}]"
            found = self._ask("Runtime.evaluate", tab, expression=asked, returnByValue=True)
            seen.owned, seen.title, seen.text, seen.height = found["result"]["value"]
            return seen

    @contextmanager
    def _tab(self) -> Iterator[str]:
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        yield self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Target.closeTarget", targetId=target)

    def _told(self, own: str) -> Seen:
        seen = Seen()
        for event in self._events:
            match event.get("method"), event.get("params", {}):
                case "Network.requestWillBeSent", {"request": {"url": url}}:
                    if url != own and not url.startswith("data:"):
                        seen.requests.append(url)
                case "Debugger.scriptParsed", _:
                    seen.scripts += 1
                case "Page.javascriptDialogOpening", _:
                    seen.dialogs += 1
                case "Log.entryAdded", {"entry": {"text": text}}:
                    if "Content Security Policy" in text or "CSP" in text:
                        seen.blocked.append(text)
        return seen

    def _ask(self, method: str, tab: str = "", **told: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": told}
        if tab:
            message["sessionId"] = tab
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            for answer in self._read(end):
                if answer.get("id") == number:
                    if "error" in answer:
                        raise RuntimeError(f"{method}: {answer['error']}")
                    result: dict[str, Any] = answer["result"]
                    return result
        raise TimeoutError(f"{method}: no answer from the browser in {ANSWER_S:.0f} s")

    def _listen(self, seconds: float, until: str = "") -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(event.get("method") == until for event in self._read(end)):
                return

    def _read(self, end: float) -> list[dict[str, Any]]:
        """Read what comes next, at most until `end`; events are kept."""
        if not select.select([self._in], [], [], max(0.0, end - time.monotonic()))[0]:
            return []
        data = os.read(self._in, 1 << 20)
        if not data:
            raise RuntimeError("the browser has ended")
        *whole, self._torn = (self._torn + data).split(b"\0")
        read = [json.loads(one) for one in whole]
        self._events += [one for one in read if "method" in one]
        return read
