"""``spec.secrets`` on a real node: ``main`` has them, and nobody and nothing else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from support.cluster import kubectl
from support.modes import in_modes
from support.seen import assert_succeeded
from support.tasks import Tasks, shell, typed

VALUE = f"canary-{uuid.uuid4().hex}"


@pytest.fixture
def secret(here: Tasks) -> Iterator[str]:
    name = f"secret-{uuid.uuid4().hex[:8]}"
    here.core.create_namespaced_secret(
        here.namespace, {"metadata": {"name": name}, "stringData": {"k": VALUE}}
    )
    yield name
    here.core.delete_namespaced_secret(name, here.namespace)


def everything_said(tasks: Tasks, name: str) -> str:
    """Return all that anybody can read of a task: the object, its Pods, events and logs."""
    where = f"--namespace={tasks.namespace}"
    pods = next(tasks.pods(name))
    logs = [kubectl("logs", where, pod, "--all-containers", "--ignore-errors", "--prefix") for pod in pods]
    events = kubectl("get", "events", where, "--output=json")
    task = kubectl("get", "ctask", name, where, "--output=json")
    return "\n".join([task, json.dumps(pods), events, *logs])


@in_modes()
def test_a_variable_and_a_file_are_there_for_main_alone(here: Tasks, secret: str) -> None:
    script = (
        'test "$TOKEN" = "$(cat /etc/db/token)"; ! touch /etc/db/token; test "$(ls /etc/db)" = token; '
        'test "$URL" = "db:$TOKEN"; printf %s "$TOKEN" | wc -c > /var/outputs/size'
    )
    places = [
        {"name": secret, "key": "k", "env": "TOKEN"},
        {"name": secret, "key": "k", "file": "/etc/db/token"},
    ]
    spec = shell(
        script, secrets=places, env=[{"name": "URL", "value": "db:$(TOKEN)"}], outputs=typed(size="integer")
    )
    assert_succeeded(here.run("two-places", spec), size=len(VALUE))
    assert VALUE not in everything_said(here, "two-places")
    pod = here.pod("two-places")
    for one in [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]:
        told = secret in json.dumps(one) or "ct-secret" in json.dumps(one)
        assert told is (one["name"] == "main"), one["name"]


@in_modes()
def test_an_optional_one_that_is_absent_is_no_variable_and_an_empty_file(here: Tasks, secret: str) -> None:
    script = (
        'test -z "${A+x}${B+x}"; for f in /a /b; do test -f $f; test ! -s $f; done; '
        "wc -c < /c > /var/outputs/size"
    )
    absent = [
        {"name": "no-such-secret", "key": "k", "env": "A", "optional": True},
        {"name": secret, "key": "no-such-key", "env": "B", "optional": True},
        {"name": "no-such-secret", "key": "k", "file": "/a", "optional": True},
        {"name": secret, "key": "no-such-key", "file": "/b", "optional": True},
        {"name": secret, "key": "k", "file": "/c", "optional": True},
    ]
    task = here.run("absent", shell(script, secrets=absent, outputs=typed(size="integer")))
    assert_succeeded(task, size=len(VALUE))


@in_modes()
def test_one_that_comes_later_is_waited_for(here: Tasks) -> None:
    name = f"late-{uuid.uuid4().hex[:8]}"
    here.create("late", shell('test "$A" = late', secrets=[{"name": name, "key": "k", "env": "A"}]))
    here.pod("late", lambda pod: "nodeName" in pod["spec"])
    body = {"metadata": {"name": name}, "stringData": {"k": "late"}}
    here.core.create_namespaced_secret(here.namespace, body)
    try:
        assert_succeeded(here.ended("late"))
    finally:
        here.core.delete_namespaced_secret(name, here.namespace)
