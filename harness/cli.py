"""The command line. Each verb says in its exit code what it found:

0 passed, 1 a budget or rule is missed, 2 could not work, 3 not proven.

A verb lies in a module of `harness.verbs`, imported when it is called, so that `--help` is quick.
"""

from __future__ import annotations

import importlib
import logging
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import click

from harness.errors import HarnessError
from harness.untrusted import printable

COULD_NOT_WORK = 2

VERBS: Mapping[str, str] = {  # name, also that of its module, and what it does in one line
    "init": "Write a config, budgets, suites and a CI file for a project of your own.",
    "bench": "Measure time, memory and accuracy against the budgets.",
    "validate": "Check files, contract and accuracy, as before a release.",
    "inspect": "Show what a model is made of: its graph, its tensors, their work and size.",
    "seal": "Write a bundle's manifest: digests of every file and tensor.",
    "verify": "Hold a bundle against its manifest, and name what changed.",
    "report": "Judge a stored run again and draw its page again.",
    "compare": "Say what changed between two runs.",
    "comment": "Write what a pull request is told of a run and of what changed.",
    "history": "Say how the newest run fits in with those before it, and draw the history.",
    "runs": "List the runs that are kept; show, export, import, prune them.",
    "baseline": "Give a run a name that others are held against.",
    "accept": "Say that a change of a figure is meant, and why.",
    "feasible": "Say what this machine allows: the least that each budget needs here.",
    "ab": "Compare two pipelines, interleaved: faster, slower, or cannot tell.",
    "load": "Send requests as users do: one by one, all at once, at a rate.",
    "soak": "Send many requests and see whether memory grows.",
    "conditions": "Hear a set again under noise, over a line, in a room: what each costs.",
    "score": "Hear a whole set, with many workers or on a cluster, and count its errors.",
    "speak": "Let the pipeline speak: cost, words, signal, emotion, and a page to listen to.",
    "tune": "Measure a grid of options and print the best trade-offs.",
    "set": "Make reference sets of what people have; check, split and count them.",
    "listen": "Ask listeners: make a blind test of WAV files, and read what they said.",
    "doctor": "Look at what a run needs, and say what to do about what is missing.",
    "selftest": "Plant faults and prove that the harness tells of each.",
    "selfbench": "Measure the harness itself: overhead, memory, false alarms, power.",
}
MODULES: Mapping[str, str] = {"bench": "gate", "validate": "gate"}  # where it is not the name


class Verbs(click.Group):
    """A group that prints what the harness raises as one paragraph, and never ends with 1 for it.

    A traceback is for mistakes in the harness itself.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module = importlib.import_module(f"harness.verbs.{MODULES.get(name, name)}")
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HarnessError as error:
            click.echo(f"harness: {printable(str(error))}", err=True)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("harness: Interrupted. What was measured until then is kept.", err=True)
        except Exception:
            traceback.print_exc()
        sys.exit(COULD_NOT_WORK)


class _Echo(logging.Handler):
    """Writes what is told to standard error as it is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(printable(record.getMessage()), err=True)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-q", "--quiet", is_flag=True, help="Print the result alone, not what happens.")
@click.option("-v", "--verbose", is_flag=True, help="Print every record as it is kept, too.")
@click.version_option(package_name="sarai-harness")
def main(quiet: bool, verbose: bool) -> None:
    """Is the speech pipeline whole, quick, small and right?

    Exit codes: 0 passed, 1 a budget or rule is missed, 2 could not work (or was interrupted),
    3 not proven.
    """
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other")
    logger = logging.getLogger("harness")
    logger.handlers, logger.propagate = [_Echo()], False
    logger.setLevel(logging.WARNING if quiet else logging.DEBUG if verbose else logging.INFO)
