"""Fuzz one entry by atheris, guided by coverage:

    python -m tests.fuzz.one ENTRY [libFuzzer's arguments]

`make fuzz` calls it for each entry. Alone it takes any argument of libFuzzer: the path of a
finding runs that input again.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def main() -> None:
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=["agents", "harness"]):
        entry = import_module("tests.fuzz.entries").ENTRIES[sys.argv.pop(1)]
    atheris.Setup(sys.argv, entry.try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
