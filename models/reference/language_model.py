"""Estimate the trigram model of assistant commands and everyday prose, and write its file.

    python -m models.reference.language_model --out models/onnx/reference/language_model.npz

Few sentences are drawn from each template: hundreds would make the model sure of its templates, and
double the perplexity on the dev templates, which are others. Numbers, dates and times are drawn
more often, alone. Everyday prose and, below the n-grams, the shares of wordfreq keep it open.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from agents.language_model import LanguageModel
from models.reference.corpus import TEXT, everyday, held_out, training_grammar
from models.reference.ngrams import Text, estimate
from models.reference.numbered import NUMBERED
from models.reference.pack import pack
from models.reference.text import Grammar, spoken
from models.reference.vocabulary import vocabulary

EACH_TEMPLATE = 5  # sentences drawn from each
EACH_NUMBERED = 400  # values drawn from each kind of number, date or time
LARGEST = 4_000_000  # bytes of the file


def training_text(seed: int = 1) -> Text:
    """Return the training side's text: templates filled in, everyday prose, numbered values."""
    rng, grammar, forbidden = random.Random(seed), training_grammar(), held_out()
    drawn = [grammar.sentence(rng, t) for _, t in grammar.templates for _ in range(EACH_TEMPLATE)]
    numbered = Grammar(
        templates=[("", f"{{{slot}}}") for slot in NUMBERED], slots={}, held_out=False
    )
    values = [
        numbered.sentence(rng, t) for _, t in numbered.templates for _ in range(EACH_NUMBERED)
    ]
    listed = [value for values in grammar.slots.values() for value in values]
    return Text(
        sentences=[s.split() for s in map(spoken, drawn + everyday()) if s not in forbidden],
        fragments=[spoken(value).split() for value in values + listed],
    )


def dev_sentences(each: int = 10) -> Iterator[tuple[str, list[str]]]:
    """Yield ("grammar" or "prose", words): dev templates filled in `each` times, and dev prose."""
    rng = random.Random(7)
    grammar = Grammar.read(TEXT / "dev_templates.txt", TEXT / "dev_slots.yaml", held_out=True)
    for _, template in list(grammar.templates) * each:
        yield "grammar", spoken(grammar.sentence(rng, template)).split()
    for line in (TEXT / "dev_prose.txt").read_text("utf-8").splitlines():
        if line.strip():
            yield "prose", spoken(line).split()


def figures(model: LanguageModel, sentences: Sequence[Sequence[str]]) -> tuple[float, float]:
    """Return (perplexity, ends and unknown words included; share of unknown words)."""
    nats = -sum(model.log_probability(words) for words in sentences)
    length = sum(map(len, sentences))
    unknown = sum(model.find(word) == model.unknown for words in sentences for word in words)
    return math.exp(nats / (length + len(sentences))), unknown / length


def main() -> None:
    """Write the file and print what it is worth on the dev texts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    text = training_text()
    shares = vocabulary(word for words in (*text.sentences, *text.fragments) for word in words)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out, **pack(estimate(text, shares)))
    size = options.out.stat().st_size
    print(f"{options.out}: {size} bytes, {len(shares)} words")
    if size > LARGEST:
        raise SystemExit(f"the file is larger than {LARGEST} bytes: draw less text")
    model, dev = LanguageModel.load(options.out), list(dev_sentences())
    for kind in ("grammar", "prose"):
        perplexity, unknown = figures(model, [words for k, words in dev if k == kind])
        print(f"dev {kind}: perplexity {perplexity:.0f}, unknown words {unknown:.2%}")


if __name__ == "__main__":
    main()
