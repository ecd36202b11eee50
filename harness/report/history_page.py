"""`reports/index.html`: the history as one HTML file, of which everything is read without a script.

Its one script filters and switches; a Content-Security-Policy allows script and style by their
digests and nothing else. It links to the pages of the runs and changes none of them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from harness.errors import StoreError
from harness.judge.history import AS_BEFORE, TOO_FEW, Group, Series, history
from harness.judge.normalised import normalised
from harness.judge.summed import summaries_in
from harness.notes import Accepted, accepted
from harness.report import history_rows as rows
from harness.report.drawing import Picture
from harness.report.history_figure import history_picture
from harness.summaries import Summary

INDEX = "index.html"
MOST, IN_ALL = 8, 24  # pictures of a group, and of the page
FEWEST = 3  # runs of a picture
MARKS = "●■▬⬬"  # of the classes of machine, as the pictures have them


@dataclass(frozen=True, kw_only=True)
class History:
    """What is known of a folder of runs."""

    runs: tuple[Summary, ...]
    problems: tuple[str, ...]  # runs that are left out, and why
    series: tuple[Series, ...]
    scaled: tuple[Summary, ...]  # in yardsticks; () where there is one class of machine
    together: tuple[Series, ...]  # of these

    @property
    def newest(self) -> Summary | None:
        """The newest complete run that has figures."""
        known = [run for run in self.runs if run.complete and run.figures]
        return max(known, key=lambda one: (one.started, one.id), default=None)

    @property
    def called(self) -> tuple[Series, ...]:
        """The figures of the newest run."""
        newest = self.newest
        return tuple(one for one in self.series if newest and one.newest.run.id == newest.id)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A group as the page shows it."""

    title: str
    normalised: bool
    sentence: str
    newest: tuple[rows.HistoryRow, ...]
    pictures: tuple[Picture, ...]
    undrawn: str  # why there is no picture; "": there are
    key: tuple[str, ...]  # what the marks mean, where classes of machine lie together
    heads: tuple[str, ...]  # of the figures in `runs`
    runs: tuple[rows.RunRow, ...]
    scope: rows.Scope


def read_history(reports: Path) -> History:
    """Read what the history shows.

    Raises:
        StoreError: no folder of runs, it cannot be read, or a note beside it is damaged.
    """
    runs, problems = summaries_in(reports / "runs")
    return made_of(runs, problems, accepted(reports))


def made_of(
    runs: Sequence[Summary], problems: Sequence[str] = (), meant: Sequence[Accepted] = ()
) -> History:
    """Judge the runs."""
    several = len({run.machine for run in runs if run.figures}) > 1
    scaled = normalised(runs) if several else ()
    return History(
        runs=tuple(runs),
        problems=tuple(problems),
        series=history(runs, meant),
        scaled=scaled,
        together=history(scaled, meant),
    )


def keep_history(reports: Path, found: History) -> Path:
    """Draw the page anew, whole or not at all, and return its path.

    Raises:
        StoreError: the folder cannot be written to.
    """
    page, half = reports / INDEX, reports / f"{INDEX}.half"
    html = history_page(found)
    try:
        half.write_text(html, "utf-8")
        half.replace(page)
    except OSError as error:
        raise StoreError(f"{page}: cannot be written: {error.strerror}. Allow it.") from None
    return page


def history_page(found: History) -> str:
    """Return the page as HTML; the same runs give the same text."""
    style, script = _text("page.css") + _text("history.css"), _text("history.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_digest(style)}; "
        f"script-src {_digest(script)}; base-uri 'none'; form-action 'none'"
    )
    sections = _sections(found)
    scope = rows.scope_of(run for run in found.runs if run.figures)
    return _template().render(
        policy=policy,
        style=Markup(style),  # these are ours, and held by their digests
        script=Markup(script),
        headline=headline(found),
        problems=found.problems,
        sections=sections,
        shifts=rows.shift_rows(found.series),
        known=scope,
        scope=_coded(scope),
        method=rows.METHOD,
    )


def headline(found: History) -> tuple[str, str, str]:
    """Return the word about the newest run, a sentence, and the style of both."""
    newest, count = found.newest, sum(bool(run.figures) for run in found.runs)
    if newest is None:
        return "No run yet", "`make bench` makes the first.", "none"
    own = [one for one in found.called if one.budgeted]
    word = next((w for w in rows.STYLES if w != TOO_FEW and w in {one.word for one in own}), "")
    if not word:
        word = AS_BEFORE if any(one.band for one in own) else TOO_FEW
    first = min(run.started for run in found.runs)[:10]
    hosts = len({run.machine for run in found.runs})
    bundles = len({run.bundle for run in found.runs})
    said = rows.newest_sentence(newest, own)
    told = f"{count} runs since {first}, bundles: {bundles}, classes of machine: {hosts}. {said}"
    return word[:1].upper() + word[1:], told, rows.STYLES.get(word, "none")


def _sections(found: History) -> tuple[Section, ...]:
    parts = [(False, found.runs, found.series), (True, found.scaled, found.together)]
    by_id = {run.id: run for run in found.runs}
    groups = [
        (scaled, group, runs, [one for one in series if one.group == group])
        for scaled, given, series in parts
        for group, runs in rows.group_runs(given).items()
    ]
    drawing = sum(any(len(one.points) >= FEWEST for one in group[3]) for group in groups)
    most = max(1, min(MOST, IN_ALL // max(1, drawing)))
    return tuple(
        _section(group, runs, series, by_id, most if at < IN_ALL else 0, scaled=scaled)
        for at, (scaled, group, runs, series) in enumerate(groups)
    )


def _section(
    group: Group,
    runs: list[Summary],
    found: list[Series],
    by_id: dict[str, Summary],
    most: int,
    *,
    scaled: bool,
) -> Section:
    ordered = _important(found)
    drawn = [one for one in ordered if len(one.points) >= FEWEST][:most]
    hosts = sorted({by_id[run.id].machine for run in runs})
    classes = {run.id: hosts.index(by_id[run.id].machine) for run in runs} if scaled else None
    complete = [run for run in runs if run.complete]
    few = f"No picture: they come from the third run on, for the {IN_ALL} newest groups."
    shown = drawn or ordered[:MOST]
    return Section(
        title=rows.group_text(group),
        normalised=scaled,
        sentence=rows.newest_sentence(complete[0], found) if complete else "No run is complete.",
        newest=tuple(map(rows.history_row, ordered)),
        pictures=tuple(history_picture(one, classes) for one in drawn),
        undrawn="" if drawn else few,
        key=_key(hosts) if scaled else (),
        heads=tuple(rows.title_of(one.newest.figure) for one in shown),
        runs=rows.run_rows(runs, shown, by_id),
        scope=rows.scope_of(by_id[run.id] for run in runs),
    )


def _important(found: list[Series]) -> list[Series]:
    """What has a budget first, and of that what is called out or has moved; else as it stands."""

    def last(one: Series) -> tuple[bool, bool, bool, int]:
        place = one.newest.run.figures.index(one.newest.figure)
        return not one.budgeted, one.word in (AS_BEFORE, TOO_FEW), not one.shifts, place

    return sorted(found, key=last)


def _key(hosts: list[str]) -> tuple[str, ...]:
    named = [f"{mark} {host}" for mark, host in zip(MARKS, hosts, strict=False)]
    more = len(hosts) - len(MARKS)
    return (*named[:-1], f"{named[-1]} and {more} more") if more > 0 else tuple(named)


def _coded(known: rows.Scope) -> Callable[[rows.Scope], Markup]:
    """Return what writes a scope as attributes: the number of each value in its list, from 1."""

    @cache
    def coded(one: rows.Scope) -> Markup:
        told = []
        for field, every in asdict(known).items():
            numbers = " ".join(str(every.index(value) + 1) for value in getattr(one, field))
            told.append(f'data-{field}="{numbers}"')
        return Markup(" ".join(told))  # numbers alone

    return coded


def _template() -> Template:
    engine = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return engine.get_template("history.html.j2")


def _text(name: str) -> str:
    return resources.files("harness.report").joinpath(f"templates/{name}").read_text("utf-8")


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
