"""The operator's rights are those it uses: the roles of the chart against the API server's audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support import audit, cluster, release, tasks
from support.audit import Request, Right
from support.cluster import Json
from support.release import Release
from support.shapes import SHELL_IMAGE
from support.storespecs import LEAST
from support.tasks import Tasks, shell
from support.templateviews import AREA

pytestmark = pytest.mark.alone

GROUP = "containertask.dev"
READS_AGAIN = Right(group=GROUP, resource="containertasks", verb="get")
MOST_TRIES = 40
TEMPLATE = {"template": {"spec": {"containers": [{"name": "main", "image": SHELL_IMAGE}]}}}


@pytest.fixture(scope="module")
def own() -> Iterator[Release]:
    with release.shared_one_rests(), release.own() as made:
        yield made


@pytest.fixture(scope="module")
def asked(own: Release) -> list[Request]:
    """Make the operator do everything that it ever does, from its first start on."""
    with tasks.namespace("baseline") as made, judged(made.namespace):
        everything_once(made)
        change_behind_its_back(own, made)
        return audit.by_account(own.name, own.deployment)


def everything_once(made: Tasks) -> None:
    text = {"name": "text", "type": "string", "value": "x" * 40_000}
    made.create("values", shell("true", inputs=[text]))
    made.create("stopped", shell("sleep 600"))
    made.create("unkept", shell("true", podRetention="Never"))
    made.create("brief", shell("true", ttlSecondsAfterFinished=0))
    taken = made.create("taken", shell("true", suspend=True)).pod_name()
    made.core.create_namespaced_pod(made.namespace, foreign(taken))
    made.patch("taken", suspend=False)
    made.core.create_namespaced_pod_template(made.namespace, {"metadata": {"name": "plain"}, **TEMPLATE})
    made.create("templated", shell("true", podTemplate={"name": "plain"}))
    made.create("mounting", shell("true", secrets=[{"name": "absent", "key": "k", "file": "/etc/k"}]))
    made.waiting_for("mounting", "ContainerConfig")
    made.patch("mounting", cancel=True)
    made.in_phase("stopped", "Running")
    made.patch("stopped", cancel=True)
    ends = {"values": "Succeeded", "stopped": "Cancelled", "unkept": "Succeeded", "taken": "PodNameTaken"}
    ends |= {"templated": "Succeeded", "mounting": "Cancelled"}
    assert {name: made.ended(name).reason for name in ends} == ends
    made.no_pods("unkept")
    made.gone("brief")


@contextmanager
def judged(namespace: str) -> Iterator[None]:
    """Have a store and a template of each kind, all judged by the operator."""
    everybodys = f"for-{namespace}"
    own = {"name": "another", "namespace": namespace}
    for kind, metadata, spec in (
        ("ArtifactStore", own, LEAST),
        ("ClusterArtifactStore", {"name": everybodys}, LEAST),
        ("ContainerTaskTemplate", own, AREA),
        ("ClusterContainerTaskTemplate", {"name": everybodys}, AREA),
    ):
        wanted = {"apiVersion": f"{GROUP}/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
        cluster.kubectl("create", "--filename=-", stdin=json.dumps(wanted))
    of_all = [f"castore/{everybodys}", f"cctt/{everybodys}"]
    try:
        for where in (["astore/another", "ctt/another", f"--namespace={namespace}"], of_all):
            cluster.kubectl("wait", "--for=condition=Ready", "--timeout=30s", *where)
        yield
    finally:
        cluster.kubectl("delete", *of_all)


def foreign(name: str) -> Json:
    """Return a Pod that somebody else made, and that nobody will ever run."""
    spec = {"containers": [{"name": "main", "image": SHELL_IMAGE}], "nodeSelector": {"nobody": "has-it"}}
    return {"metadata": {"name": name}, "spec": spec}


def change_behind_its_back(own: Release, made: Tasks) -> None:
    """Change tasks while the operator writes about them, until it has to read one again."""
    for number in range(MOST_TRIES):
        name = f"changing-{number}"
        made.create(name, shell("true", suspend=True))
        for seconds in range(5):
            made.patch(name, ttlSecondsAfterFinished=3600 + seconds)
        if number % 5 == 4 and READS_AGAIN in rights(audit.by_account(own.name, own.deployment)):
            return
    raise AssertionError(f"{MOST_TRIES} tasks were changed and no write of the operator came too late")


def rights(requests: list[Request]) -> set[Right]:
    return {one.right for one in requests if one.right}


def granted(own: Release) -> list[tuple[Right, str]]:
    """Return the rules of the release's roles, one right each; beside it the one name it is for."""
    rules = [rule for one in own.objects() if one["kind"] in {"ClusterRole", "Role"} for rule in one["rules"]]
    return [found for rule in rules for found in spelled_out(rule)]


def spelled_out(rule: Json) -> Iterator[tuple[Right, str]]:
    for group in rule["apiGroups"]:
        for resource in rule["resources"]:
            for verb in rule["verbs"]:
                for name in rule.get("resourceNames", [""]):
                    yield Right(group=group, resource=resource, verb=verb), name


def test_what_is_granted_is_used_and_what_is_used_is_granted(own: Release, asked: list[Request]) -> None:
    limited = {right for right, name in granted(own) if name}
    used = {(one.right, one.name if one.right in limited else "") for one in asked if one.right}
    assert used == set(granted(own))


def test_nothing_is_ever_refused(asked: list[Request]) -> None:
    assert not [one for one in asked if one.code in {401, 403} or not one.granted_by]


def test_rights_that_are_not_the_charts_are_everybodys(own: Release, asked: list[Request]) -> None:
    """Whatever else lets the operator in is Kubernetes' own role for looking at which APIs there are."""
    others = {one.granted_by for one in asked if f'"{own.deployment}' not in one.granted_by}
    assert all('ClusterRole "system:discovery"' in one for one in others)
    assert not [one for one in asked if one.right and one.granted_by in others]
