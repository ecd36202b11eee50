"""`harness init`: the files that another project starts with."""

from __future__ import annotations

from pathlib import Path

import click

from harness.errors import ConfigError
from harness.starting import CI


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--name", default="mine", show_default=True, help="Of the config, its budgets and its set."
)
@click.option(
    "--factory",
    default="recogniser:Recogniser",
    show_default=True,
    help="MODULE:CALLABLE that takes the config's path and returns your pipeline.",
)
@click.option(
    "--method",
    default="transcribe",
    show_default=True,
    help="Of the pipeline: bytes of an audio file in, {'text': ...} out.",
)
@click.option("--model", default="model.onnx", show_default=True, help="Path of the ONNX file.")
@click.option(
    "--ci", type=click.Choice([*CI]), multiple=True, help="Write a CI file too; may be repeated."
)
def init(folder: Path, ci: tuple[str, ...], **filled: str) -> None:
    """Write a config, budgets, the thin suites and a CI file into FOLDER.

    Nothing is overwritten: where one of the files exists, none is written, and the exit code is 2.
    """
    from harness.starting import start

    for option, value in filled.items():
        if not value.isprintable() or not value or set(value) & set("\"'\\{}[]#,"):
            raise ConfigError(f"--{option}: expected a plain name or path, got {value!r}.")
    if not filled["name"].isidentifier():
        raise ConfigError(f"--name: expected letters, digits and _, got {filled['name']!r}.")
    for file in start(folder, filled, ci=ci):
        click.echo(f"written  {file}")
    name = filled["name"]
    click.echo(
        f"Next: harness set import RECORDINGS sets/{name} --copy   (audio, each beside its .txt)\n"
        "      harness doctor   (what is missing still)\n"
        "      harness bench"
    )
