"""Whether a task has all that its Pod needs: its template, other tasks' outputs, stores, a PodTemplate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from containertask.api.reasons import Reason
from containertask.api.status import TemplateRecord, WaitingFor
from containertask.api.templates import TemplateKind
from containertask.core import asking
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.actions import ReadTasks, ReadTemplate
from containertask.core.blueprint import key_of
from containertask.core.case import Case
from containertask.core.dependencies import AllGiven, Awaiting, Hopeless, Unread, look
from containertask.core.stop import MAX_NOTE, Stop
from containertask.core.storeshelf import Forbidden, Lacking
from containertask.core.storeuse import Use, use_of
from containertask.core.texts import cut

_EVENTS_TELL: Final = 600_000
"""Milliseconds after which to look again at what events tell of."""


@dataclass(frozen=True, slots=True)
class Ready:
    """All is there; ``accepted`` has what other tasks gave."""

    accepted: Accepted
    use: Use


@dataclass(frozen=True, slots=True)
class NotYet:
    """What is waited for, and when to look again at the latest, in Unix milliseconds."""

    what: WaitingFor
    again: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """The template is there: the task is to keep it before anything else is done."""

    record: TemplateRecord


Readiness: TypeAlias = Ready | NotYet | Resolved | Stop | ReadTasks | ReadTemplate


def readiness(case: Case) -> Readiness:
    """Return all that there is for a Pod, or what has to come or be read before."""
    if case.task.unresolved:
        return _resolved(case)
    accepted = case.accepted
    if accepted.awaits:
        match look(case.task, accepted, case.snapshot.sources):
            case Awaiting(reason=reason, message=message):
                return _not_yet(case, reason, message)
            case Hopeless(reason=reason, message=message):
                return Stop(reason, cut(message, MAX_NOTE), case.now)
            case Unread(names):
                return ReadTasks(names)
            case AllGiven(given):
                match accept(case.task, given):
                    case Refused() as refused:
                        return Stop(Reason.INVALID_SPEC, cut(refused.message, MAX_NOTE), case.now)
                    case Accepted() as found:
                        accepted = found
    return _with_stores(case, accepted)


def _resolved(case: Case) -> Resolved | NotYet:
    template, (namespace, name) = case.snapshot.named, key_of(case.task.spec, case.task.namespace)
    kind = TemplateKind.TEMPLATE if namespace else TemplateKind.CLUSTER_TEMPLATE
    if template is None:
        where = f" in namespace {namespace}" if namespace else ""
        return _not_yet(case, Reason.TEMPLATE_NOT_FOUND, f"there is no {kind.value} {name}{where}: create it")
    if template.problems:
        return _not_yet(case, Reason.TEMPLATE_INVALID, f"{kind.value} {name}: {template.message}")
    return Resolved(template.record)


def _with_stores(case: Case, accepted: Accepted) -> Readiness:
    match use_of(case.task, accepted.spec, case.snapshot.stores, accepted.needs):
        case Lacking(reason=reason, message=message):
            return _not_yet(case, reason, message)
        case Forbidden(reason=reason, message=message):
            return Stop(reason, cut(message, MAX_NOTE), case.now)
        case Use() as use:
            return _with_template(case, Ready(accepted, use))


def _with_template(case: Case, ready: Ready) -> Readiness:
    if (name := asking.to_ask(case)) is not None:
        return ReadTemplate(name)
    lacking = asking.lacking(case)
    return ready if lacking is None else NotYet(*lacking)


def _not_yet(case: Case, reason: Reason, message: str) -> NotYet:
    return NotYet(WaitingFor(reason=reason.value, message=cut(message)), case.now + _EVENTS_TELL)
