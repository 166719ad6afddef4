"""What a template says beside the work itself: retries, timeout, cache, decks, as flytekit's TaskMetadata."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flyteidl.core.literals_pb2 import RetryStrategy  # type: ignore[import-untyped]
from flyteidl.core.tasks_pb2 import RuntimeMetadata  # type: ignore[import-untyped]
from flyteidl.core.tasks_pb2 import TaskMetadata as Message
from flyteidl.core.workflow_pb2 import NodeMetadata  # type: ignore[import-untyped]

_FLAVOUR = "containertask"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMetadata:
    """Names and defaults are those of flytekit's class.

    Attributes:
        cache: whether results may be reused; ``cache_version`` has to be there, too.
        cache_serialize: whether equal runs wait for each other.
        cache_version: of the results.
        cache_ignore_input_vars: names of inputs that do not count.
        interruptible: whether its node may go away; None leaves it to the platform.
        deprecated: why nobody should use it any more.
        retries: how many attempts follow a failed one.
        timeout: of one attempt, as seconds or a timedelta; None for none.
        pod_template_name: of the platform.
        is_eager: carried, and nothing else.
        generates_deck: whether it is to have a deck.

    Raises:
        ValueError: parts that contradict each other.
    """

    cache: bool = False
    cache_serialize: bool = False
    cache_version: str = ""
    cache_ignore_input_vars: tuple[str, ...] = ()
    interruptible: bool | None = None
    deprecated: str = ""
    retries: int = 0
    timeout: dt.timedelta | int | None = None
    pod_template_name: str | None = None
    is_eager: bool = False
    generates_deck: bool = False

    def __post_init__(self) -> None:
        if self.cache and not self.cache_version:
            raise ValueError("metadata: cache needs cache_version")
        if (self.cache_serialize or self.cache_ignore_input_vars) and not self.cache:
            raise ValueError(
                "metadata: cache_serialize and cache_ignore_input_vars mean nothing without cache"
            )
        if isinstance(self.retries, bool) or self.retries < 0:
            raise ValueError("metadata: retries has to be 0 or more")


def task_metadata(given: TaskMetadata) -> Message:
    """Return the message of a template."""
    made = Message(
        discoverable=given.cache,
        runtime=RuntimeMetadata(type=RuntimeMetadata.OTHER, flavor=_FLAVOUR),
        retries=RetryStrategy(retries=given.retries),
        discovery_version=given.cache_version,
        deprecated_error_message=given.deprecated,
        cache_serializable=given.cache_serialize,
        pod_template_name=given.pod_template_name or "",
        cache_ignore_input_vars=given.cache_ignore_input_vars,
        is_eager=given.is_eager,
    )
    made.generates_deck.value = given.generates_deck
    if given.interruptible is not None:
        made.interruptible = given.interruptible
    if (timeout := _length(given.timeout)) is not None:
        made.timeout.FromTimedelta(timeout)
    return made


def node_metadata(name: str, given: TaskMetadata) -> NodeMetadata:
    """Return the message of a workflow's node for a task of that name."""
    made = NodeMetadata(name=name.rpartition(".")[2], retries=RetryStrategy(retries=given.retries))
    if given.interruptible is not None:
        made.interruptible = given.interruptible
    if (timeout := _length(given.timeout)) is not None:
        made.timeout.FromTimedelta(timeout)
    return made


def _length(timeout: dt.timedelta | int | None) -> dt.timedelta | None:
    return timeout if timeout is None or isinstance(timeout, dt.timedelta) else dt.timedelta(seconds=timeout)
