"""Pipelines with a known fault, by which the harness is measured; run in measured processes."""
