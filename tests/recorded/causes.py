"""What makes the API server refuse a Pod: objects, labels, policies, and what is changed in it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from support import cluster
from support.admission import Policy, enforced
from support.cluster import Json
from support.tasks import Tasks

Change = Callable[[Json], object]
Cause = Callable[[Tasks], AbstractContextManager[None]]


def objects(*given: Json) -> Cause:
    """Return what makes these objects of the namespace, and takes them away."""

    @contextmanager
    def made(here: Tasks) -> Iterator[None]:
        where, text = (
            f"--namespace={here.namespace}",
            json.dumps({"apiVersion": "v1", "kind": "List", "items": given}),
        )
        cluster.kubectl("apply", where, "--filename=-", stdin=text)
        try:
            yield
        finally:
            cluster.kubectl("delete", where, "--filename=-", "--ignore-not-found", stdin=text)

    return made


def quota(**hard: str) -> Cause:
    return objects(
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"}, "spec": {"hard": hard}}
    )


def limits(**limit: Any) -> Cause:
    one = {"type": "Container", **limit}
    return objects(
        {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small"}, "spec": {"limits": [one]}}
    )


def labelled(**labels: str) -> Cause:
    @contextmanager
    def labelled(here: Tasks) -> Iterator[None]:
        for key, value in labels.items():
            cluster.kubectl(
                "label",
                "--overwrite",
                "namespace",
                here.namespace,
                f"pod-security.kubernetes.io/{key}={value}",
            )
        try:
            yield
        finally:
            cluster.kubectl(
                "label",
                "--overwrite",
                "namespace",
                here.namespace,
                "pod-security.kubernetes.io/enforce=privileged",
            )

    return labelled


def policy(expression: str, mark: str, **words: str) -> Cause:
    validations = [{"expression": expression, **words}]
    return lambda here: enforced(
        here.namespace, Policy("ValidatingAdmissionPolicy", {"validations": validations}, mark)
    )


@contextmanager
def terminating(here: Tasks) -> Iterator[None]:
    """Let the namespace be on its way out, and held there by a finalizer. It is the last that is asked."""
    kept = {"metadata": {"name": "kept", "finalizers": ["example.com/kept"]}}
    here.core.create_namespaced_config_map(here.namespace, kept)
    here.core.delete_namespace(here.namespace)
    try:
        yield
    finally:
        time.sleep(1)
        body = {"metadata": {"finalizers": None}}
        here.core.patch_namespaced_config_map("kept", here.namespace, body)


def in_spec(**fields: object) -> Change:
    return lambda pod: pod["spec"].update(fields)


def main(**fields: object) -> Change:
    def change(pod: Json) -> None:
        next(one for one in pod["spec"]["containers"] if one["name"] == "main").update(fields)

    return change
