"""The documentation: what its pages take from the code is there, and nothing is left out."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from harness.cli import VERBS
from harness.suite import Suite

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.fixture(scope="module")
def from_code() -> ModuleType:
    """The hook that mkdocs runs."""
    spec = importlib.util.spec_from_file_location("from_code", ROOT / "docs/from_code.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_line_of_a_page_that_takes_something_finds_it(
    page: Path, from_code: ModuleType
) -> None:
    made = from_code.on_page_markdown(page.read_text("utf-8"))
    assert not re.search(r"^\{\{ (section|file|module|keys|verbs)\b", made, re.MULTILINE)
    assert made.startswith("# ")


def test_what_is_not_there_ends_the_build(from_code: ModuleType) -> None:
    with pytest.raises(KeyError, match="no section"):
        from_code.on_page_markdown("{{ section README.md | No such thing }}")


def test_every_verb_and_every_key_of_the_suite_has_its_place(from_code: ModuleType) -> None:
    verbs = from_code.verbs("")
    assert all(f"## harness {verb}\n" in verbs for verb in VERBS)
    assert "## harness runs import\n" in verbs
    keys = from_code.keys("harness/suite.py")
    assert all(f"| `{key}` |" in keys for key in Suite.model_fields)
    assert "| `cold` | `int, ≥ 0` | `0` | how many of them, drawn by the seed, find" in keys


def test_every_page_stands_in_the_navigation() -> None:
    told = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    named = {page for part in told for page in _pages(part)}
    assert named == {str(page.relative_to(ROOT / "docs")) for page in PAGES}


def _pages(part: object) -> list[str]:
    if isinstance(part, str):
        return [part]
    inner = part.values() if isinstance(part, dict) else part
    return [page for one in inner for page in _pages(one)]  # type: ignore[attr-defined]
