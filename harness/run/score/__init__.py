"""Whole sets: many workers on one machine, or a cluster, and a run that goes on after a kill."""
