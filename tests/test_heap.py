"""A process that does one thing looks for cycles seldom, and for none at its end."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import gc
from autod.heap import look_seldom
usual = gc.get_threshold()
look_seldom()
import atexit
atexit.register(print, "ended", flush=True)
class Cycle:
    made = 0
    def __init__(self):
        self.itself = self
        Cycle.made += 1
    def __del__(self):
        Cycle.made -= 1
while Cycle.made >= 0:
    before = Cycle.made
    Cycle()
    if Cycle.made <= before:
        break
assert gc.get_threshold()[0] > usual[0]
print("collected")
"""


def test_garbage_is_collected_seldom_but_is_and_the_process_ends_as_any_other() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["collected", "ended"]


def test_a_command_that_looks_something_up_imports_nothing_that_only_work_needs() -> None:
    program = (
        "import sys; import autod.assembly.archive, autod.health; from autod.db import documents; "
        "print(sorted(set(sys.modules) & {'structlog', 'psutil', 'dbos', 'alembic', 'numpy', "
        "'autod.pipeline.steps', 'autod.child.sandbox'}))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
