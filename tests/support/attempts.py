"""The attempts of a task as its status tells of them, and their Pods."""

from __future__ import annotations

from typing import Final

from support.cluster import Json
from support.seen import Seen
from support.tasks import Tasks

SOON: Final = {"base": "1s"}
"""A back-off for tests."""


def records(task: Seen) -> list[Json]:
    """Return what the status tells of the attempts that have ended."""
    found: list[Json] = task.status["attempts"]
    return found


def reasons(task: Seen) -> list[str]:
    """Return how they ended."""
    return [one["reason"] for one in records(task)]


def failures(task: Seen) -> tuple[int, int]:
    """Return what is spent of the user's budget and of the system's."""
    return task.status.get("userFailures", 0), task.status.get("systemFailures", 0)


def pods(tasks: Tasks, name: str) -> list[Json]:
    """Return the Pods that are there in the order of their attempts."""
    return [pod for _, pod in sorted(next(tasks.pods(name)).items())]
