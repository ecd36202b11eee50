"""Imports point one way: the house of packages, enforced."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What each part of harness may import of harness, lowest floor first.
GROUND = {"units", "errors", "records", "strict", "suite", "budgets", "claims", "config"}
GROUND |= {"untrusted", "journal", "store", "summaries", "notes", "archive", "progress", "faults"}
GROUND |= {"opinions", "speaking", "starting"}
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "units": set(),
    "errors": set(),
    "records": {"units"},
    "strict": {"errors", "untrusted"},
    "opinions": {"strict"},
    "speaking": {"strict"},
    "suite": {"strict", "opinions", "speaking"},
    "budgets": {"units", "errors", "records", "strict", "suite"},
    "claims": {"errors", "records", "strict", "suite", "budgets"},
    "config": {"errors", "records", "strict", "suite", "budgets", "claims"},
    "progress": set(),
    "faults": {"errors"},
    "untrusted": set(),
    "journal": {"errors", "records", "untrusted"},
    "store": {"errors", "records", "journal"},
    "summaries": {"units", "errors", "records", "untrusted"},
    "notes": {"errors", "untrusted"},
    "starting": {"errors"},
    "archive": {"units", "errors", "records", "store", "summaries", "untrusted"},
    "measure": GROUND,
    "integrity": GROUND,
    "accuracy": GROUND,
    "run": GROUND | {"measure", "integrity", "accuracy"},
    "judge": GROUND | {"accuracy"},
    "report": GROUND | {"accuracy", "judge"},
    "functions": {"units", "records"},
    "plugin": GROUND | {"measure", "integrity", "accuracy", "run", "judge", "report", "functions"},
    "verbs": GROUND | {"measure", "integrity", "accuracy", "run", "judge", "report", "plugin"},
    "cli": {"errors", "untrusted"},  # it names the verbs and imports one when it is called
}


def imports_of(file: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a file imports, at the top or in a function."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield f"relative import in {file}"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(file: Path) -> str:
    """Name the part of harness that a file belongs to: `report` for harness/report/page.py."""
    return file.relative_to(ROOT / "harness").parts[0].removesuffix(".py")


def files_of(*packages: str) -> list[Path]:
    return sorted(file for package in packages for file in (ROOT / package).rglob("*.py"))


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", files_of("harness"), ids=name_of)
def test_a_part_of_harness_imports_only_what_stands_below_it(file: Path) -> None:
    part = part_of(file)
    found = {name.split(".")[1] for name in imports_of(file) if name.startswith("harness.")}
    assert found <= MAY_IMPORT[part] | {part}


@pytest.mark.parametrize("file", files_of("harness"), ids=name_of)
def test_harness_never_imports_what_it_measures(file: Path) -> None:
    assert not {name for name in imports_of(file) if name.split(".")[0] in {"agents", "core"}}


@pytest.mark.parametrize("file", files_of("agents", "core"), ids=name_of)
def test_the_pipeline_knows_nothing_of_the_harness(file: Path) -> None:
    others = {"harness", "models", "benchmarks", "validation", "tests"}
    assert not {name for name in imports_of(file) if name.split(".")[0] in others}


def test_a_breach_is_seen(tmp_path: Path) -> None:
    """The walk finds imports inside functions and `from harness import x` too."""
    file = tmp_path / "bad.py"
    file.write_text("def f():\n    from harness import run\nimport agents.audio\n")
    assert {"harness.run", "agents.audio"} <= set(imports_of(file))
