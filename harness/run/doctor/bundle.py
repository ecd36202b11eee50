"""What a run is about: its config, the model's files, and whether memory and disk suffice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

from harness.config import Settings
from harness.integrity.bundle import Bundle, bundle_files, graph_facts, read_bundle
from harness.integrity.rule import findings
from harness.integrity.rules import QUICK_RULES
from harness.integrity.specification import PRODUCT_CONTRACT, TensorSpec
from harness.integrity.work import work_facts
from harness.measure.host import memory_limit
from harness.run.doctor.line import Line, broken, look, ok
from harness.units import GB, Unit, show

ROOM = GB  # bytes free for runs: a journal and a page take a few MB each


def files(settings: Settings) -> Iterator[Line]:
    """The model's files: what can be told without reading a weight."""
    remedy = "Put model and data there; make model-full builds a rehearsal of the product's."
    yield from _files(settings.model, "model", remedy, contract=True)


def voice(settings: Settings) -> Iterator[Line]:
    """The files of the voice, likewise, where the config names one."""
    if settings.voice is not None:
        remedy = "Put model, data and manifest there; make model-voice makes them again."
        yield from _files(settings.voice, "voice", remedy, contract=False)


def _files(model: Path, area: str, absent: str, *, contract: bool) -> Iterator[Line]:
    if not model.is_file():
        yield broken(area, "Files", f"{model}: no such file", absent)
        return
    bundle = read_bundle(model)
    for path in bundle_files(model):
        if not os.access(path, os.R_OK):
            yield broken(area, path.name, "cannot be read", f"chmod u+r {path}")
    seen = findings(QUICK_RULES, bundle, area="integrity")
    for finding in (finding for finding in seen if not finding.holds):
        remedy = "Restore the files from where they came; harness verify names what changed."
        yield broken(area, finding.title, finding.detail, remedy)
    if all(finding.holds for finding in seen):
        size = sum(path.stat().st_size for path in bundle_files(model))
        yield ok(area, "Files", f"{model} and what belongs to it, {show(size, Unit.BYTES)}")
        if contract:
            yield from _contract(bundle)
    if bundle.manifest is None:
        remedy = f"From a copy that you trust: harness seal {model}"
        yield look(area, "Manifest", "none: nothing says what the bytes should be", remedy)


def memory(settings: Settings) -> Iterator[Line]:
    """Whether weights and output fit beside what runs already."""
    free, limit = psutil.virtual_memory().available, memory_limit()
    room = free if limit is None else min(free, limit)
    told = f"{show(room, Unit.BYTES)} are free" + (" in the control group" if room != free else "")
    if not settings.model.is_file():
        yield ok("memory", "Room", told)
        return
    work = work_facts(settings.model)
    weights = sum(graph["weight_bytes"] for graph in work["graphs"].values())
    output = 0 if settings.cut else work["graphs"][work["model"]]["output_bytes"]
    seen = (
        f"weights {show(weights, Unit.BYTES)} + output {show(output, Unit.BYTES)} = "
        f"{show(weights + output, Unit.BYTES)}; {told}"
    )
    if weights + output > room:
        remedy = "End what else runs, or take a config with int8 weights or `output: frames`."
        yield broken("memory", "Room", seen, remedy)
    else:
        yield ok("memory", "Room", seen)
    if psutil.swap_memory().used > GB:
        swapped = f"{show(psutil.swap_memory().used, Unit.BYTES)} are swapped out"
        yield look("memory", "Swap", swapped, "Swapped weights are slow: free memory first.")


def disk(reports: Path) -> Iterator[Line]:
    """Whether a run can be written."""
    place = next(folder for folder in (reports, *reports.absolute().parents) if folder.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        remedy = "Give the folder to who runs this, or name another: --reports FOLDER"
        yield broken("disk", "Reports", f"{place}: cannot be written", remedy)
        return
    free = shutil.disk_usage(place).free
    seen = f"{reports}, {show(free, Unit.BYTES)} free"
    if free < ROOM:
        remedy = f"Free {show(ROOM, Unit.BYTES)}, or name another disk: --reports FOLDER"
        yield broken("disk", "Reports", seen, remedy)
    else:
        yield ok("disk", "Reports", seen)


def _contract(bundle: Bundle) -> Iterator[Line]:
    """Whether the graph declares the input and output that the pipeline sends and reads."""
    stated = bundle.manifest.contract if bundle.manifest else None
    contract = stated or PRODUCT_CONTRACT
    facts = graph_facts(bundle.model_path)
    declared = {value["name"]: value for value in (*facts["inputs"], *facts["outputs"])}
    expected = (contract.input, contract.output)
    wrong = [spec for spec in expected if not _fits(spec, declared.get(spec.name))]
    if not wrong:
        yield ok("model", "Input and output", " to ".join(map(_said, expected)))
        return
    whose = "expected" if stated else "the product's contract is"
    found = ", ".join(f"{v['name']} {v['dtype']} {v['shape']}" for v in declared.values())
    seen = f"{whose} {', '.join(map(_said, wrong))}; the graph declares {found}"
    if stated:
        remedy = "Requests end as 'Input shape mismatch': export the model for this contract."
        yield broken("model", "Input and output", seen, remedy)
    else:  # of another kind, perhaps: the trial tells whether its pipeline can use it
        remedy = "No manifest states a contract. For the product's, export the model anew."
        yield look("model", "Input and output", seen, remedy)


def _fits(spec: TensorSpec, declared: Mapping[str, Any] | None) -> bool:
    """Whether a declared value can be the specified one; a named axis may be of any size."""
    if declared is None or declared["dtype"] != spec.dtype:
        return False
    sizes = declared["shape"]
    return len(sizes) == len(spec.shape) and all(
        not isinstance(size, int) or size == wanted
        for size, wanted in zip(sizes, spec.shape, strict=True)
    )


def _said(spec: TensorSpec) -> str:
    return f"{spec.name} {spec.dtype} {list(spec.shape)}"
