"""Other tasks whose outputs are inputs of this one: what is waited for, what goes wrong, what they gave.

Pure. Only the success that a task's status tells of counts, never what lies in a store. What was read once
serves all attempts, also when its task is deleted: but only for as long as the operator remembers it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from containertask.api.inputs import TaskOutput
from containertask.api.reasons import Reason
from containertask.api.status import ContainerTaskStatus, Dependency, OutputValue, Phase
from containertask.contract.keptline import NO_FILES
from containertask.core.accept import Accepted
from containertask.core.inputs import Given
from containertask.core.task import TaskView, spec_that_runs
from containertask.core.texts import cut
from containertask.types.grammar import TypeSyntaxError, parse_type
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, Type, needs_store, present

Json = dict[str, Any]

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A task that has succeeded, as it was read: types and destinations that it declares, what it gave."""

    uid: str
    types: Mapping[str, str]
    outputs: Mapping[str, OutputValue]
    destinations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What is known of the tasks that another one takes outputs of.

    Attributes:
        tasks: those that are there, by name.
        read: those whose outputs were read.
        gone: uids of those that are known to be deleted. What merely is not in ``tasks`` may come yet.
        circle: the names along which a task needs itself, itself first and last; empty if it does not.
    """

    tasks: Mapping[str, TaskView] = field(default_factory=dict)
    read: Mapping[str, Source] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    circle: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """Why there can be no Pod yet."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hopeless:
    """Why there will never be one."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Unread:
    """The tasks to be read: those that have succeeded, and those of which nobody knows what became."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllGiven:
    """What there is for each input."""

    given: Mapping[str, Given]


Look: TypeAlias = Awaiting | Hopeless | Unread | AllGiven


def source_of(raw: Json) -> Source | None:
    """Read a task that another one needs, as the API server shows it; None if it has not succeeded.

    Raises ValueError.
    """
    status = ContainerTaskStatus.model_validate(raw.get("status", {}))
    if status.phase is not Phase.SUCCEEDED:
        return None
    declared = spec_that_runs(raw).get("outputs") or ()
    return Source(
        uid=raw["metadata"]["uid"],
        types={one["name"]: one["type"] for one in declared},
        outputs={one.name: one for one in status.outputs or ()},
        destinations={one["name"]: one["destination"] for one in declared if one.get("destination")},
    )


def seen(task: TaskView, accepted: Accepted, sources: Sources) -> TaskView:
    """Return the task with the uids of those that it needs in its status, from when each was first seen.

    What was read may already be in a Pod: no other task of that name counts then.
    """
    if not accepted.awaits:
        return task
    known = {one.name: one for one in task.status.dependencies or ()}
    for name in sorted(set(names_of(accepted)) - set(known)):
        if (found := sources.read.get(name) or sources.tasks.get(name)) is not None:
            known[name] = Dependency(name=name, uid=found.uid)
    if not known:
        return task
    status = task.status.model_copy(update={"dependencies": list(known.values())})
    return replace(task, status=status)


def look(task: TaskView, accepted: Accepted, sources: Sources) -> Look:
    """Return what is to be done about the tasks that another one needs; ``task`` comes from ``seen``."""
    if sources.circle:
        text = f"tasks that need each other never begin: {' needs '.join(sources.circle)}"
        return Hopeless(reason=Reason.INVALID_SPEC, message=cut(text))
    uids = {one.name: one.uid for one in task.status.dependencies or ()}
    stand = {name: _stands(name, uids.get(name), sources) for name in names_of(accepted)}
    if hopeless := [one for one in stand.values() if isinstance(one, Hopeless)]:
        return _together(hopeless)
    if unknown := tuple(name for name, one in stand.items() if one is _Stands.UNKNOWN):
        return Unread(unknown)
    if awaiting := [one for one in stand.values() if isinstance(one, Awaiting)]:
        # Who succeeds first must not decide about the reason: each other one is a write.
        return _together(sorted(awaiting, key=lambda one: one.reason is not Reason.TASK_NOT_FOUND))
    unread = tuple(name for name, one in stand.items() if one is _Stands.UNREAD)
    return Unread(unread) if unread else _given(accepted, sources)


class _Stands(enum.Enum):
    """How it stands with a task that is needed, unless it is waited for or in vain."""

    READ = enum.auto()
    UNREAD = enum.auto()
    UNKNOWN = enum.auto()
    """It was there, is not known now, and nobody has said that it is deleted."""


def _stands(name: str, uid: str | None, sources: Sources) -> _Stands | Awaiting | Hopeless:
    """Return how it stands with a task; ``uid`` is the one that it was first seen with."""
    source, read = sources.tasks.get(name), sources.read.get(name)
    if read is not None and read.uid == uid:
        return _Stands.READ
    if uid is not None and (source is None or source.uid != uid):
        if uid not in sources.gone:
            return _Stands.UNKNOWN
        now = "was deleted" if source is None else "was deleted, and another one has its name"
        return Hopeless(reason=Reason.DEPENDENCY_DELETED, message=f"task {name} {now}")
    if source is None:
        return Awaiting(reason=Reason.TASK_NOT_FOUND, message=f"there is no task {name}")
    match source.status.phase:
        case Phase.SUCCEEDED:
            return _Stands.UNREAD
        case Phase.FAILED | Phase.CANCELLED as phase:
            text = f"task {name}, whose output is an input, ended as {phase.value}"
            return Hopeless(reason=Reason.DEPENDENCY_FAILED, message=text)
        case phase:
            stands = f" ({phase.value})" if phase is not None else ""
            return Awaiting(reason=Reason.TASK_NOT_DONE, message=f"task {name} has not ended{stands}")


def _together(found: Sequence[Hopeless] | Sequence[Awaiting]) -> Awaiting | Hopeless:
    """Return the first of all, with the others in its message."""
    first = found[0]
    texts = [one.message for one in found if one.reason is first.reason]
    more = f"; and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    message = cut("; ".join(texts[:_SHOWN]) + more)
    kind = type(first)
    return kind(reason=first.reason, message=message)


def _given(accepted: Accepted, sources: Sources) -> Look:
    given: dict[str, Given] = {}
    for name, ref in accepted.awaits.items():
        source = sources.read[ref.name]
        text = _mismatch(accepted.inputs[name].kind, ref, source)
        if text is None and ref.output not in source.outputs and not _may_be_absent(accepted, name):
            text = f"left output `{ref.output}` out: make input `{name}` optional, or give it a default"
        if text is not None:
            return Hopeless(reason=Reason.DEPENDENCY_FAILED, message=cut(f"task {ref.name} {text}"))
        given[name] = _taken(accepted.inputs[name].kind, ref.output, source)
    return AllGiven(given)


def _mismatch(kind: Type, ref: TaskOutput, source: Source) -> str | None:
    """Return what is wrong with an output for an input of this type."""
    if ref.output not in source.types:
        named = ", ".join(f"`{one}`" for one in source.types) or "none at all"
        return f"has no output `{ref.output}`: it declares {named}"
    try:
        theirs = parse_type(source.types[ref.output])
    except TypeSyntaxError:
        return f"has an output `{ref.output}` of a type that is not known"
    if theirs != kind:
        return f"has an output `{ref.output}` of type {theirs}, and the input has {kind}: write the same type"
    return None


def _may_be_absent(accepted: Accepted, name: str) -> bool:
    declared = next(one for one in accepted.spec.inputs or () if one.name == name)
    return accepted.inputs[name].item.optional or declared.default is not None


def _taken(kind: Type, name: str, source: Source) -> Given:
    if (output := source.outputs.get(name)) is None:
        return Given()
    if output.uri is None:
        return Given(value=output.value)
    if isinstance(present(kind), StoredType | DatasetOf):
        if present(kind) is StoredType.FILE:
            return Given(value={"uri": output.uri}, sha256=output.sha256)
        return Given(value={"uri": output.uri}, is_empty=output.sha256 == NO_FILES)
    files = source.destinations.get(name) if needs_store(kind) else None
    return Given(document=output.uri, sha256=output.sha256, files=files)


def names_of(accepted: Accepted) -> Iterator[str]:
    """Yield the names of the tasks that one needs, each once."""
    yield from {one.name: None for one in accepted.awaits.values()}
