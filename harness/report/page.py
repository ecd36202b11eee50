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

from harness.judge.arms import judge_sides
from harness.records import Run, Verdict
from harness.report import (
    ab_rows,
    cost_rows,
    function_rows,
    ledger_rows,
    load_rows,
    looks_rows,
    operator_rows,
    rows,
    soak_rows,
    speech_rows,
)
from harness.report.ab_figure import ab_picture
from harness.report.ledger_figure import ledger_picture
from harness.report.load_figure import load_picture
from harness.report.memory_figure import memory_picture
from harness.report.operator_figure import operator_picture
from harness.report.soak_figure import soak_picture
from harness.report.speech_figure import speech_picture
from harness.report.time_figures import share_picture, start_picture, time_picture
from harness.report.tune_figure import tune_picture
from harness.report.tune_rows import tune_headline, tuned


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
            **_opening(run, verdicts),
            **_gate(run, verdicts),
            **_cost(run, verdicts),
            **_inside(run),
            **_load(run),
            **_soak(run),
            **_speech(run, verdicts),
            **_ab(run),
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


def _opening(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    found = tuned(run)
    headline = rows.headline(run, verdicts)
    if run.verb == "ab":
        headline = ab_rows.ab_headline(run)
    elif found:
        headline = tune_headline(run, found)
    return {
        "headline": headline,
        "tuned": found,
        "tune_picture": tune_picture(run, found) if found else None,
    }


def _gate(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    return {
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
        "times_caption": looks_rows.times_caption(run),
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


def _inside(run: Run) -> Mapping[str, Any]:
    return {
        "operators": operator_rows.operator_rows(run),
        "nodes": operator_rows.node_rows(run),
        "sessions": operator_rows.session_rows(run),
        "operator_method": operator_rows.operator_method(run),
        "operator_picture": operator_picture(run),
        "functions": function_rows.function_rows(run),
    }


def _load(run: Run) -> Mapping[str, Any]:
    return {
        "load": load_rows.load_rows(run),
        "load_sentence": load_rows.load_sentence(run),
        "load_method": load_rows.load_method(run),
        "load_picture": load_picture(run),
    }


def _soak(run: Run) -> Mapping[str, Any]:
    return {
        "soak": soak_rows.soak_rows(run),
        "soak_sentence": soak_rows.soak_sentence(run),
        "soak_method": soak_rows.soak_method(run),
        "soak_picture": soak_picture(run),
    }


def _speech(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    return {
        "scores": speech_rows.score_rows(run, verdicts),
        "conditions": speech_rows.condition_rows(run),
        "clips": speech_rows.worst_clips(run),
        "speech_picture": speech_picture(run, verdicts),
        "speech_method": speech_rows.speech_method(),
    }


def _ab(run: Run) -> Mapping[str, Any]:
    if run.verb != "ab":
        return {"ab": ()}
    sides = judge_sides(run)
    found = ab_rows.ab_rows(sides)
    return {
        "ab": found,
        "ab_notes": ab_rows.notes_of(found),
        "ab_sides": ab_rows.side_rows(run),
        "ab_apart": ab_rows.apart_text(run),
        "ab_method": ab_rows.method_text(sides),
        "ab_picture": ab_picture(sides),
    }


def _conditions(run: Run) -> Mapping[str, Any]:
    known = run.environment
    return {
        "about": rows.run_facts(run),
        "comparable": rows.facts(known.comparable) if known else (),
        "identity": rows.facts(known.identity) if known else (),
        "noise": rows.facts(known.noise) if known else (),
    }
