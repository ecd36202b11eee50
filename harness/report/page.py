"""The page of a run: one HTML file that needs no network, no script and no other file.

A strict Content-Security-Policy stands in its head: nothing is loaded, images are data URIs, and
the only style sheet is the one whose digest it names. Every text is escaped by the template.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from harness.judge.aims import HELP, OVERHEAD
from harness.records import Run, Verdict
from harness.report import cost_rows, curve_rows, ledger_rows, rows, selfbench_rows, speech_rows
from harness.report.ledger_figure import ledger_picture
from harness.report.memory_figure import memory_picture
from harness.report.planting_figure import planting_picture
from harness.report.selfbench_figure import alarms_picture, pairs_picture
from harness.report.speech_figure import speech_picture
from harness.report.time_figures import share_picture, start_picture, time_picture


def page(run: Run, verdicts: tuple[Verdict, ...]) -> str:
    """Return the whole page as HTML; the same run and verdicts give the same text."""
    style = resources.files("harness.report").joinpath("templates/page.css").read_text("utf-8")
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            style=Markup(style),  # ours, and held by its digest
            policy=_policy(style),
            run=run,
            **_gate(run, verdicts),
            **_cost(run, verdicts),
            **_speech(run, verdicts),
            **_selfbench(run, verdicts),
            **_conditions(run),
        )
    )


def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("harness.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _gate(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    return {
        "headline": rows.headline(run, verdicts),
        "failing": rows.failing(verdicts),
        "broken": rows.broken_rules(run),
        "unchecked": rows.unchecked_rules(run),
        "undecided": rows.undecided(verdicts),
        "budgets": rows.budget_rows(verdicts),
        "rules": rows.rule_rows(run),
    }


def _cost(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    return {
        "times": cost_rows.time_rows(run, verdicts),
        "starts": cost_rows.start_rows(run, verdicts),
        "start_picture": start_picture(run, verdicts),
        "time_picture": time_picture(run, verdicts),
        "shares": cost_rows.share_rows(run),
        "share_picture": share_picture(run),
        "memory": cost_rows.memory_rows(run, verdicts),
        "stage_memory": cost_rows.stage_memory_rows(run),
        "memory_picture": memory_picture(run, verdicts),
        "ledger": ledger_rows.ledger_rows(run, verdicts),
        "ledger_picture": ledger_picture(run, verdicts),
        "mapped": ledger_rows.mapped_text(run),
    }


def _speech(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    return {
        "scores": speech_rows.score_rows(run, verdicts),
        "conditions": speech_rows.condition_rows(run),
        "clips": speech_rows.worst_clips(run),
        "speech_picture": speech_picture(run, verdicts),
        "speech_method": speech_rows.speech_method(),
    }


def _selfbench(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    return {
        "alarms": selfbench_rows.alarm_rows(run),
        "alarms_method": selfbench_rows.METHOD,
        "alarms_picture": alarms_picture(run, verdicts),
        "overhead_picture": pairs_picture(run, OVERHEAD, verdicts),
        "help_picture": pairs_picture(run, HELP, verdicts),
        "curve": curve_rows.curve_rows(run),
        "curve_sentence": curve_rows.curve_sentence(run),
        "curve_method": curve_rows.METHOD,
        "planting_picture": planting_picture(run),
    }


def _conditions(run: Run) -> Mapping[str, Any]:
    known = run.environment
    return {
        "about": rows.run_facts(run),
        "comparable": rows.facts(known.comparable) if known else (),
        "identity": rows.facts(known.identity) if known else (),
        "noise": rows.facts(known.noise) if known else (),
    }
