"""A pipeline that takes longer than it needs to: what `harness selfbench` plants.

The config is a JSON object: factory, root and config of the pipeline that is slowed, the method
that takes its requests, and the share of a request's own time that is added to it. Standard
library only: the measured process imports this file, and nothing else of the harness.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Any


def from_file(path: str) -> Any:
    """Load the pipeline that the config names and slow its requests."""
    told = json.loads(Path(path).read_text("utf-8"))
    sys.path.insert(0, told["root"])
    pipeline = resolve_name(told["factory"])(told["config"])
    method = getattr(pipeline, told["method"])
    setattr(pipeline, told["method"], slowed(method, told["share"]))
    return pipeline


def slowed(method: Callable[..., Any], share: float) -> Callable[..., Any]:
    """Return `method`, busy afterwards for `share` of the time that it took."""

    @functools.wraps(method)
    def slower(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        result = method(*args, **kwargs)
        end = time.perf_counter()
        until = end + share * (end - start)
        while time.perf_counter() < until:
            pass
        return result

    return slower
