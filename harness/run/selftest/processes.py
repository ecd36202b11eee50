"""Faults of the measured process: what it does to its files, and every way in which it can end."""

from __future__ import annotations

from functools import partial
from typing import Any

from harness.faults import Fault
from harness.run.selftest.limits import address_space, memory_group
from harness.run.selftest.making import BENCH, doing, fault, placed
from harness.run.selftest.project import DATA
from harness.run.selftest.told import Place
from harness.units import GB, MB

HUNG_S = 6.0  # seconds that a process gets where one hangs
LITTLE, ADDRESSES = 900 * MB, 16 * GB  # of memory, and of addresses
ASLEEP: dict[str, Any] = {"gated": ["words"], "timeout_s": HUNG_S}
IN_GROUP = partial(memory_group, LITTLE)
IN_ADDRESSES = partial(address_space, ADDRESSES)

HEARS = fault("clips-heard", "every clip is heard", placed(*BENCH, "test_accuracy"))
IN_TIME = fault(
    "ends-in-time",
    f"the same within {HUNG_S:g} s",
    placed(*BENCH, "test_accuracy", suite={"accuracy": ASLEEP}),
)
IN_MEMORY = fault(
    "memory-enough",
    f"the same in a control group of {LITTLE // MB} MB",
    placed(*BENCH, "test_accuracy", within=IN_GROUP),
)
IN_SPACE = fault(
    "space-enough",
    f"the same with {ADDRESSES // GB} GB of addresses",
    placed(*BENCH, "test_accuracy", within=IN_ADDRESSES),
)


def killed(name: str, title: str, number: str) -> Fault[Place]:
    """A clip by which the measured process is killed."""
    return fault(
        name,
        title,
        placed(*BENCH, "test_accuracy", clips=doing(number)),
        *("exit 1", "breach process_crashed"),
        names=(f"killed by {number} in inference on clip w2",),
        control=HEARS,
    )


PROCESSES = (
    fault(
        "file-changed",
        "the data file changed during a run, its size and time kept",
        placed(*BENCH, "test_accuracy", clips=doing("change the data file")),
        *("exit 1", "breach bytes_measured_are_bytes_hashed"),
        names=(DATA,),
        control=HEARS,
    ),
    killed("killed", "the measured process killed", "SIGKILL"),
    killed("segfault", "an access to an invalid address", "SIGSEGV"),
    killed("bus-error", "the mapped data file cut short while in use", "SIGBUS"),
    fault(
        "out-of-memory",
        "more memory than the control group has",
        placed(
            *BENCH,
            "test_accuracy",
            clips=doing("take memory"),
            within=IN_GROUP,
        ),
        *("exit 1", "breach process_out_of_memory"),
        names=("want of memory in inference on clip w2",),
        control=IN_MEMORY,
    ),
    fault(
        "memory-refused",
        "more memory than the process may address",
        placed(
            *BENCH,
            "test_accuracy",
            clips=doing("ask for memory"),
            within=IN_ADDRESSES,
        ),
        *("exit 2", "breach pipeline_answers_every_clip"),
        names=("Clip w2", "MemoryError"),
        control=IN_SPACE,
    ),
    fault(
        "hang",
        "a request that never ends",
        placed(
            *BENCH,
            "test_accuracy",
            clips=doing("hang"),
            suite={"accuracy": ASLEEP},
        ),
        *("exit 1", "breach process_timed_out"),
        names=(f"still ran after {HUNG_S:g} s and was ended in inference on clip w2",),
        control=IN_TIME,
    ),
)
