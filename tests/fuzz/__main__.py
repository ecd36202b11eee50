"""Fuzz the four entries for so many minutes in all, one after the other:

    python -m tests.fuzz MINUTES [ENTRY ...]

What the fuzzer learns is kept in `reports/fuzz/ENTRY/corpus`, and goes on from there the next time.
An input that breaks the rule lies in `reports/fuzz/ENTRY/findings`; exit code 1. Each finding that
is mended becomes a file of `tests/fuzz/found/ENTRY`, which the tests read again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.entries import ENTRIES
from tests.fuzz.entry import Entry

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "reports/fuzz"
FOUND = Path(__file__).parent / "found"
HANG = 10  # seconds of wall time; `Entry.try_one` tells what is slow by CPU time
MOST_MB = 1_000  # 10^6 bytes of memory that the process may take, and one allocation as well
MOST_GROWTH = 8_000_000  # bytes over all rounds of `replay`: an allocator settles within that

_STATUS = re.compile(r"#\d+\s+\S+\s+cov: (\d+) ft: (\d+) corp: (\d+)")


@dataclass(frozen=True, kw_only=True)
class Fuzzed:
    """What fuzzing one entry came to."""

    entry: str
    executions: int
    seconds: int
    peak: int  # 10^6 bytes
    covered: tuple[int, int, int]  # edges, features, inputs kept
    inputs: int  # that were read again and again afterwards ...
    grown: int  # ... and by how many bytes the process grew meanwhile
    findings: tuple[Path, ...]

    @property
    def kept_the_rule(self) -> bool:
        return not self.findings and self.grown <= MOST_GROWTH


def main() -> None:
    minutes, names = float(sys.argv[1]), sys.argv[2:] or list(ENTRIES)
    if importlib.util.find_spec("atheris") is None:
        sys.exit("atheris is not installed. Run: pip install 'atheris>=2.3'")
    seconds = max(1, round(60 * minutes / len(names)))
    seen = []
    for name in names:
        seen.append(fuzz(ENTRIES[name], seconds))
        print(sentence(seen[-1]), flush=True)
    total = sum(one.executions for one in seen)
    print(f"{total} executions, {sum(len(one.findings) for one in seen)} findings.")
    sys.exit(0 if all(one.kept_the_rule for one in seen) else 1)


def fuzz(entry: Entry, seconds: int) -> Fuzzed:
    """Fuzz one entry, then replay what was kept."""
    folder = KEPT / entry.name
    corpus, findings = folder / "corpus", folder / "findings"
    for one in (corpus, findings):
        one.mkdir(parents=True, exist_ok=True)
    _keep(corpus, [*entry.seeds(), *(file.read_bytes() for file in found(entry.name))])
    words = folder / "words.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in entry.words))
    before = set(findings.iterdir())
    told = _run("one", entry.name, *_options(entry, seconds, words, findings), str(corpus))
    (folder / "log.txt").write_text(told)
    again = json.loads((_run("replay", entry.name, str(corpus)).splitlines() or ["{}"])[-1])
    edges, features, kept = (*map(int, (_STATUS.findall(told) or [(0, 0, 0)])[-1]),)
    return Fuzzed(
        entry=entry.name,
        executions=_stat(told, "number_of_executed_units"),
        seconds=seconds,
        peak=_stat(told, "peak_rss_mb"),
        covered=(edges, features, kept),
        inputs=again["inputs"],
        grown=again["grown"],
        findings=tuple(sorted(set(findings.iterdir()) - before)),
    )


def found(entry: str) -> list[Path]:
    """Return the inputs that once broke the rule."""
    return sorted((FOUND / entry).glob("*"))


def sentence(one: Fuzzed) -> str:
    """Say in a line what was seen."""
    edges, features, kept = one.covered
    return (
        f"{one.entry}: {one.executions} executions in {one.seconds} s, peak {one.peak} MB, "
        f"{edges} edges and {features} features covered, {kept} inputs kept; reading "
        f"{one.inputs} of them again and again grew the process by {one.grown} B; "
        + (f"FOUND {', '.join(map(str, one.findings))}" if one.findings else "no finding")
    )


def _options(entry: Entry, seconds: int, words: Path, findings: Path) -> list[str]:
    return [
        f"-max_total_time={seconds}",
        f"-max_len={entry.longest}",
        f"-timeout={HANG}",
        f"-rss_limit_mb={MOST_MB}",
        f"-malloc_limit_mb={MOST_MB}",
        f"-dict={words}",
        f"-artifact_prefix={findings}/",
        "-print_final_stats=1",
    ]


def _run(module: str, *words: str) -> str:
    """Run a module of this package and return all that it printed, whatever its exit code."""
    line = [sys.executable, "-m", f"tests.fuzz.{module}", *words]
    memory = Path("/dev/shm")  # the fuzzer ends without leaving anything to an exit handler
    with TemporaryDirectory(prefix="fuzz-", dir=memory if memory.is_dir() else None) as folder:
        done = subprocess.run(
            line,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder},
            check=False,
        )
    return done.stdout.decode("utf-8", "replace")


def _keep(corpus: Path, inputs: Iterable[bytes]) -> None:
    for data in inputs:
        (corpus / hashlib.sha256(data).hexdigest()[:40]).write_bytes(data)


def _stat(told: str, name: str) -> int:
    hit = re.search(rf"stat::{name}:\s+(\d+)", told)
    return int(hit[1]) if hit else 0


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
