"""Image volumes that fail on the real node: admission policies that spoil the Pods of Gated mode.

The operator builds its Pods itself, so this is the way to show it a cluster in which their image volume
does not work. A policy holds for one namespace; Pods without an image volume pass untouched, so those of
Init mode run.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from kubernetes import client

from containertask.contract import LAUNCHER_DIR
from support import cluster, shapes
from support.cluster import Json

How = Literal["reference", "subPath", "refused", "refused-without-words", "never-mounts"]

ABSENT_REFERENCE: Final = f"localhost:1/{shapes.OPERATOR_IMAGE}"
"""Nobody listens there; what the kubelet says of it still names the operator's image."""
OTHER_FOLDER: Final = "opt/containertask/lib"
"""A folder of the operator's image without a launcher."""
REFUSAL: Final = "image volumes are not allowed here"

_API: Final = ("admissionregistration.k8s.io", "v1")
_PODS: Final = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
_GATED: Final = {
    "name": "launcher-from-an-image-volume",
    "expression": "object.spec.?volumes.orValue([]).exists(v, v.name == 'launcher' && has(v.image))",
}
_FORBID: Final = "object.spec.?volumes.orValue([]).all(v, !has(v.image))"

_OTHER_IMAGE: Final = f"""Object{{spec: Object.spec{{
    volumes: [Object.spec.volumes{{
        name: 'launcher', image: Object.spec.volumes.image{{reference: '{ABSENT_REFERENCE}'}}
    }}]
}}}}"""
_OTHER_MOUNT: Final = f"""Object{{spec: Object.spec{{
    containers: [Object.spec.containers{{
        name: 'main',
        volumeMounts: [Object.spec.containers.volumeMounts{{
            mountPath: '{LAUNCHER_DIR}', name: 'launcher', subPath: '{OTHER_FOLDER}'
        }}]
    }}]
}}}}"""
# In the place of the image volume, not beside it: what a Pod lacks besides is no fault of the image volume's.
_ABSENT_CONFIG_MAP: Final = """[JSONPatch{
    op: 'replace',
    path: '/spec/volumes/' + string(object.spec.volumes.map(v, v.name).indexOf('launcher')),
    value: Object.spec.volumes{
        name: 'launcher', configMap: Object.spec.volumes.configMap{name: 'in-place-of-the-image'}
    }
}]"""


@dataclass(frozen=True, slots=True)
class Policy:
    """One admission policy: its kind, its own part of the spec, and a text by which its effect is known."""

    kind: Literal["MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"]
    spec: Json
    mark: str


def forbidding(mark: str, **words: str) -> Policy:
    """Return a policy that refuses image volumes; ``words`` are the message and reason of its refusal."""
    return Policy("ValidatingAdmissionPolicy", {"validations": [{"expression": _FORBID, **words}]}, mark)


def _changing(expression: str, mark: str) -> Policy:
    return _mutating(
        {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}, mark
    )


def _patching(expression: str, mark: str) -> Policy:
    return _mutating({"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}, mark)


def _mutating(mutation: Json, mark: str) -> Policy:
    spec = {"matchConditions": [_GATED], "mutations": [mutation], "reinvocationPolicy": "Never"}
    return Policy("MutatingAdmissionPolicy", spec, mark)


_POLICIES: Final[dict[How, Policy]] = {
    "reference": _changing(_OTHER_IMAGE, ABSENT_REFERENCE),
    "subPath": _changing(_OTHER_MOUNT, OTHER_FOLDER),
    "refused": forbidding(REFUSAL, message=REFUSAL),
    "refused-without-words": forbidding("failed expression"),
    "never-mounts": _patching(_ABSENT_CONFIG_MAP, "in-place-of-the-image"),
}


@contextmanager
def image_volume_broken(namespace: str, how: How) -> Generator[None]:
    """Let the image volume of every Pod that is made in the namespace fail in this way.

    ``reference``: its image cannot be pulled. ``subPath``: no launcher is where it is mounted. ``refused``:
    the API server does not take the Pod, and says why or, ``without-words``, only that it does not.
    ``never-mounts``: the node never gets as far as the containers.
    """
    with enforced(namespace, _POLICIES[how]):
        yield


@contextmanager
def enforced(namespace: str, policy: Policy) -> Generator[None]:
    """Put a policy in force for the Pods of one namespace; return when it is, and when it is no more."""
    core = cluster.connect()
    name = f"{policy.kind.lower()}-{namespace}"
    custom = client.CustomObjectsApi(core.api_client)
    bodies = {
        _plural(body["kind"]): body for body in (_policy(name, policy), _binding(name, namespace, policy))
    }
    try:
        for plural, body in bodies.items():
            custom.create_cluster_custom_object(*_API, plural, body)
        _until(core, namespace, policy.mark, there=True)
        yield
    finally:
        for plural in reversed(bodies):
            _delete(custom, plural, name)
        _until(core, namespace, policy.mark, there=False)


def _policy(name: str, policy: Policy) -> Json:
    spec = {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [_PODS]}, **policy.spec}
    return {"apiVersion": "/".join(_API), "kind": policy.kind, "metadata": {"name": name}, "spec": spec}


def _binding(name: str, namespace: str, policy: Policy) -> Json:
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    spec: Json = {"policyName": name, "matchResources": {"namespaceSelector": selector}}
    if policy.kind == "ValidatingAdmissionPolicy":
        spec["validationActions"] = ["Deny"]
    kind = f"{policy.kind}Binding"
    return {"apiVersion": "/".join(_API), "kind": kind, "metadata": {"name": name}, "spec": spec}


def _plural(kind: str) -> str:
    return f"{kind.lower()}s" if kind.endswith("Binding") else f"{kind.lower().removesuffix('y')}ies"


def _delete(custom: Any, plural: str, name: str) -> None:
    try:
        custom.delete_cluster_custom_object(*_API, plural, name)
    except client.ApiException as error:
        if error.status != 404:
            raise


def _until(core: Any, namespace: str, mark: str, *, there: bool) -> None:
    """Ask until the policy has come into force or gone out of it.

    The API server looks at its policies once a second and tells nobody: asking is the only way to know.
    """
    ends = time.monotonic() + cluster.WAIT_SECONDS
    while (mark in _answer(core, namespace)) is not there:
        assert time.monotonic() < ends, f"{mark!r} is {'not ' if there else ''}in force in {namespace}"


def _answer(core: Any, namespace: str) -> str:
    """Return what the API server would make of a Gated Pod, or its words when it would refuse it."""
    pod = shapes.gated("probe", shapes.Main(command=("true",)))
    try:
        taken = core.create_namespaced_pod(namespace, pod, dry_run="All", _preload_content=False)
    except client.ApiException as error:
        return error.body or ""
    return str(taken.data.decode())
