"""Write into a manifest what its commands ask for, as the set's own grammar understands them.

    python -m validation.reference_sets.expectations es_synthetic

The grammar `intents.txt` is written by hand. A clip whose reference text it understands gets
`expect`, and is then judged by its intent; every other clip keeps none, and is judged by its words.
Nothing else of the manifest changes: ids, texts and audio are the same, and so is the set's digest.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.accuracy.intents import GRAMMAR, Grammar, parse, read_grammar
from harness.accuracy.sets import MANIFEST

HERE = Path(__file__).parent


def annotate(folder: Path) -> tuple[int, int]:
    """Write `expect` into the manifest of a set; return how many clips have it, and of how many.

    A set without a grammar is left as it is.

    Raises:
        ReferenceSetError: the grammar cannot be used; names file and line.
    """
    manifest = folder / MANIFEST
    rows = [json.loads(line) for line in manifest.read_text("utf-8").splitlines() if line.strip()]
    text = read_grammar(folder)
    if not text:
        return 0, len(rows)
    made = [_expecting(row, parse(text, str(folder / GRAMMAR))) for row in rows]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in made)
    manifest.write_text("".join(lines), "utf-8")
    return sum("expect" in row for row in made), len(made)


def _expecting(row: Mapping[str, Any], grammar: Grammar) -> dict[str, Any]:
    bare = {key: value for key, value in row.items() if key != "expect"}
    found = grammar.understand(row["text"])
    if found is None:
        return bare
    return {**bare, "expect": {"intent": found.intent, "slots": dict(found.slots)}}


def main() -> None:
    """Annotate the sets named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    for name in parser.parse_args().sets:
        expecting, clips = annotate(HERE / name)
        print(f"{name}: {expecting} of {clips} clips expect an intent")


if __name__ == "__main__":
    main()
