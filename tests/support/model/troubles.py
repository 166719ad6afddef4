"""What users may want of a task, and what may happen to the watches and the clock of an operator process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from support.model.process import Process
from support.model.world import World

Json = dict[str, Any]

WISHES: Final[dict[str, Json | None]] = {
    "suspend": {"suspend": True},
    "resume": {"suspend": False},
    "keep for a minute": {"ttlSecondsAfterFinished": 60},
    "keep": {"ttlSecondsAfterFinished": None},
    "cancel": {"cancel": True},
    "delete": None,
}
TROUBLES: Final[dict[str, Callable[[World, Process], None]]] = {
    "an event is lost": lambda _, process: process.pods.lose(),
    "an event of a task is lost": lambda _, process: process.tasks.lose(),
    "an event comes twice": lambda _, process: process.pods.repeat(),
    "an event of a task comes twice": lambda _, process: process.tasks.repeat(),
    "events come disordered": lambda _, process: process.pods.disorder(),
    "events of tasks come disordered": lambda _, process: process.tasks.disorder(),
    "the watch ends": lambda world, process: world.drop(process, broken=False),
    "the watch breaks": lambda world, process: world.drop(process, broken=True),
    "the history is forgotten": lambda world, _: world.expire(),
    "image volumes are refused": lambda world, _: world.take_volumes(taken=False),
    "image volumes are taken": lambda world, _: world.take_volumes(taken=True),
    "a Pod that is over vanishes": lambda world, _: world.vanish(),
    "the clock jumps": lambda world, process: world.skew(process, 3600),
    "the clock jumps a little": lambda world, process: world.skew(process, 30),
    "the clock jumps back": lambda world, process: world.skew(process, -3600),
    "the clock jumps back a little": lambda world, process: world.skew(process, -30),
    "the clock is right": lambda world, process: world.skew(process, 0),
}
