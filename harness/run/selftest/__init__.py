"""`harness selftest`: the harness proves that it can say no.

Each fault is planted in a project of its own, and the verb that is to tell of it is run there as a
user runs it. Beside it stands the same project without the fault, where no alarm may be raised.
"""

from __future__ import annotations

from harness.faults import Fault
from harness.run.selftest.figures import FIGURES
from harness.run.selftest.on_disk import ON_DISK
from harness.run.selftest.processes import PROCESSES
from harness.run.selftest.store import STORE
from harness.run.selftest.told import Place

FAULTS: tuple[Fault[Place], ...] = (*ON_DISK, *PROCESSES, *STORE, *FIGURES)
