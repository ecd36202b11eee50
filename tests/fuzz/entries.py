"""The ways in that are fuzzed."""

from __future__ import annotations

from tests.fuzz import bundle, manifests, run_file, wav

ENTRIES = {one.ENTRY.name: one.ENTRY for one in (wav, run_file, manifests, bundle)}
