"""What the operator reads of a Pod: a small frozen view, made once from each event.

A Pod as JSON takes 44 KB as Python objects, this view between three and four, and less when its task has
ended. Pure; absent fields are None.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from containertask.contract.manifest import Mode
from containertask.core.instants import optional_ms, to_ms
from containertask.core.names import DOWNLOADER, RESULTS_ANNOTATION, STREAMS_ANNOTATION, UPLOADER, attempt_of
from containertask.core.referents import claims, has_foreign, referents
from containertask.core.stop import Stop, read_stop

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The container has not started, or waits to be started again."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Running:
    """The container runs since then."""

    started: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminated:
    """The container has ended. Times are Unix milliseconds; the kubelet knows seconds."""

    exit_code: int
    reason: str
    message: str
    started: int | None
    finished: int | None

    @property
    def own_exit_code(self) -> int | None:
        """Return the exit code, if it is the program's own: where none ran the kubelet makes one up."""
        return self.exit_code if self.started and not self.unknown else None

    @property
    def unknown(self) -> bool:
        """Tell whether nobody saw the end: kubelet and runtime then make up a reason and an exit code."""
        return self.reason in {"ContainerStatusUnknown", "Unknown"}


@dataclass(frozen=True, slots=True)
class Container:
    """One container as the kubelet last reported it."""

    name: str
    state: Waiting | Running | Terminated | None

    @property
    def ended(self) -> Terminated | None:
        """Return its end, if it has ended."""
        return self.state if isinstance(self.state, Terminated) else None

    @property
    def waiting(self) -> Waiting | None:
        """Return what it waits for, if it waits."""
        return self.state if isinstance(self.state, Waiting) else None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the Pod."""

    status: str
    reason: str
    message: str
    since: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PodView:
    """One Pod. ``gone`` is set when it was deleted and this is the last that was seen of it.

    A Pod that is not named as an attempt of its owner has no owner here: a copy of ours is not ours.
    """

    namespace: str
    name: str
    uid: str
    resource_version: int
    owner_uid: str | None
    owner_name: str | None
    attempt: int
    mode: Mode
    created: int
    deleting: bool
    deleting_until: int | None
    """When the grace of its deletion ends, if it is being deleted."""
    grace: int
    """Seconds between SIGTERM and SIGKILL."""
    node: str | None
    phase: str
    reason: str
    message: str
    started: int | None
    conditions: dict[str, Condition]
    containers: tuple[Container, ...]
    init_containers: tuple[Container, ...]
    stop: Stop | None
    results: str | None = None
    """URI of the folder in a store that it writes to."""
    streams: bool = False
    """Its uploader feeds inputs to the command."""
    sources: tuple[str, ...] = ()
    """What inputs take their values from, in words: while one is missing the kubelet starts nothing."""
    claims: tuple[str, ...] = ()
    """Names of the PersistentVolumeClaims that have to be attached and mounted."""
    foreign: bool = False
    """It has volumes that are not of our own kinds, for which its node may wait."""
    gone: bool = False

    def container(self, name: str) -> Container:
        """Return the container of that name; one without any state if the kubelet has not reported it."""
        for one in (*self.containers, *self.init_containers):
            if one.name == name:
                return one
        return Container(name, None)

    @property
    def over(self) -> bool:
        """Tell whether nothing of it lives any more."""
        return self.gone or self.phase in {"Succeeded", "Failed"}

    @property
    def begun(self) -> bool:
        """Tell whether a container of it has ever started."""
        return any(
            isinstance(one.state, (Running, Terminated)) for one in (*self.init_containers, *self.containers)
        )

    @property
    def scheduled(self) -> int | None:
        """Return when it got its node."""
        found = self.conditions.get("PodScheduled")
        return found.since if found and found.status == "True" else None

    @property
    def mounting(self) -> bool:
        """Tell whether its node has not got it ready for any container: its sandbox and its volumes."""
        return self.node is not None and not self.begun and self._ready_to_start == "False"

    @property
    def ready_to_start(self) -> bool:
        """Tell whether it has its sandbox and its volumes now."""
        return self._ready_to_start == "True"

    @property
    def _ready_to_start(self) -> str | None:
        found = self.conditions.get("PodReadyToStartContainers")
        return None if found is None else found.status


def pod_view(pod: Json) -> PodView:
    """Make the view of a Pod as the API server shows it."""
    metadata, spec, status = pod["metadata"], pod.get("spec", {}), pod.get("status", {})
    owner: Json = next((one for one in metadata.get("ownerReferences", []) if one.get("controller")), {})
    attempt = attempt_of(metadata["name"], owner.get("name", ""), owner.get("uid", ""))
    return PodView(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=int(metadata["resourceVersion"]),
        owner_uid=None if attempt is None else owner["uid"],
        owner_name=None if attempt is None else owner["name"],
        attempt=attempt or 0,
        mode=mode_in(spec),
        created=to_ms(metadata["creationTimestamp"]),
        deleting="deletionTimestamp" in metadata,
        deleting_until=optional_ms(metadata.get("deletionTimestamp")),
        grace=spec.get("terminationGracePeriodSeconds", 30),
        node=spec.get("nodeName"),
        phase=status.get("phase", "Pending"),
        reason=status.get("reason", ""),
        message=status.get("message", ""),
        started=optional_ms(status.get("startTime")),
        conditions={one["type"]: _condition(one) for one in status.get("conditions", [])},
        containers=_containers(status.get("containerStatuses", [])),
        init_containers=_containers(status.get("initContainerStatuses", [])),
        stop=read_stop(metadata.get("annotations", {})),
        results=metadata.get("annotations", {}).get(RESULTS_ANNOTATION),
        streams=STREAMS_ANNOTATION in metadata.get("annotations", {}),
        sources=referents(spec),
        claims=claims(spec),
        foreign=has_foreign(spec),
    )


def ended(pod: PodView) -> PodView:
    """Return what is still of interest when Pod and task have both ended: that it is there."""
    nothing: Json = {"message": "", "conditions": {}, "results": None}
    none: Json = dict.fromkeys(("containers", "init_containers", "sources", "claims"), ())
    return replace(pod, **nothing, **none, streams=False, foreign=False)


def mode_in(spec: Json) -> Mode:
    """Tell from a Pod's spec how it was built: nobody can change that afterwards."""
    for one in spec.get("initContainers", ()):
        match one:
            case {"name": name, "restartPolicy": "Always"} if name == UPLOADER:
                return Mode.SIGNAL
            case {"name": name} if name == DOWNLOADER:
                return Mode.INIT
    return Mode.GATED


def _condition(raw: Json) -> Condition:
    since = optional_ms(raw.get("lastTransitionTime"))
    return Condition(raw["status"], raw.get("reason", ""), raw.get("message", ""), since)


def _containers(raw: list[Json]) -> tuple[Container, ...]:
    return tuple(Container(one["name"], _state(one.get("state", {}))) for one in raw)


def _state(raw: Json) -> Waiting | Running | Terminated | None:
    match raw:
        case {"terminated": dict(end)}:
            return Terminated(
                exit_code=end["exitCode"],
                reason=end.get("reason", ""),
                message=end.get("message", ""),
                started=optional_ms(end.get("startedAt")),
                finished=optional_ms(end.get("finishedAt")),
            )
        case {"running": dict(now)}:
            return Running(optional_ms(now.get("startedAt")) or 0)
        case {"waiting": dict(wait)}:
            return Waiting(wait.get("reason", ""), wait.get("message", ""))
        case _:
            return None
