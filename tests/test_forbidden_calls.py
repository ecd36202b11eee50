"""No untrusted byte reaches what executes it: what ruff's rules (S) do not see.

`make check` refuses pickle, eval, exec, yaml.load, a shell, and XML parsers by flake8-bandit's
rules. Here stands what those rules have no name for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("harness", "agents", "core", "models", "benchmarks", "validation")
FORBIDDEN_IMPORTS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load"}
FORBIDDEN_CALLS |= {"yaml.full_load", "yaml.unsafe_load", "tarfile.extract", "tar.extractall"}

# Templates that run one script of ours, held by its digest in the policy.
SCRIPTED = ("history.html.j2", "listen.html.j2", "page.html.j2")

# Readers of what comes from elsewhere: json.loads takes NaN, a megabyte of brackets, and a number
# of 4000 digits.
READ_WITHIN_LIMITS: tuple[str, ...] = ("store", "journal", "integrity/manifest", "accuracy/sets")
READ_WITHIN_LIMITS += ("summaries", "notes", "archive")
READ_WITHIN_LIMITS += ("accuracy/hypotheses", "accuracy/set_readers", "accuracy/set_split")


def faults(source: str) -> Iterator[str]:
    """Yield line and name of everything in a file that may not be there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            roots = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            for name in roots:
                if name.split(".")[0] in FORBIDDEN_IMPORTS:
                    yield f"{node.lineno}: import {name}"
        if isinstance(node, ast.Call):
            name, given = ast.unparse(node.func), {word.arg: word.value for word in node.keywords}
            if name in FORBIDDEN_CALLS:
                yield f"{node.lineno}: {name}"
            for word, value in (("allow_pickle", "False"), ("shell", "False")):
                if word in given and ast.unparse(given[word]) != value:
                    yield f"{node.lineno}: {name} with {word}"
            if name == "torch.load" and ast.unparse(given.get("weights_only", node)) != "True":
                yield f"{node.lineno}: {name} of more than weights"
            if name.endswith("Environment") and "loader" in given and "autoescape" not in given:
                yield f"{node.lineno}: a template engine that does not escape"


@pytest.mark.parametrize("folder", CODE)
def test_nothing_is_executed_that_was_read(folder: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{fault}"
        for file in sorted((ROOT / folder).rglob("*.py"))
        for fault in faults(file.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from pickle import loads",
        "eval('1')",
        "yaml.load(text, Loader)",
        "np.load(file, allow_pickle=True)",
        "np.load(file, allow_pickle=trusted)",
        "subprocess.run(words, shell=True)",
        "torch.load(file)",
        "jinja2.Environment(loader=loader)",
    ],
)
def test_each_of_these_would_be_seen(line: str) -> None:
    assert list(faults(line))


def test_no_template_takes_a_text_as_safe_markup() -> None:
    for file in (ROOT / "harness/report/templates").glob("*.j2"):
        text = file.read_text("utf-8")
        assert not re.search(r"\|\s*safe|autoescape|javascript:|\bon\w+=", text), file.name
        scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
        run = [script for script in scripts if script != "{{ plan }}"]  # data, which is escaped
        assert run == ["{{ script }}"] * (file.name in SCRIPTED), file.name
        assert not re.search(r"=\{\{|='\{\{", text), f"{file.name}: an attribute without quotes"


@pytest.mark.parametrize("module", READ_WITHIN_LIMITS)
def test_untrusted_json_is_read_within_limits(module: str) -> None:
    text = (ROOT / f"harness/{module}.py").read_text("utf-8")
    assert "json.loads" not in text
    assert "json.load(" not in text
