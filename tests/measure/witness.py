"""The pipeline that a JSON config names, in a process that tells at its end what it imported.

Imported by the measured process, never by a test.
"""

from __future__ import annotations

import atexit
import json
import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import Any


def from_file(path: str) -> Any:
    told = json.loads(Path(path).read_text())
    sys.path.insert(0, told["root"])
    pipeline = resolve_name(told["factory"])(told["config"])
    atexit.register(_tell, Path(told["out"]))
    return pipeline


def _tell(out: Path) -> None:
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    out.write_text(json.dumps(files))
