"""`harness init`: the files that another project starts with, filled in and written.

The templates lie beside this file. `$name`, `$factory`, `$method` and `$model` are filled in
(`string.Template`); the files for CI are written as they stand, and the documentation shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template

from harness.errors import ConfigError

FILES: Mapping[str, str] = {  # template -> where it is written; {name} is the bundle's
    "pipeline.yaml": "config/{name}.yaml",
    "suite.yaml": "config/suite.yaml",
    "budgets.yaml": "config/budgets.yaml",
    "test_bench.txt": "benchmarks/test_bench.py",
    "test_validate.txt": "validation/test_validate.py",
}
CI: Mapping[str, str] = {  # service -> where its file is written
    "github": ".github/workflows/harness.yml",
    "gitlab": ".gitlab-ci.yml",
}


def start(folder: Path, filled: Mapping[str, str], *, ci: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Write the starting files into `folder`, and return their paths.

    Args:
        filled: values of `name`, `factory`, `method` and `model`.
        ci: for which of the services in `CI` a file is written, too.

    Raises:
        ConfigError: one of the files exists, or cannot be written. Where one exists, none is
            written.
    """
    texts = {
        folder / where.format(name=filled["name"]): Template(_template(source)).substitute(filled)
        for source, where in FILES.items()
    }
    texts |= {folder / CI[service]: _template(f"{service}.yml") for service in ci}
    if known := [file for file in texts if file.exists() or file.is_symlink()]:
        raise ConfigError(
            f"{known[0]}: is there already; nothing was written. Move it away, or name another "
            "folder: harness init FOLDER."
        )
    for file, text in texts.items():
        _write(file, text)
    return tuple(texts)


def _template(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(file, "x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}.") from None
