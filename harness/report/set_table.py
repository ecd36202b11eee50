"""Reference sets as text: what one is made of, what an import left out, how parts came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.accuracy.set_import import Imported
from harness.accuracy.set_stats import WINDOW, Group, Stats
from harness.records import Clip
from harness.report.tables import NOTHING, drawn, table
from harness.units import Unit, show
from harness.untrusted import printable

_HEADS = ("What", "Clips", "Length")


def stats_table(stats: Stats, colour: bool) -> str:
    """Draw a set in figures."""
    lengths = stats.lengths
    told = (
        ("Speakers", _count(stats.speakers)),
        ("Clips without a speaker", _count(stats.nameless)),
        ("Words", _count(stats.words)),
        ("Different words", _count(stats.vocabulary)),
        ("Clips in which nobody speaks", _count(stats.silent)),
        ("Shortest clip", show(lengths.shortest, Unit.SECONDS)),
        ("Median clip", show(lengths.median, Unit.SECONDS)),
        ("Longest clip", show(lengths.longest, Unit.SECONDS)),
        (f"Clips longer than {WINDOW} s", _count(lengths.beyond_window)),
    )
    groups = (
        ("Languages", stats.languages),
        ("Conditions", stats.conditions),
        ("Formats", stats.formats),
    )
    whole = Group(name="Whole set", clips=stats.clips, seconds=stats.seconds)
    parts = [table(_HEADS, [_row(whole)]), table(("Of it", "Figure"), [(t, "none") for t in told])]
    parts += [table((name, *_HEADS[1:]), [_row(g) for g in found]) for name, found in groups]
    return drawn([*parts, f"digest: {stats.digest}"], colour)


def import_text(imported: Imported, manifest: str) -> str:
    """Say what an import wrote, and each row that it left out."""
    lines = [f"skipped   {one.where}: {one.reason}." for one in imported.skipped]
    length = hours(imported.seconds)
    lines.append(f"{manifest}: {imported.clips} clips, {length}; {len(imported.skipped)} skipped.")
    if imported.composed:
        lines.append(f"{imported.composed} texts were written in Unicode NFC, which they were not.")
    return printable("\n".join(lines))


def parts_table(
    parts: Mapping[str, Iterable[Clip]], shares: Mapping[str, float], colour: bool
) -> str:
    """Draw the parts of a set: the share that was asked for, and the one that came out."""
    given = {name: tuple(clips) for name, clips in parts.items()}
    whole = sum(clip.seconds for clips in given.values() for clip in clips)
    rows = []
    for name, clips in given.items():
        seconds = sum(clip.seconds for clip in clips)
        speakers = len({clip.speaker for clip in clips} - {""})
        asked, came = show(shares[name], Unit.RATIO), show(seconds / whole, Unit.RATIO)
        cells = (name, _count(len(clips)), _count(speakers), hours(seconds), asked, came)
        rows.append((cells, "none"))
    heads = ("Part", "Clips", "Speakers", "Length", "Share asked", "Share")
    return drawn([table(heads, rows)], colour)


def hours(seconds: float) -> str:
    """Write a length in hours and minutes, or in seconds below a minute."""
    if seconds < 60:
        return show(seconds, Unit.SECONDS)
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _row(group: Group) -> tuple[tuple[str, str, str], str]:
    return (group.name or NOTHING, _count(group.clips), hours(group.seconds)), "none"


def _count(value: int) -> str:
    return show(value, Unit.COUNT)
