"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# The worker's name would tell a pytest-benchmark that a test starts to time nothing.
os.environ.pop("PYTEST_XDIST_WORKER", None)
