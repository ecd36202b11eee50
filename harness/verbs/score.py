"""`harness score`: a whole set, by as many workers as fit, or on a cluster."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from harness.errors import StoreError
from harness.verbs import common
from harness.verbs.score_files import of_files, score_files

if TYPE_CHECKING:
    from harness.config import Settings
    from harness.judge.scored import Difference, Scored
    from harness.records import Budget, Interval, Run, Verdict

SYSTEMS = 2  # that are compared in one command
HEARING = ("workers", "engine", "address", "resume", "clip_s")  # options of no use to files


@click.command(short_help="Hear a whole set, and count its errors.")
@click.argument("name", metavar="SET")
@click.option(
    "--config",
    "configs",
    multiple=True,
    help="The pipeline's config; give it twice to compare two. Default: as in `harness bench`.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes (or actors) that load the model once each.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="This machine, or a Ray cluster.",
)
@click.option("--address", help="Of the Ray cluster. Default: one on this machine.")
@click.option("--resume", multiple=True, help="Go on with this run, named as in `harness report`.")
@click.option(
    "--join",
    multiple=True,
    metavar="RUN",
    help="Hear nothing: judge these runs of parts of SET as one; twice or more.",
)
@click.option(
    "--clip-timeout",
    "clip_s",
    type=click.FloatRange(min=0, min_open=True),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="For one clip, and for a load: what takes longer is ended.",
)
@of_files
@common.reports
@common.as_json
@click.pass_context
def score(
    context: click.Context,
    /,
    name: str,
    configs: tuple[str, ...],
    reports: str,
    as_json: bool,
    hypotheses: tuple[str, ...],
    join: tuple[str, ...],
    **given: Any,
) -> None:
    """Hear every clip of SET and count the errors; or count those of texts from elsewhere.

    SET is a folder with a manifest, or the name of one under `sets` of suite.yaml. Judged are the
    budgets on accuracy.wer of the set. Killed, a run goes on by --resume: nothing is heard or
    counted twice. Exit codes: 0 kept (or no budget is about this set), 1 missed, 2 a clip lacks or
    nothing could work, 3 not proven.

    With --hypotheses nothing is heard, and SET may be a TRN, STM, JSON lines or TSV file of what
    was said. It ends with 2 where a line of SET cannot be used, 3 where a clip has no hypothesis.
    """
    _refuse_mixed(context, hearing=not hypotheses and not join, joining=bool(join))
    heard = {key: given.pop(key) for key in HEARING if key in given}
    if hypotheses:
        raise SystemExit(score_files(_said(name), hypotheses, as_json=as_json, **given))
    if join:
        raise SystemExit(_joined(name, join, common.runs_folder(reports), as_json=as_json))
    raise SystemExit(_score(configs, name=name, reports=reports, as_json=as_json, **heard))


def _said(given: str) -> Path:
    """Return the file or folder of what was said: a path, or a set of the project by name."""
    from harness.config import read_settings

    project = Path(common.only_config())
    if Path(given).exists() or not project.is_file():
        return Path(given)
    return _set_name(read_settings(project, judged=False), given)[1]


def _refuse_mixed(context: click.Context, *, hearing: bool, joining: bool) -> None:
    """Refuse an option that would be passed over in silence."""
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        about_hearing = option.name in ("configs", *HEARING)
        shared = option.name in ("name", "reports", "as_json", "join" if joining else "hypotheses")
        if given and joining and not shared:
            raise click.UsageError(f"{option.opts[0]}: leave out it or --join.")
        shared |= option.name == "join"
        if given and not shared and about_hearing is not hearing:
            why = (
                "needs --hypotheses"
                if hearing
                else "is about hearing: leave out it or --hypotheses"
            )
            raise click.UsageError(f"{option.opts[0]} {why}.")


def _score(configs: tuple[str, ...], *, reports: str, as_json: bool, **given: Any) -> int:
    """Hear the set by one or two pipelines; return the exit code."""
    from harness.config import read_settings
    from harness.store import find_run

    runs = common.runs_folder(reports)
    folders = [find_run(runs, one) for one in given.pop("resume")]
    resumed = _by_config(folders)
    configs = configs or tuple(resumed) or (common.only_config(),)
    if len(configs) > SYSTEMS:
        raise click.UsageError(f"--config: {SYSTEMS} at most are compared, got {len(configs)}")
    if strange := [path for path in resumed if path not in configs]:
        raise StoreError(f"{resumed[strange[0]]}: made with --config {strange[0]}. Give that.")
    settings = [read_settings(Path(path)) for path in configs]
    heard = [
        _hear(one, runs=runs, resume=resumed.get(path), **given)
        for path, one in zip(configs, settings, strict=True)
    ]
    return _conclude(list(zip(heard, settings, strict=True)), runs, as_json=as_json)


def show(run: Run, folder: Path, *, config: str | None, as_json: bool) -> int:
    """Judge a stored score by today's budgets, draw its page again, and return the exit code."""
    from harness.config import read_settings

    settings = read_settings(Path(config or run.config))
    return _conclude([(run, settings)], folder.parent, as_json=as_json)


def _joined(name: str, parts: tuple[str, ...], runs: Path, *, as_json: bool) -> int:
    """Judge runs of parts of a set as one; return the exit code."""
    from harness.accuracy.sets import read_usable
    from harness.config import read_settings
    from harness.judge.joined import join
    from harness.store import find_run, read_run

    found = [read_run(find_run(runs, part)) for part in parts]
    settings = read_settings(Path(found[0].config))
    of_set, folder = _set_name(settings, name)
    whole = read_usable(folder)
    for sentence in whole.faults:
        common.tell(f"lacking: {sentence}")
    run = join(found, whole.clips, of_set, whole.faults)
    return _conclude([(run, settings)], None, as_json=as_json)


def _conclude(heard: list[tuple[Run, Settings]], runs: Path | None, *, as_json: bool) -> int:
    """Judge one or two systems on one set, show all, return the exit code.

    Their pages are kept in `runs`; None for runs that lie nowhere.
    """
    from harness.judge.scored import difference, scored
    from harness.judge.verdicts import judge_all
    from harness.report.page import page
    from harness.store import keep_page

    found = [scored(run, next(iter(run.facts["sets"]))) for run, _ in heard]
    rows = [_budgets(settings, one.name) for (_, settings), one in zip(heard, found, strict=True)]
    verdicts = [judge_all(row, one.run) for row, one in zip(rows, found, strict=True)]
    pages = [
        keep_page(runs / one.run.id, page(one.run, judged)) if runs else None
        for one, judged in zip(found, verdicts, strict=True)
    ]
    between = difference(found[0], found[1]) if len(found) == SYSTEMS else None
    click.echo(_told(found, verdicts, between, pages, as_json=as_json))
    return max(map(_exit_code, found, verdicts))


def _by_config(folders: list[Path]) -> dict[str, Path]:
    """Map the config of each run that is to go on to its folder."""
    from harness.store import read_run

    found: dict[str, Path] = {}
    for folder in folders:
        config = read_run(folder).config
        if config in found:
            both = f"{found[config]} and {folder}"
            raise StoreError(f"--resume: {both} are both of {config}. Give one.")
        found[config] = folder
    return found


def _set_name(settings: Settings, given: str) -> tuple[str, Path]:
    """Return the name and folder of a set that is given by path, or by name under `sets`."""
    folder = Path(given)
    known = Path(settings.suite.sets) / given
    chosen = known if known.is_dir() and not folder.is_dir() else folder
    return chosen.resolve().name, chosen


def _budgets(settings: Settings, name: str) -> tuple[Budget, ...]:
    """The rows about this set's words."""
    from harness.judge.scores import DECODED

    return tuple(row for row in settings.budgets if row.metric == f"{DECODED}{name}")


def _hear(settings: Settings, *, name: str, runs: Path, resume: Path | None, **given: Any) -> Run:
    from harness.accuracy.lacking import usable
    from harness.accuracy.sets import read_usable
    from harness.judge.likeness import budget_facts
    from harness.progress import progress
    from harness.run.score.session import Order, score_set

    of_set, folder = _set_name(settings, name)
    whole = read_usable(folder)
    clips, unusable = usable(whole, whole.clips)
    lacking = (*whole.faults, *unusable)
    for sentence in lacking:
        common.tell(f"lacking: {sentence}")
    given["budgets"] = budget_facts(_budgets(settings, of_set))
    given |= {"clips": clips, "lacking": lacking, "folder": folder}
    order = Order(settings=settings, name=of_set, runs=runs, **given)
    common.tell(
        f"score     {settings.bundle}: {of_set} {len(clips)} clips, workers: {order.workers} "
        f"({order.engine})"
    )
    return score_set(order, resume=resume, say=common.tell, bar=progress)


def _told(
    found: list[Scored],
    verdicts: list[tuple[Verdict, ...]],
    between: Difference | None,
    pages: list[Path | None],
    *,
    as_json: bool,
) -> str:
    from harness.report.score_closing import score_table

    if not as_json:
        kept = "".join(f"page: {path}\n" for path in pages if path)
        return score_table(found, verdicts, between, colour=common.colour()) + kept
    systems = [
        {
            "run": one.run.id,
            "page": str(page or ""),
            "bundle": one.run.bundle,
            "clips": one.asked,
            "lacking": one.lacking,
            "counts": asdict(one.score.total) if one.score else None,
            "wer": one.score.total.rate if one.score else None,
            "interval": _fields(one.score.interval() if one.score else None),
            "clips_per_second": one.rate,
            "audio_hours_per_hour": one.speed,
            "worker_peaks": one.peaks,
            "verdicts": [asdict(verdict) for verdict in judged],
            "doubts": one.run.doubts,
        }
        for one, judged, page in zip(found, verdicts, pages, strict=True)
    ]
    told = {"set": found[0].name, "systems": systems}
    return common.to_json({**told, "difference": _fields(between)})


def _fields(record: Interval | Difference | None) -> dict[str, Any] | None:
    return asdict(record) if record is not None else None


def _exit_code(one: Scored, verdicts: tuple[Verdict, ...]) -> int:
    """A set that lacks a clip cannot pass; without a budget a whole one does."""
    from harness.records import Outcome

    outcomes = {verdict.outcome for verdict in verdicts}
    if one.lacking:
        return common.COULD_NOT_WORK
    if outcomes & {Outcome.FAIL, Outcome.INFEASIBLE, Outcome.NOT_MEASURED}:
        return common.MISSED
    return common.NOT_PROVEN if Outcome.NOT_PROVEN in outcomes else common.PASSED
