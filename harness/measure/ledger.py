"""Where the bytes are: the memory of a process, split into lines that add up to its peak.

    model      weights_resident  pages of the bundle's files that are mapped and in memory
               weights_copied    what the load took in private memory, up to the size of the weights
    runtime    libraries         interpreter, imports, and library pages read since
               working           private memory kept beyond that: sessions, arena, buffers
    output                       the arrays of one result, while the caller holds it
    audio                        what audio_to_codes takes above its start
    left_over                    peak less all of these

`left_over` is what no line explains, chiefly what a stage takes and frees; it is negative where
lines do not meet in time (the audio's buffers are gone before the output is made). Copied weights
are told by arithmetic: a kernel knows private pages, not what they hold. `weights_mapped` is the
address space that the bundle's files take, resident or not; it is in no sum.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.measure.job import Job
from harness.measure.samples import Said, in_bytes
from harness.records import Measurement

AUDIO = "audio_to_codes"  # the stage whose rise is the audio's buffers

# Lines of the product's budget, and the finer lines that each is the sum of.
SUMS = {
    "model": ("weights_resident", "weights_copied"),
    "runtime": ("libraries", "working"),
}


def ledger(said: Said, job: Job) -> Iterator[Measurement]:
    """Yield the ledger of a process of mode `memory_stages`, as it stood after its last request."""
    lines = _lines(said, job)
    for name, value in lines.items():
        yield in_bytes(f"ledger.{name}", said, [value])


def _lines(said: Said, job: Job) -> dict[str, int]:
    if said.loaded is None or said.end is None or not said.called:
        return {}
    last = said.called[max(said.called)]
    imported, loaded, now = said.loaded["imported"], said.loaded["loaded"], last["memory"]
    resident = last["mapped"]["resident"]
    private = now["RssAnon"] - imported["RssAnon"]
    by_load = loaded["RssAnon"] - imported["RssAnon"]
    copied = max(0, min(by_load, job.weight_bytes - resident))
    rises = [report["stages"].get(AUDIO, {}).get("rise", 0) for report in said.called.values()]
    lines = {
        "weights_resident": resident,
        "weights_copied": copied,
        "libraries": now["VmRSS"] - now["RssAnon"] - resident + imported["RssAnon"],
        "working": private - copied,
        "output": max(report["result"] for report in said.called.values()),
        "audio": max(rises),
    }
    peak = max(loaded["VmHWM"], last["highest"], said.end["memory"]["VmHWM"])
    sums = {name: sum(lines[part] for part in parts) for name, parts in SUMS.items()}
    left = peak - sum(lines.values())
    mapped = last["mapped"]["size"]
    return {**lines, **sums, "left_over": left, "total": peak, "weights_mapped": mapped}
