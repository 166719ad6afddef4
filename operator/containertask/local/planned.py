"""What the operator would make of a task, for one attempt on this machine: its own functions, and no Pod.

Nothing runs here and no file is written; only Secrets and ConfigMaps are looked for.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from containertask.api.base import MAX_TASK_NAME
from containertask.api.keeping import StoreRef
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import ContainerTaskStatus
from containertask.contract.manifest import Manifest, Mode
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.attempt import Attempt
from containertask.core.blueprint import is_reference
from containertask.core.config import Config
from containertask.core.ground import ground_of
from containertask.core.mainspec import main_container
from containertask.core.manifest import manifest_of
from containertask.core.mode import Cluster, mode_of
from containertask.core.names import pod_name
from containertask.core.offers import Allow
from containertask.core.policy import enforce
from containertask.core.storeitems import Store
from containertask.core.stores import StoreView, store_view
from containertask.core.storeuse import Use, use_of
from containertask.core.task import API_VERSION, KIND, TaskView
from containertask.core.unbuildable import UnbuildableError
from containertask.errors import InvalidTaskError
from containertask.local.localfiles import KEPT, MACHINE, RESULTS
from containertask.local.unstarted import UnstartedError

Json = dict[str, Any]

STORES: Final = ("ArtifactStore", "ClusterArtifactStore")
_NAMESPACE: Final = "default"
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_MAX_NAMESPACE: Final = 63
_CONFIG: Final = Config(image="")
_ON_NODES: Final = ("pod_template", "accelerator")
"""What of a spec only makes sense where there are nodes, and could make a Pod impossible."""
_BORN: Final = {"uid": "0", "resourceVersion": "1", "creationTimestamp": "2000-01-01T00:00:00Z"}


@dataclass(frozen=True, slots=True)
class Planned:
    """One attempt. ``container`` is ``main`` as core/v1 has it."""

    task: TaskView
    accepted: Accepted
    attempt: Attempt
    manifest: Manifest
    container: Json

    @property
    def pod(self) -> str:
        """Return the name that its Pod would have."""
        return pod_name(self.task.name, self.task.uid, self.attempt.number)

    @property
    def stores(self) -> Sequence[Store]:
        """Return the stores that it uses."""
        return self.attempt.use.stores


def identified(raw: object) -> tuple[str, str, Json]:
    """Return name, namespace and spec of an object as in YAML. Raises InvalidTaskError."""
    if not isinstance(raw, dict) or raw.get("apiVersion") != API_VERSION or raw.get("kind") != KIND:
        raise InvalidTaskError([f"the object is no {KIND} of {API_VERSION}: write apiVersion and kind"])
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name, made = metadata.get("name"), metadata.get("generateName")
    if not name and isinstance(made, str) and made:
        name = f"{made}{uuid.uuid4().hex[:5]}"
    if not name:
        raise InvalidTaskError(["metadata: a name is missing: write metadata.name"])
    namespace, spec = metadata.get("namespace") or _NAMESPACE, raw.get("spec")
    named = _letters("name", name, MAX_TASK_NAME), _letters("namespace", namespace, _MAX_NAMESPACE)
    spec = spec if isinstance(spec, dict) else {}
    if is_reference(spec):
        text = "a template is only on a cluster: write out image, command, …, or run it there"
        raise InvalidTaskError([f"spec.templateRef: {text}"])
    return *named, spec


def _letters(field: str, given: object, most: int) -> str:
    if isinstance(given, str) and len(given) <= most and _NAME.fullmatch(given):
        return given
    text = f"write at most {most} small letters, digits, `-` and `.`, with a letter or digit at both ends"
    raise InvalidTaskError([f"metadata.{field}: {text}"])


def view_of(name: str, namespace: str, spec: Json) -> TaskView:
    """Return the task as the operator would know it."""
    return TaskView(
        namespace=namespace,
        name=name,
        uid=str(uuid.uuid4()),
        resource_version=1,
        generation=1,
        created=time.time_ns() // 1_000_000,
        deleting=False,
        spec=spec,
        status=ContainerTaskStatus(),
    )


def planned(task: TaskView, stores: Sequence[Json], number: int, *, contained: bool) -> Planned:
    """Return what one attempt is.

    Args:
        task: with claims in place of this machine's files.
        stores: objects of stores, as in YAML.
        number: of the attempt.
        contained: whether a container runs it.

    Raises:
        InvalidTaskError: the task contradicts itself, or needs a cluster.
        UnstartedError: what it needs is not there, or not allowed.
    """
    accepted = _accepted(task)
    mode = mode_of(accepted.spec, Cluster(gates=True), 0, fetches=accepted.fetches)
    mode = Mode.GATED if mode is not Mode.SIGNAL or not contained else Mode.SIGNAL
    use = _use(task, accepted, stores)
    attempt = Attempt(number=number, mode=mode, use=replace(use, folder=None))
    manifest = manifest_of(task, accepted.spec, accepted.document, attempt, _CONFIG)
    # What is on this machine, or its link, belongs to whoever runs this.
    items = tuple(replace(one, local=True) for one in manifest.stores)
    manifest = replace(manifest, results=RESULTS, stores=items)
    return Planned(task, accepted, attempt, manifest, _container(task, accepted, attempt))


def _accepted(task: TaskView) -> Accepted:
    found = accept(task)
    if isinstance(found, Refused):
        raise InvalidTaskError([str(one) for one in found.problems])
    if found.awaits:
        names = ", ".join(found.awaits)
        text = "valueFrom.taskOutputRef is another task's output, which only a cluster knows: write a value"
        raise InvalidTaskError([f"spec.inputs[{names}]: {text}"])
    template = found.spec.pod_template
    if template is not None and template.name is not None:
        text = "spec.podTemplate.name: a PodTemplate is only on a cluster: leave it out"
        raise InvalidTaskError([text])
    return found


def _use(task: TaskView, accepted: Accepted, stores: Sequence[Json]) -> Use:
    """Return the stores of the task, the folder of the run in place of the one that it names."""
    spec = _kept_here(accepted.spec)
    known = [_own(task, KEPT), _own(task, MACHINE, readOnly=True), *(_store(one, task) for one in stores)]
    found = use_of(task, spec, known, accepted.needs)
    if not isinstance(found, Use):
        raise UnstartedError(found.reason, found.message)
    for one in found.stores:
        if one.claim not in {None, KEPT, MACHINE}:
            text = f"claim {one.claim} is only on a cluster: give a file:// URI of this machine instead"
            raise InvalidTaskError([text])
    return found


def _kept_here(spec: ContainerTaskSpec) -> ContainerTaskSpec:
    return spec.model_copy(update={"store_ref": StoreRef(name=KEPT), "store_prefix": None})


def _own(task: TaskView, name: str, **more: object) -> StoreView:
    spec = {"pvc": {"claimName": name, **more}}
    return store_view({"metadata": {"namespace": task.namespace, "name": name, **_BORN}, "spec": spec})


def _store(raw: Json, task: TaskView) -> StoreView:
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name = metadata.get("name")
    if raw.get("kind") not in STORES or not isinstance(name, str) or not name:
        raise InvalidTaskError([f"a store is an object of kind {' or '.join(STORES)} with a name"])
    own = "" if raw["kind"] == STORES[1] else str(metadata.get("namespace") or task.namespace)
    place = {"namespace": own} if own else {}
    return store_view({"metadata": {"name": name, **place, **_BORN}, "spec": raw.get("spec")})


def _container(task: TaskView, accepted: Accepted, attempt: Attempt) -> Json:
    spec = accepted.spec.model_copy(update=dict.fromkeys(_ON_NODES))
    accepted = replace(accepted, spec=spec)
    try:
        container = main_container(task, accepted, attempt, _CONFIG, ground_of(spec, attempt, _CONFIG))
        enforce({"spec": {"containers": [container]}}, Allow())
    except UnbuildableError as error:
        raise UnstartedError(error.reason, error.message) from None
    return container
