"""The one screen of ``ctask why``: from what is known of a task to at most 24 lines of 100 columns. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from containertask.api.paragraphs import PARAGRAPHS
from containertask.api.reasons import Reason
from containertask.cli.nextsteps import NEXT, UNKNOWN, UNSEEN
from containertask.cli.shown import age, one_line
from containertask.sdk.status import RunStatus

Json = dict[str, Any]

LINES: Final = 24
COLUMNS: Final = 100
LOG_LINES: Final = 5
_MEANING, _MESSAGE, _WAITS, _NEXT = 5, 3, 2, 3
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ENDS: Final = {"Succeeded": "succeeded", "Failed": "failed", "Cancelled": "was cancelled"}
_KNOWN: Final = frozenset(map(str, Reason))
_BEFORE: Final = frozenset({"", "Pending", "Queued", "Initializing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a task.

    Attributes:
        task: the object.
        pod: the Pod of its attempt, as far as it is there and may be seen.
        events: of the task and of that Pod, oldest first.
        log: the last lines that the command wrote, of an attempt that has failed.
        flags: what a command has to be given for the same cluster and namespace.
    """

    task: Json
    pod: Json | None = None
    events: Sequence[Json] = ()
    log: Sequence[str] = ()
    flags: str = ""


def screen(known: Known, now: datetime) -> list[str]:
    """Return the lines: of the log as many as there is room for."""
    found: list[str] = []
    for most in range(LOG_LINES, -1, -1):
        found = _screen(known, now, most)
        if len(found) <= LINES:
            break
    return found


def _screen(known: Known, now: datetime, log_lines: int) -> list[str]:
    status = RunStatus.of(known.task)
    reason = reason_of(status)
    lines = [_headline(known.task, status, reason, now)]
    lines += _wrapped(_meaning(reason), "  ", _MEANING)
    evidence = list(_evidence(known, status, log_lines))
    if evidence:
        lines += ["", "Evidence", *evidence]
    lines += ["", "Next", *_wrapped(_next(known, status, reason), "  ", _NEXT)]
    return lines


def reason_of(status: RunStatus) -> str:
    """Return the one word for why it stands where it stands."""
    waits = status.raw.get("waitingFor") or {}
    return str(waits.get("reason") or status.reason) if not status.finished else status.reason


def _headline(task: Json, status: RunStatus, reason: str, now: datetime) -> str:
    metadata = task["metadata"]
    if status.finished:
        text = _ENDS[status.phase]
        tail = f"after {duration}" if (duration := status.raw.get("duration")) else ""
    else:
        text = "waits" if status.phase in _BEFORE else "runs"
        tail = f"for {age(metadata['creationTimestamp'], now)}"
    seen = f": {reason}" if reason else ", and no operator has seen it"
    attempt = f"attempt {status.attempt}, " if status.attempt else ""
    return one_line(f"Task {metadata['name']} {text}{seen} ({attempt}{tail})", COLUMNS)


def _meaning(reason: str) -> str:
    try:
        return _LINK.sub(r"docs/\1", PARAGRAPHS[Reason(reason)])
    except ValueError:
        return "" if not reason else "A reason that this version of ctask does not know."


def _next(known: Known, status: RunStatus, reason: str) -> str:
    unlisted = UNKNOWN if reason else UNSEEN
    text = NEXT[Reason(reason)] if reason in _KNOWN else unlisted
    pod = status.pod or f"{known.task['metadata']['name']}-..."
    return text.format(name=known.task["metadata"]["name"], pod=pod, flags=known.flags)


def _evidence(known: Known, status: RunStatus, log_lines: int) -> Iterator[str]:
    error = status.raw.get("error") or {}
    message = error.get("message") or status.message
    if message and (status.finished or message not in status.waiting_for):
        yield from _wrapped(f"message: {message}", "  ", _MESSAGE)
    if status.waiting_for and not status.finished:
        yield from _wrapped(f"waits for {status.waiting_for}", "  ", _WAITS)
    if status.exit_code is not None or error:
        said = {
            "exit code": status.exit_code,
            "container": error.get("container"),
            "of": error.get("origin"),
            "fault": error.get("kind"),
        }
        yield _cut("  " + ", ".join(f"{name} {one}" for name, one in said.items() if one is not None))
    if known.log and log_lines:
        yield "  the last lines of the log:"
        yield from (_cut(f"    | {line}") for line in known.log[-log_lines:])
    if not status.succeeded:
        yield from _of_cluster(known, status)


def _of_cluster(known: Known, status: RunStatus) -> Iterator[str]:
    """Yield what the cluster says of the Pod: the condition that does not hold, and the last warning."""
    conditions = ((known.pod or {}).get("status") or {}).get("conditions") or ()
    for one in conditions:
        if one.get("status") == "False" and one.get("message"):
            yield _cut(f"  Pod: {one['type']} is False: {one.get('reason', '')}: {one['message']}")
            break
    warnings = [one for one in known.events if one.get("type") == "Warning"]
    if warnings and warnings[-1].get("message") != status.message:
        last = warnings[-1]
        kind = (last.get("involvedObject") or {}).get("kind", "")
        yield _cut(f"  event of the {kind}: {last.get('reason', '')}: {last.get('message', '')}")


def _wrapped(text: str, indent: str, most: int) -> list[str]:
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return textwrap.wrap(
        plain,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,  # a command is to be copied
        max_lines=most,
        placeholder=" …",
    )


def _cut(text: str) -> str:
    return one_line(text, COLUMNS)
