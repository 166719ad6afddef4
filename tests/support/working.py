"""Commands that go on until they are told to end, and tasks that have come that far."""

from __future__ import annotations

from typing import Final

from support.seen import Seen
from support.tasks import Tasks, shell, typed

A: Final = typed(a="integer")
BUSY: Final = "echo 42 > /var/outputs/a; echo ready; sleep 600 & wait"
# The shell, as process 1 of an untouched container, gets no signal that it does not ask for.
WORKING: Final = f"trap 'exit 143' TERM; {BUSY}"
COUNTS: Final = "echo $CT_ATTEMPT > /var/outputs/a"
FIRST_WORKS: Final = f'if [ "$CT_ATTEMPT" = 0 ]; then {WORKING}; fi; {COUNTS}'
"""The first attempt goes on until somebody ends it; the second ends well."""


def begun(tasks: Tasks, name: str, script: str = WORKING, **more: object) -> Seen:
    """Create a task; return it when its command has said that it is ready."""
    task = tasks.create(name, shell(script, outputs=A, **more))
    tasks.printed(name, "ready")
    return task
