"""The comment of a pull request: the decision, what failed, and what changed since the baseline.

The budgets alone decide. A baseline that is absent or unlike is said in one line: it fails nothing.
"""

from __future__ import annotations

from harness.records import Run, Verdict
from harness.report.compare_markdown import change_lines
from harness.report.compared import Compared
from harness.report.for_ci import cell, markdown, shortened

MARK = "<!-- harness {verb} {bundle} -->"  # by which a CI job finds its comment and updates it


def comment(
    run: Run, verdicts: tuple[Verdict, ...], found: Compared | None, about: str, page: str = ""
) -> str:
    """Return the comment as Markdown of at most `for_ci.LONGEST` characters.

    Args:
        run: what is told of.
        verdicts: on it.
        found: the run beside its baseline; None where there is none, or none that is alike.
        about: which baseline it is, or why there is none.
        page: path of the run's page; "" leaves it out.
    """
    mark = MARK.format(verb=_word(run.verb), bundle=_word(run.bundle))
    changed = [
        "### Since the baseline\n",
        f"{cell(about)}\n",
        *(change_lines(found) if found else ()),
    ]
    told = markdown(run, verdicts, page=page)
    return shortened("\n".join([mark, told, *changed]) + "\n")


def _word(text: str) -> str:
    """`text` inside an HTML comment, which nothing in it can end."""
    return "".join(sign if sign.isalnum() or sign in "._" else "_" for sign in text[:80])
