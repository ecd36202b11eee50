"""What each section of the page shows: the names that its template reads, section by section.

Every function takes the run and its verdicts and returns finished rows, pictures and sentences. A
section about something that the run does not hold is empty, and its template draws nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.judge.aims import HELP, OVERHEAD
from harness.judge.arms import judge_sides
from harness.records import Run, Verdict
from harness.report import (
    ab_rows,
    canary_rows,
    claims_rows,
    clip_rows,
    conditions_rows,
    cost_rows,
    coverage_rows,
    curve_rows,
    end_to_end_rows,
    function_rows,
    heard_rows,
    ledger_rows,
    load_rows,
    looks_rows,
    model_rows,
    operator_rows,
    predicted_rows,
    roof_rows,
    rows,
    score_rows,
    selfbench_rows,
    soak_rows,
    speech_rows,
    view_rows,
    watching_rows,
)
from harness.report.ab_figure import ab_picture
from harness.report.cold_rows import cold_rows
from harness.report.conditions_figure import treated_picture
from harness.report.full_scale_rows import full_scale_headline, full_scale_table
from harness.report.ledger_figure import ledger_picture
from harness.report.load_figure import load_picture
from harness.report.map_figure import tensor_map
from harness.report.memory_figure import memory_picture
from harness.report.operator_figure import operator_picture
from harness.report.planting_figure import planting_picture
from harness.report.raw_files import raw
from harness.report.repeating import repeat_commands
from harness.report.roof_figure import roof_picture
from harness.report.selfbench_figure import alarms_picture, pairs_picture
from harness.report.soak_figure import soak_picture
from harness.report.speech_figure import speech_picture
from harness.report.time_figures import share_picture, start_picture, time_picture
from harness.report.tune_figure import tune_picture
from harness.report.tune_rows import tune_headline, tuned
from harness.report.voice_section import voice

Verdicts = tuple[Verdict, ...]
Names = Mapping[str, Any]


def opening(run: Run, verdicts: Verdicts) -> Names:
    """What is read first, and what `tune` or a table at full scale found."""
    found, scale = tuned(run), full_scale_table(run)
    headline = rows.headline(run, verdicts)
    if run.verb == "ab":
        headline = ab_rows.ab_headline(run)
    elif run.verb == "conditions":
        headline = conditions_rows.conditions_headline(run, verdicts)
    elif run.verb == score_rows.VERB:
        headline = score_rows.score_headline(run, verdicts)
    elif found:
        headline = tune_headline(run, found)
    elif scale:
        headline = full_scale_headline(run, scale)
    return {
        "headline": headline,
        "tuned": found,
        "full_scale": scale,
        "tune_picture": tune_picture(run, found) if found else None,
    }


def gate(run: Run, verdicts: Verdicts) -> Names:
    """Budgets and rules."""
    return {
        "failing": rows.failing(verdicts),
        "again": repeat_commands(run, verdicts),
        "broken": rows.broken_rules(run),
        "unchecked": rows.unchecked_rules(run),
        "undecided": rows.undecided(verdicts),
        "budgets": rows.budget_rows(verdicts),
        "rules": rows.rule_rows(run),
    }


def claims(run: Run, verdicts: Verdicts) -> Names:
    """What the product's document says of itself."""
    return {
        "claims": claims_rows.claim_rows(run),
        "claims_sentence": claims_rows.claims_sentence(run),
        "claims_method": claims_rows.METHOD,
    }


def comparison(run: Run, verdicts: Verdicts) -> Names:
    """Two pipelines side by side."""
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


def time(run: Run, verdicts: Verdicts) -> Names:
    """Stages and starts."""
    return {
        "times": cost_rows.time_rows(run, verdicts),
        "times_caption": looks_rows.times_caption(run),
        "starts": cost_rows.start_rows(run, verdicts),
        "cold": cold_rows(run),
        "start_picture": start_picture(run, verdicts),
        "time_picture": time_picture(run, verdicts),
        "shares": cost_rows.share_rows(run),
        "share_picture": share_picture(run),
    }


def inside(run: Run, verdicts: Verdicts) -> Names:
    """Operators of an inference, and functions timed alone."""
    return {
        "operators": operator_rows.operator_rows(run),
        "nodes": operator_rows.node_rows(run),
        "sessions": operator_rows.session_rows(run),
        "operator_method": operator_rows.operator_method(run),
        "operator_picture": operator_picture(run),
        "functions": function_rows.function_rows(run),
    }


def memory(run: Run, verdicts: Verdicts) -> Names:
    """The process, its stages and its ledger."""
    return {
        "memory": cost_rows.memory_rows(run, verdicts),
        "stage_memory": cost_rows.stage_memory_rows(run),
        "memory_picture": memory_picture(run, verdicts),
        "ledger": ledger_rows.ledger_rows(run, verdicts),
        "ledger_picture": ledger_picture(run, verdicts),
        "mapped": ledger_rows.mapped_text(run),
    }


def roof(run: Run, verdicts: Verdicts) -> Names:
    """What this machine allows, and doubts about the run."""
    budgets = roof_rows.budgets_of(verdicts)
    return {
        "doubts": (*run.doubts, *roof_rows.refutations(budgets, run)),
        "ceilings": roof_rows.ceiling_rows(run),
        "ceiling_text": roof_rows.ceiling_text(run),
        "needs": roof_rows.need_rows(budgets, run),
        "reasons": roof_rows.sentences(budgets, run),
        "boundless": roof_rows.boundless_text(budgets, run),
        "work": roof_rows.work_text(run),
        "roof_picture": roof_picture(run),
    }


def load(run: Run, verdicts: Verdicts) -> Names:
    """Requests as users send them."""
    return {
        "load": load_rows.load_rows(run),
        "load_sentence": load_rows.load_sentence(run),
        "load_method": load_rows.load_method(run),
        "load_picture": load_picture(run),
    }


def soak(run: Run, verdicts: Verdicts) -> Names:
    """Whether memory grows."""
    return {
        "soak": soak_rows.soak_rows(run),
        "soak_sentence": soak_rows.soak_sentence(run),
        "soak_method": soak_rows.soak_method(run),
        "soak_picture": soak_picture(run),
    }


def selfbench(run: Run, verdicts: Verdicts) -> Names:
    """What the harness measured of itself."""
    return {
        "alarms": selfbench_rows.alarm_rows(run),
        "alarms_method": selfbench_rows.METHOD,
        "alarms_picture": alarms_picture(run, verdicts),
        "overhead_picture": pairs_picture(run, OVERHEAD, verdicts),
        "help_picture": pairs_picture(run, HELP, verdicts),
        "curve": curve_rows.curve_rows(run),
        "curve_sentence": curve_rows.curve_sentence(run),
        "curve_method": curve_rows.METHOD,
        "covers": coverage_rows.cover_rows(run),
        "cover_sentence": coverage_rows.cover_sentence(run),
        "cover_method": coverage_rows.METHOD,
        "watches": watching_rows.watch_rows(run),
        "watch_sentence": watching_rows.watch_sentence(run),
        "watch_method": watching_rows.METHOD,
        "families": watching_rows.family_rows(run),
        "family_method": watching_rows.FAMILY_METHOD,
        "planting_picture": planting_picture(run),
    }


def speech(run: Run, verdicts: Verdicts) -> Names:
    """What was understood."""
    found = speech_rows.score_rows(run, verdicts)
    return {
        "scored": score_rows.score_table(run),
        "scores": found,
        "power": speech_rows.power_text(found),
        "views": view_rows.view_table(run),
        "conditions": speech_rows.condition_rows(run),
        "heard_rates": heard_rows.rate_rows(run),
        "heard_method": heard_rows.METHOD,
        "heard_parts": heard_rows.part_rows(run),
        "wrong_words": heard_rows.words_rows(run),
        "catastrophes": heard_rows.catastrophe_rows(run),
        "catastrophe_sentence": heard_rows.catastrophe_sentence(run),
        "catastrophe_method": heard_rows.CATASTROPHES,
        "clips": clip_rows.clip_table(run),
        "speech_picture": speech_picture(run, verdicts),
        "speech_method": speech_rows.speech_method(run),
    }


def whole(run: Run, verdicts: Verdicts) -> Names:
    """How many clips were answered rightly and in time."""
    return {
        "whole_parts": end_to_end_rows.part_rows(run),
        "whole_failing": end_to_end_rows.failing_rows(run),
        "whole_sentence": end_to_end_rows.end_to_end_sentence(run),
        "whole_method": end_to_end_rows.end_to_end_method(run),
    }


def conditions(run: Run, verdicts: Verdicts) -> Names:
    """What noise, lines, rooms and levels cost."""
    return {
        "treated": conditions_rows.treated_rows(run),
        "treated_sentence": conditions_rows.treated_sentence(run),
        "treated_method": conditions_rows.treated_method(run),
        "treated_picture": treated_picture(run),
    }


def predicted(run: Run, verdicts: Verdicts) -> Names:
    """What models of listeners say of the voice, beside anchors."""
    return {
        "predicted": predicted_rows.predicted_rows(run),
        "predicted_method": predicted_rows.METHOD,
    }


def canaries(run: Run, verdicts: Verdicts) -> Names:
    """What fixed codes are answered with."""
    return {
        "canaries": canary_rows.canary_rows(run),
        "canary_sentence": model_rows.canary_sentence(run, verdicts),
    }


def made_on(run: Run, verdicts: Verdicts) -> Names:
    """Where and on what the run was made."""
    known = run.environment
    return {
        "about": rows.run_facts(run),
        "provenance": model_rows.provenance(run),
        "comparable": rows.facts(known.comparable) if known else (),
        "identity": rows.facts(known.identity) if known else (),
        "noise": rows.facts(known.noise) if known else (),
    }


SECTIONS = (
    *(opening, gate, claims, comparison, time, inside, memory, roof, load, soak),
    *(speech, voice, predicted, whole, conditions, canaries, selfbench, made_on, tensor_map, raw),
)
