"""A judged run as CI services read it: JUnit XML, annotations, a summary in Markdown.

JUnit has no word for NOT PROVEN or WAIVED: these are skipped with their reason, so that a reader of
the XML alone never counts one as passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from harness.judge.gate import decide
from harness.records import Finding, Outcome, Run, Verdict
from harness.report import rows
from harness.report.repeating import repeat_command
from harness.untrusted import printable

LONGEST = 65_000  # characters of a comment that GitHub takes, less some
_MISSED = (Outcome.FAIL, Outcome.INFEASIBLE)
_SIGNS = {"pass": "✅", "fail": "❌", "not-proven": "🟡", "waived": "🟠", "not-measured": "⚪"}
_APART = "\u200b"  # zero width space
_UNPRINTABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 65534, 65535), "�")


def junit(run: Run, verdicts: tuple[Verdict, ...]) -> str:
    """Return the run as a JUnit test suite: a case for each budget and each rule."""
    suite = ET.Element(
        "testsuite", name=_plain(f"harness {run.verb} {run.bundle}"), timestamp=run.started
    )
    for verdict in verdicts:
        name = f"{verdict.budget.metric}.{verdict.budget.statistic}"
        case = ET.SubElement(suite, "testcase", classname=run.verb, name=name)
        _judged(case, verdict)
    for finding in run.findings:
        case = ET.SubElement(
            suite, "testcase", classname=_plain(finding.area), name=_plain(finding.rule)
        )
        _found(case, finding)
    if not run.complete:
        case = ET.SubElement(suite, "testcase", classname=run.verb, name="complete")
        ET.SubElement(case, "error", message="The run was interrupted.")
    counts = {kind: len(suite.findall(f"*/{kind}")) for kind in ("failure", "skipped", "error")}
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(counts["failure"]))
    suite.set("errors", str(counts["error"]))
    suite.set("skipped", str(counts["skipped"]))
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def workflow_commands(run: Run, verdicts: tuple[Verdict, ...]) -> str:
    """Return a workflow command of GitHub for each thing that is missed or open, one a line."""
    given = [
        *((_grade(row.style), row.title, row.sentence) for row in rows.failing(verdicts)),
        *(("error", row.title, row.detail) for row in rows.broken_rules(run)),
        *(("warning", row.title, row.sentence) for row in rows.undecided(verdicts)),
        *(("warning", "Doubt", doubt) for doubt in run.doubts),
    ]
    return "".join(
        f"::{grade} title={_escaped(title, of_property=True)}::{_escaped(text)}\n"
        for grade, title, text in given
    )


def markdown(run: Run, verdicts: tuple[Verdict, ...], *, page: str = "") -> str:
    """Return the run as Markdown, of at most LONGEST characters: what failed comes first."""
    gate = decide(run, verdicts)
    whole = [
        f"## {gate.decision}: {run.verb} of {cell(run.bundle)}\n",
        f"{gate.sentence}\n",
        *_failing(run, verdicts),
        *_table(verdicts),
        *(
            ["\n**To doubt**\n", *(f"- {cell(doubt)}" for doubt in run.doubts)]
            if run.doubts
            else []
        ),
        f"\n`{code(run.id)}`" + (f" · page: `{code(page)}`" if page else ""),
    ]
    return shortened("\n".join(whole) + "\n")


def shortened(text: str) -> str:
    """Return `text` cut after a whole line where it is longer than a comment may be."""
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST].rpartition("\n")[0] + "\n\nCut here: the page has the rest.\n"


def cell(text: str) -> str:
    """`text` as Markdown shows it literally, in one line: no markup, nobody named, no link."""
    plain = printable(" ".join(text.split())).replace("&", "&amp;")
    for sign in "\\`*_[]<>|#~!@":
        plain = plain.replace(sign, f"\\{sign}")
    for sign in ("@", "#", "://"):  # GitHub reads these after Markdown took the backslash away
        plain = plain.replace(sign, f"{sign[0]}{_APART}{sign[1:]}")
    return plain


def code(text: str) -> str:
    """`text` for inside a code span, which nothing in it can end."""
    return " ".join(printable(text).replace("`", "'").split())


def _failing(run: Run, verdicts: tuple[Verdict, ...]) -> Iterator[str]:
    missed = tuple(v for v in verdicts if _misses(v))
    for verdict, row in zip(missed, rows.budget_rows(missed), strict=True):
        yield f"- ❌ **{cell(row.title)}**: {cell(row.sentence)}"
        yield f"  again: `{code(repeat_command(run, verdict.budget))}`"
    for broken in rows.broken_rules(run):
        yield f"- ❌ **{cell(broken.title)}** {cell(broken.detail)}"


def _table(verdicts: tuple[Verdict, ...]) -> Iterator[str]:
    if not verdicts:
        return
    yield "\n| | Budget | Limit | Measured | 95 % interval | Verdict |"
    yield "|---|---|---|---|---|---|"
    for row in rows.budget_rows(verdicts):
        cells = (row.title, row.limit, row.value, row.interval, row.outcome)
        yield f"| {_SIGNS.get(row.style, '')} | " + " | ".join(map(cell, cells)) + " |"


def _misses(verdict: Verdict) -> bool:
    """Whether the gate is missed for this budget: broken, or required and not measured."""
    missing = verdict.outcome is Outcome.NOT_MEASURED and verdict.budget.required
    return missing or verdict.outcome in _MISSED


def _judged(case: ET.Element, verdict: Verdict) -> None:
    if _misses(verdict):
        _say(case, "failure", f"{verdict.outcome}: {verdict.sentence}")
    elif verdict.outcome is not Outcome.PASS:
        _say(case, "skipped", f"{verdict.outcome}: {verdict.sentence}")


def _found(case: ET.Element, finding: Finding) -> None:
    if not finding.holds:
        _say(case, "failure", f"{finding.title} Not so: {finding.detail}")
    elif not finding.checked:
        _say(case, "skipped", f"NOT CHECKED: {finding.detail}")


def _say(case: ET.Element, kind: str, text: str) -> None:
    ET.SubElement(case, kind, message=_plain(text))


def _plain(text: str) -> str:
    """`text` without what XML cannot hold."""
    return text.translate(_UNPRINTABLE)


def _grade(style: str) -> str:
    return "error" if style == "fail" else "warning"


def _escaped(text: str, *, of_property: bool = False) -> str:
    """As github.com/actions/toolkit's `command.ts` escapes a workflow command."""
    told = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return told.replace(":", "%3A").replace(",", "%2C") if of_property else told
