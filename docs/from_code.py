"""What the pages take from the code and the two READMEs, put in when they are built.

A line of a page that is one of these alone is replaced:

    {{ section README.md | Commands }}          a section of a Markdown file, without its heading
    {{ file harness/starting/github.yml }}      a file as it stands
    {{ module harness/judge/ab.py }}            the docstring of a module, as it stands
    {{ keys harness/suite.py }}                 every class with its fields, defaults and comments
    {{ verbs }}                                 the help of every verb of the command line

What names nothing ends the build.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import click  # noqa: E402

from harness.cli import main  # noqa: E402

LINE = re.compile(r"^\{\{ (\w+) ?(.*?) \}\}$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace each such line of a page."""
    return LINE.sub(lambda found: MAKERS[found[1]](found[2]), markdown)


def section(told: str) -> str:
    """A section of a Markdown file; its own headings keep their depth."""
    file, title = told.split(" | ")
    text = (ROOT / file).read_text("utf-8")
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise KeyError(f"{file} has no section {title!r}")
    return found[1].strip()


def file(name: str) -> str:
    """A file in a fence."""
    return f"``` {Path(name).suffix[1:]}\n{(ROOT / name).read_text('utf-8').rstrip()}\n```"


def module(name: str) -> str:
    """The docstring of a module, in a fence: its tables and formulas are set in plain text."""
    told = ast.get_docstring(ast.parse((ROOT / name).read_text("utf-8")))
    if not told:
        raise KeyError(f"{name} has no docstring")
    return f"``` text\n{told}\n```\n\n`{name}`"


def keys(name: str) -> str:
    """A table of fields for each class of a file that has commented ones."""
    text = (ROOT / name).read_text("utf-8")
    found = [
        (node, list(_fields(node, text.splitlines())))
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef)
    ]
    return "\n\n".join(
        "\n".join([f"## {node.name}", "", ast.get_docstring(node) or "", "", HEAD, *rows])
        for node, rows in found
        if rows
    )


HEAD = "| key | type | default | meaning |\n|---|---|---|---|"


def _fields(node: ast.ClassDef, lines: list[str]) -> Iterator[str]:
    for field in node.body:
        if not isinstance(field, ast.AnnAssign) or "ClassVar" in ast.unparse(field.annotation):
            continue
        default, limits = _default(field.value)
        kind = ", ".join([ast.unparse(field.annotation), *limits])
        cells = (f"`{ast.unparse(field.target)}`", f"`{kind}`", default, _comment(field, lines))
        yield f"| {' | '.join(cells)} |"


def _default(value: ast.expr | None) -> tuple[str, list[str]]:
    """The default of a field, and the limits that pydantic's Field sets it."""
    told = {}
    if isinstance(value, ast.Call) and ast.unparse(value.func) in ("Field", "field"):
        told = {str(word.arg): ast.unparse(word.value) for word in value.keywords}
        made = told.pop("default_factory", None)
        value = ast.parse(told.pop("default", f"{made}()" if made else "..."), mode="eval").body
    missing = value is None or ast.unparse(value) == "..."
    limits = [f"{SIGNS.get(key, key)} {limit}" for key, limit in told.items()]
    return "required" if missing else f"`{ast.unparse(value)}`", limits  # type: ignore[arg-type]


SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "length ≥"}


def _comment(field: ast.AnnAssign, lines: list[str]) -> str:
    """What stands behind a field, after the comment lines above it."""
    above: list[str] = []
    for line in reversed(lines[: field.lineno - 1]):
        if not line.strip().startswith("#"):
            break
        above.insert(0, line.strip("# "))
    behind = [line.partition("  # ")[2] for line in lines[field.lineno - 1 : field.end_lineno]]
    return " ".join(filter(None, (*above, *behind))).replace("|", "\\|")


def verbs(_: str) -> str:
    """The help of every verb, and of what a verb has below it."""
    return "\n\n".join(_helps(click.Context(main, info_name="harness")))


def _helps(context: click.Context) -> Iterator[str]:
    yield f"## {context.command_path}\n\n``` text\n{context.get_help()}\n```"
    if isinstance(group := context.command, click.Group):
        for word in group.list_commands(context):
            if below := group.get_command(context, word):
                yield from _helps(click.Context(below, info_name=word, parent=context))


MAKERS: Mapping[str, Callable[[str], str]] = {
    "section": section,
    "file": file,
    "module": module,
    "keys": keys,
    "verbs": verbs,
}
