"""The least time and memory that a graph needs on a machine, whatever the program around it.

Time is the roofline's: the products at the highest rate that onnxruntime's own reached here (or all
cores at the highest rate of one, if that is more: a busy machine hides what they do together), the
weights read once at the highest rate of reading, the output written once at the highest rate of
writing. What may overlap is not added: the longest of the three is the least. Bytes that the last
cache can keep from one request to the next are taken off. Memory is what must be resident at once.

Way out: the same sum for the same graph changed: weights of 8 bits, or no output beyond what is
read of it. It is given in numbers, so that a way out that is none is seen too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.judge.samples import samples_of
from harness.records import Run
from harness.units import Unit, show

INFERENCE = "latency.inference"
TIMES = (INFERENCE, "latency.end_to_end", "latency.first_inference", "latency.first_result")
WHOLE = ("memory.peak", "memory.first_run_peak")  # while one output is held
KEPT = ("memory.steady",)  # between requests: the output may be gone
MODEL = "memory.ledger.model"
LIBRARIES = "memory.libraries"


@dataclass(frozen=True, kw_only=True)
class Ceilings:
    """The highest rate of each kind that a run measured; None: not measured."""

    fp32: float | None  # operations per second of products
    int8: float | None
    read: float | None  # bytes per second
    write: float | None
    first_touch: float | None
    cache: float  # bytes of the last cache


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one request is to the graphs of a bundle."""

    flops: float  # of the model, in numbers of 32 bits
    int8_flops: float  # of the model, in narrower ones
    weight_bytes: float  # of the model
    output_bytes: float  # of the model; 0 where it is run for a part of it only
    bundle_bytes: float  # weights of all graphs
    unknown: int  # nodes of the model whose work is in no sum


@dataclass(frozen=True, kw_only=True)
class Need:
    """The least that one metric can be."""

    least: float  # in `unit`
    unit: Unit
    binds: str  # what takes the most: "products", "weights"
    arithmetic: str  # how it comes about, as a sentence
    ways_out: tuple[tuple[str, float], ...]  # a change of the graph, and the least with it


@dataclass(frozen=True, kw_only=True)
class _Term:
    """One thing that an inference cannot do without."""

    name: str
    seconds: float  # at the highest rate
    words: str


def work_of(run: Run) -> Work | None:
    """Return the work that the run's facts tell; None where they have none."""
    facts: Mapping[str, Any] = run.facts.get("work", {})
    graphs = facts.get("graphs", {})
    model = graphs.get(facts.get("model"))
    if model is None:
        return None
    return Work(
        flops=model["flops"] - model["int8_flops"],
        int8_flops=model["int8_flops"],
        weight_bytes=model["weight_bytes"],
        output_bytes=0.0 if facts.get("cut") else model["output_bytes"],
        bundle_bytes=sum(graph["weight_bytes"] for graph in graphs.values()),
        unknown=model["unknown"],
    )


def ceilings_of(run: Run) -> Ceilings:
    """Return the highest sample of each rate; of products also of one core, times the cores."""
    return Ceilings(
        fp32=_together(run, "gemm_fp32"),
        int8=_together(run, "gemm_int8"),
        read=_highest(run, "read"),
        write=_highest(run, "write"),
        first_touch=_highest(run, "first_touch"),
        cache=run.facts.get("host", {}).get("cache_bytes", 0),
    )


def needs_of(run: Run) -> dict[str, Need]:
    """Return the least of each metric that has one; {} without the work of a graph."""
    work, ceilings = work_of(run), ceilings_of(run)
    if work is None:
        return {}
    time = _time(work, ceilings)
    needs = dict.fromkeys(TIMES, time) if time else {}
    libraries = samples_of(run, LIBRARIES)
    beside = float(libraries.values.min()) if libraries is not None else 0.0
    needs |= dict.fromkeys(WHOLE, _memory(work, beside))
    needs |= dict.fromkeys(KEPT, _memory(replace(work, output_bytes=0), beside))
    needs[MODEL] = _memory(replace(work, output_bytes=0), 0.0)
    return needs


def _highest(run: Run, rate: str) -> float | None:
    found = samples_of(run, f"host.{rate}")
    return None if found is None else float(found.values.max())


def _together(run: Run, rate: str) -> float | None:
    """The highest rate of all cores, or all of them at the highest rate of one: what is more."""
    cores, one, all_ = _cores(run), _highest(run, f"{rate}_core"), _highest(run, rate)
    return max((all_ or 0.0), cores * (one or 0.0)) or None


def _cores(run: Run) -> int:
    return int(run.facts.get("host", {}).get("cores", 1))


def _time(work: Work, ceilings: Ceilings) -> Need | None:
    terms = _terms(work, ceilings)
    if not terms:
        return None
    longest = max(terms, key=lambda term: term.seconds)
    told = "; ".join(term.words for term in terms)
    return Need(
        least=longest.seconds,
        unit=Unit.SECONDS,
        binds=longest.name,
        arithmetic=f"{told[:1].upper()}{told[1:]}. The longest counts: {longest.name}.",
        ways_out=tuple(
            (words, max(term.seconds for term in _terms(changed, ceilings)))
            for words, changed in _changes(work)
        ),
    )


def _terms(work: Work, ceilings: Ceilings) -> list[_Term]:
    """Return what an inference cannot do without, as far as its rate was measured."""
    terms = [
        _products(work, ceilings),
        _traffic("reading the weights", work.weight_bytes, ceilings.read, ceilings.cache),
        _traffic("writing the output", work.output_bytes, ceilings.write, ceilings.cache),
    ]
    fresh = ceilings.first_touch
    if terms[2] and terms[2].seconds and fresh:
        slow = show(work.output_bytes / fresh, Unit.SECONDS)
        aside = f" into a buffer that is bound and used again (a fresh one takes {slow})"
        terms[2] = replace(terms[2], words=terms[2].words + aside)
    return [term for term in terms if term is not None]


def _products(work: Work, ceilings: Ceilings) -> _Term | None:
    if ceilings.fp32 is None or ceilings.int8 is None:
        return None
    parts = {
        "fp32": (work.flops, ceilings.fp32),
        "int8": (work.int8_flops, max(ceilings.int8, ceilings.fp32)),
    }
    told = [
        f"{show(flops, Unit.OPERATIONS)} of {kind} at {show(rate, Unit.COMPUTE)}"
        for kind, (flops, rate) in parts.items()
        if flops
    ]
    seconds = sum(flops / rate for flops, rate in parts.values())
    words = f"products: {' and '.join(told) or 'none'} take {show(seconds, Unit.SECONDS)}"
    return _Term(name="products", seconds=seconds, words=words)


def _traffic(name: str, size: float, rate: float | None, cache: float) -> _Term | None:
    if rate is None:
        return None
    if size <= cache:
        words = f"{name}: {show(size, Unit.BYTES)} may stay in the last cache"
        return _Term(name=name, seconds=0.0, words=words)
    beyond = size - cache
    words = (
        f"{name}: {show(beyond, Unit.BYTES)} beyond the last cache at "
        f"{show(rate, Unit.BANDWIDTH)} take {show(beyond / rate, Unit.SECONDS)}"
    )
    return _Term(name=name, seconds=beyond / rate, words=words)


def _memory(work: Work, libraries: float) -> Need:
    lines = {
        "weights": work.bundle_bytes,
        "output": work.output_bytes,
        "libraries": libraries,
    }
    told = [f"{name} {show(size, Unit.BYTES)}" for name, size in lines.items() if size]
    least = sum(lines.values())
    return Need(
        least=least,
        unit=Unit.BYTES,
        binds=max(lines, key=lambda name: lines[name]),
        arithmetic=f"At once: {' + '.join(told) or 'nothing'} = {show(least, Unit.BYTES)}.",
        ways_out=tuple(
            (words, changed.bundle_bytes + changed.output_bytes + libraries)
            for words, changed in _changes(work)
        ),
    )


def _changes(work: Work) -> Iterator[tuple[str, Work]]:
    """Yield what could be done about the graph, the smallest change first."""
    cut = replace(work, output_bytes=0.0)
    if work.output_bytes:
        yield "the output cut to what is read of it", cut
    if work.flops > work.int8_flops:
        yield "weights of 8 bits", _narrowed(work)
        if work.output_bytes:
            yield "both", _narrowed(cut)


def _narrowed(work: Work) -> Work:
    return replace(
        work,
        flops=0.0,
        int8_flops=work.int8_flops + work.flops,
        weight_bytes=work.weight_bytes / 4,
        bundle_bytes=work.bundle_bytes / 4,
    )
