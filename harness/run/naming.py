"""Whether the model that a config names is the one that lies there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.config import Settings


def name_doubt(settings: Settings, model: Mapping[str, Any]) -> str:
    """Return what to doubt where the config's name does not fit the model's; "" where it does.

    They fit when every word of the model's name is among the config's: "reference.int8" fits
    "Spanish reference model, int8". The model's name is the manifest's, or `name` in the metadata
    of the graph; where neither is said there is nothing to fit.

    Args:
        settings: of the pipeline.
        model: as `bundle_facts` returns it.
    """
    manifest, metadata = model.get("manifest") or {}, model.get("metadata") or {}
    said = str(manifest.get("name") or metadata.get("name") or "")
    if not said or not settings.name or words(said) <= words(settings.name):
        return ""
    missing = ", ".join(sorted(words(said) - words(settings.name)))
    told = f"; {text}" if (text := manifest.get("description")) else ""
    return (
        f"{settings.config} names the model {settings.name!r}; what lies at {settings.model} calls "
        f"itself {said!r}{told}. The config lacks: {missing}. These figures are of the model that "
        f"lies there. Put the model that is meant at {settings.model}, or correct the name."
    )


def words(name: str) -> frozenset[str]:
    """Return the words of a name: letters and digits, in lower case."""
    return frozenset(re.findall(r"[^\W_]+", name.casefold()))
