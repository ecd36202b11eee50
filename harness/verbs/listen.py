"""`harness listen`: a blind listening test as one page, and what its listeners said."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from harness.verbs import common

FOLDER = click.Path(path_type=Path)


class _BuildsByDefault(click.Group):
    """`harness listen FOLDER` is `harness listen build FOLDER`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["build", *args]
        return super().parse_args(ctx, args)


@click.group("listen", cls=_BuildsByDefault)
def listen() -> None:
    """Ask listeners: `harness listen FOLDER` makes a page, `harness listen score` reads answers.

    Only listeners meet the budget of the MOS, and only for the voice that they heard.
    """


@listen.command()
@click.argument("folder", type=FOLDER)
@click.argument("other", type=FOLDER, required=False)
@click.option("--voice", type=FOLDER, required=True, help="Model file of the voice in FOLDER.")
@click.option("--other-voice", type=FOLDER, help="Of the voice in OTHER.")
@click.option("--anchor", "anchors", type=FOLDER, multiple=True, help="Folder of known quality.")
@click.option("--checks", type=click.IntRange(1, 20), default=3, show_default=True, help="Tones.")
@click.option("--seed", default=0, show_default=True, help="Of names, tones and places.")
@click.option("--title", default="", help="What listeners read above the test.")
@click.option("--out", type=FOLDER, default=Path("listen.html"), show_default=True, help="Page.")
def build(
    folder: Path,
    other: Path | None,
    voice: Path,
    other_voice: Path | None,
    anchors: tuple[Path, ...],
    checks: int,
    seed: int,
    title: str,
    out: Path,
) -> None:
    """Make a page that plays the WAV files of FOLDER, a sentence each, to be rated from 1 to 5.

    With OTHER, a folder of the same sentences by another voice, the better of two is chosen. Keep
    the key that is written beside the page: without it the answers cannot be read.
    """
    from harness.accuracy.listening.answers import write_key
    from harness.accuracy.listening.plan import ab, acr
    from harness.report.listen_page import listen_page

    mine = _voice(voice)
    if other is None:
        how: dict[str, Any] = {"anchors": anchors, "checks": checks, "seed": seed, "title": title}
        key, wavs = acr(folder, mine, **how)
    elif other_voice is None or anchors:
        raise click.UsageError("with OTHER, give --other-voice and no --anchor")
    else:
        pair = (mine, _voice(other_voice))
        key, wavs = ab(folder, other, pair, checks=checks, seed=seed, title=title)
    page, beside = listen_page(key, wavs), out.with_suffix(".key.json")
    common.write(beside, write_key(key))
    common.write(out, page)
    click.echo(f"page: {out}, {len(key.trials)} trials, {len(page) / 1e6:.1f} MB")
    click.echo(f"key:  {beside}; keep it, and give listeners the page alone")


@listen.command()
@click.argument("files", nargs=-1, type=FOLDER, required=True)
@click.option("--key", "key_file", type=FOLDER, required=True, help="Key of the page.")
@click.option("--into", type=FOLDER, help="Folder where the result is kept for later runs.")
@common.as_json
def score(files: tuple[Path, ...], key_file: Path, into: Path | None, as_json: bool) -> None:
    """Read the answers of listeners: the MOS with its interval, or the preference.

    With --into validation/listening, every later run of this voice is judged by its MOS.
    """
    from harness.accuracy.listening.answers import read_answers, read_key
    from harness.accuracy.listening.ratings import result_of, write_result
    from harness.errors import StoreError
    from harness.judge.listeners import opinions, preference
    from harness.report.listen_table import listen_text

    key = read_key(key_file)
    result = result_of(key, read_answers(files, key))
    if into is not None:
        try:
            into.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{into}: cannot be made: {error.strerror}.") from None
        common.write(into / f"{result.test}.json", write_result(result))
    ab = preference(result) if result.kind == "ab" else None
    told = {
        "test": result.test,
        "listeners": result.listeners,
        "excluded": [asdict(one) for one in result.excluded],
        "opinions": [] if ab or not result.ratings else [asdict(o) for o in opinions(result)],
        "preference": asdict(ab) if ab else None,
    }
    click.echo(common.to_json(told) if as_json else listen_text(result, colour=common.colour()))
    if into is not None:
        common.tell(f"kept in {into / f'{result.test}.json'}")


def _voice(model: Path) -> Any:
    """Return the voice of a model file, bound to the digest of its files."""
    from harness.accuracy.listening.plan import Voice
    from harness.errors import BundleError
    from harness.run.listening import voice_digest

    if not model.is_file():
        raise BundleError(f"{model}: no such model of a voice. Name the .onnx file that spoke.")
    return Voice(name=model.stem, digest=voice_digest(model))
