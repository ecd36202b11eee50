"""A set heard as it is, and again under every treatment that suite.yaml asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.accuracy.conditions.cache import Cache
from harness.accuracy.conditions.render import VERSION, Renderer
from harness.accuracy.conditions.treatment import Kind, Treatment
from harness.accuracy.sets import set_digest
from harness.config import Settings
from harness.errors import ReferenceSetError
from harness.measure.passes import transcribe_pass
from harness.progress import Step, progress
from harness.records import Clip, Finding, Measurement, Run, Transcript
from harness.run.jobs import job_of
from harness.run.plan import draw, read_named
from harness.run.recording import Recording, Say, recorded
from harness.suite import Conditions
from harness.units import MB

TREATABLE = "clips_can_be_treated"
CLEAN = "clean"  # what the pass of the clips as they are is called
_APART = "\t"  # between id and treatment: it stands in no name of a treatment

_ALONE = "babble is mixed from other speakers, and the set names fewer than two."

Treated = Mapping[str, Sequence[Clip]]  # kind -> clips at all its levels, ids with the treatment


def treatments(part: Conditions, only: Sequence[str] = ()) -> tuple[Treatment, ...]:
    """Return what suite.yaml asks for, kind by kind; of the kinds in `only` where it names any."""
    found = map(Treatment.read, part.treatments)
    return tuple(one for one in found if not only or one.kind in only)


def listen(
    settings: Settings,
    part: Conditions,
    wanted: Sequence[Treatment],
    *,
    runs: Path,
    say: Say,
) -> tuple[Path, Run]:
    """Record a run of the verb "conditions", and return its folder and the run.

    Its transcripts are those of the clips as they are and those under each treatment. Facts of the
    run: `conditions`, see `_facts`. Treated clips are kept in `cache/conditions` beside `runs`.

    Raises:
        HarnessError: the set is absent, the pipeline does not run, or nothing can be written.
    """
    whole = read_named(settings, "conditions.set", Path(settings.suite.sets) / part.set)
    clips = draw(whole, part.clips, settings.suite.seed)
    wanted, doubt = _possible(wanted, whole)
    facts = _facts(settings, part, wanted, clips, whole)
    identity = {f"set {part.set}": set_digest(clips)}
    folder = runs.parent / "cache" / "conditions"
    with (
        _cached(folder, part) as cache,
        recorded(
            settings, verb="conditions", runs=runs, say=say, facts=facts, identity=identity
        ) as recording,
    ):
        if doubt:
            recording.doubt(doubt)
        renderer = Renderer(clips=whole, seed=settings.suite.seed, cache=cache)
        say(f"treating  {part.set}: {len(clips)} clips, {len(wanted)} treatments, in {folder}")
        with progress("treating", total=len(clips) * len(wanted)) as step:
            treated = _treat(renderer, clips, wanted, recording, step)
        _hear(settings, part, {CLEAN: clips, **treated}, recording)
    return recording.folder, recording.run


def _possible(
    wanted: Sequence[Treatment], whole: Sequence[Clip]
) -> tuple[tuple[Treatment, ...], str]:
    """The treatments that this set allows, and a doubt about what is left out."""
    speakers = {clip.speaker for clip in whole if clip.speaker}
    left = tuple(one for one in wanted if one.kind is not Kind.BABBLE)
    if len(speakers) > 1 or len(left) == len(wanted):
        return tuple(wanted), ""
    if not left:
        raise ReferenceSetError(f"{whole[0].audio}: {_ALONE} Name the speakers in the manifest.")
    return left, f"Babble was left out: {_ALONE} Hear a set of several speakers."


@contextmanager
def _cached(folder: Path, part: Conditions) -> Iterator[Cache]:
    """The cache within its bound before the run and after it, whatever ends the run."""
    cache = Cache(folder=folder, most=round(part.cache_mb * MB))
    cache.trim()
    try:
        yield cache
    finally:
        cache.trim()


def _facts(
    settings: Settings,
    part: Conditions,
    wanted: Sequence[Treatment],
    clips: Sequence[Clip],
    whole: Sequence[Clip],
) -> dict[str, object]:
    """What was treated, how, and by which seed: two runs with equal `made` heard equal clips."""
    digest = set_digest(clips)
    talkers = set_digest(whole)
    return {
        "sets": {part.set: {"clips": len(clips), "of": len(whole), "digest": digest}},
        "conditions": {
            "set": part.set,
            "treatments": [str(one) for one in wanted],
            "made": f"treatments {VERSION}, seed {settings.suite.seed}, set {talkers[:16]}",
        },
    }


def _treat(
    renderer: Renderer,
    clips: Sequence[Clip],
    wanted: Sequence[Treatment],
    recording: Recording,
    step: Step,
) -> Treated:
    """Make every treated clip; one that cannot be made is told and left out."""
    treated: dict[str, list[Clip]] = {}
    told: dict[str, None] = {}
    for treatment in wanted:
        for clip in clips:
            try:
                made = renderer.treat(clip, treatment)
            except ReferenceSetError as error:
                told[str(error)] = None
            else:
                named = replace(made, id=f"{clip.id}{_APART}{treatment}")
                treated.setdefault(treatment.kind.value, []).append(named)
            step()
    for detail in told:
        recording.keep(_treatable(detail, holds=False))
    if not told:
        recording.keep(_treatable(f"{len(clips)} clips, {len(wanted)} treatments.", holds=True))
    return treated


def _treatable(detail: str, *, holds: bool) -> Finding:
    title = "Every clip can be read and treated."
    return Finding(rule=TREATABLE, title=title, holds=holds, detail=detail, area="conditions")


def _hear(settings: Settings, part: Conditions, heard: Treated, recording: Recording) -> None:
    """Let the pipeline hear all of it, each kind in a process of its own."""

    def keep(record: Measurement | Transcript | Finding) -> None:
        if isinstance(record, Transcript):
            clip, _, treatment = record.clip.partition(_APART)
            record = replace(record, set=part.set, clip=clip, treatment=treatment)
        recording.keep(record)

    clips = tuple(clip for several in heard.values() for clip in several)
    recording.say(f"hearing   {', '.join(f'{name} {len(some)}' for name, some in heard.items())}")
    job = job_of(settings, clips, timeout_s=part.timeout_s)
    with progress("hearing", total=len(clips)) as step:
        transcribe_pass(job, heard, keep, step=step)
