"""Every error that the harness raises on purpose, in one tree.

    HarnessError                 something a person can act on; exit code 2
    ├── ConfigError              a file in config/ is wrong: names file, key, expected, got
    ├── BundleError              the model files are absent or broken: names file and tensor
    ├── ReferenceSetError        a reference set is absent, empty or broken: names file and line
    ├── ListeningError           a listening test cannot be made or read: names file and trial
    ├── PredictorError           a model of listeners cannot be used: names file, digest, contract
    ├── StoreError               a run cannot be written or read: names the path
    ├── MeasurementError         the measured process failed: names stage, clip, signal
    ├── UnlikeRunsError          two runs cannot be compared: names each condition that differs
    └── CannotPlantError         a fault cannot be planted here on purpose: says what is not allowed

A message says what is wrong, where, what was expected, what was found, and what to do.
"""

from __future__ import annotations


class HarnessError(Exception):
    """Root of the tree. The command line prints its message in one paragraph and exits with 2."""


class ConfigError(HarnessError):
    """A configuration file cannot be used."""


class BundleError(HarnessError):
    """A model bundle is absent or damaged."""


class ReferenceSetError(HarnessError):
    """A reference set is absent, empty or damaged."""


class ListeningError(HarnessError):
    """A listening test, or what a listener exported, cannot be used."""


class PredictorError(HarnessError):
    """A predictor of speech quality, or what it is to score, cannot be used."""


class StoreError(HarnessError):
    """A run folder cannot be written or read."""


class MeasurementError(HarnessError):
    """The measured process crashed, was killed, hung, or reported an error of the pipeline."""


class UnlikeRunsError(HarnessError):
    """Two runs were made under different conditions, so that a difference would mean nothing."""


class CannotPlantError(HarnessError):
    """A fault that is to be planted on purpose cannot be planted on this machine."""
