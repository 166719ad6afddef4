"""The PodTemplate that a task names: whether it has to be asked for, and what is known of it."""

from __future__ import annotations

from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.api.status import WaitingFor
from containertask.core.case import Case
from containertask.core.texts import cut

Json = dict[str, Any]

_FRESH: Final = 60_000
"""Milliseconds for which one that was read is good: it may take several requests to get a Pod made of it."""
_RETRY: Final = 5_000
"""Milliseconds after which one that is not there is looked for again."""


def named(case: Case) -> str | None:
    """Return the name of the PodTemplate, if the task names one."""
    return case.spec.pod_template.name if case.spec.pod_template else None


def to_ask(case: Case) -> str | None:
    """Return the name of the PodTemplate that has to be read now."""
    name, note = named(case), case.snapshot.template
    if name is None:
        return None
    good = _FRESH if note is not None and note.raw is not None else _RETRY
    return None if note is not None and note.name == name and case.now < note.at + good else name


def read(case: Case) -> Json | None:
    """Return the PodTemplate as it was read."""
    return case.snapshot.template.raw if case.snapshot.template and named(case) else None


def lacking(case: Case) -> tuple[WaitingFor, int] | None:
    """Return what the task waits for and when to look again, if its PodTemplate is not there."""
    name, note = named(case), case.snapshot.template
    if name is None or note is None or note.raw is not None:
        return None
    if note.refused:
        return WaitingFor(reason=Reason.OPERATOR_FORBIDDEN.value, message=cut(note.refused)), note.at + _RETRY
    text = f"there is no PodTemplate {name} in namespace {case.task.namespace}: create it"
    return WaitingFor(reason=Reason.POD_TEMPLATE_NOT_FOUND.value, message=text), note.at + _RETRY
