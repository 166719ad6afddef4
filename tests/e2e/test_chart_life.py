"""A release's life with tasks running: installed, upgraded, uninstalled, installed again; rights used.

Two operators must not serve the same tasks, so the shared one rests meanwhile and nothing else may run.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from support import audit, cluster, release, tasks
from support.cluster import Json
from support.follow import first, follow
from support.release import CHART, Release
from support.seen import assert_succeeded
from support.tasks import Tasks, shell, typed

pytestmark = pytest.mark.alone

CRD = "containertasks.containertask.dev"
MARK = "Marked by a test."


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    with release.shared_one_rests():
        yield


@pytest.fixture(scope="module")
def own() -> Iterator[Release]:
    with release.own() as made:
        yield made


@pytest.fixture
def made() -> Iterator[Tasks]:
    with tasks.namespace("baseline") as found:
        yield found


def start(made: Tasks, name: str) -> None:
    """Create a task that waits until it is told to go on, and then says its name."""
    script = 'until [ -e go ]; do sleep 0.1; done; printf %s "$CT_NAME" > name'
    made.create(name, shell(script, workingDir="/var/outputs", outputs=typed(name="string")))


def started(made: Tasks) -> dict[str, str]:
    """Create tasks; return the uids of their Pods, by name, when all of them run."""
    for number in range(3):
        start(made, f"task-{number}")
    for name in made.made:
        made.in_phase(name, "Running")
    return pods(made)


def tell_to_go_on(made: Tasks) -> None:
    where = cluster.Namespace(made.core, made.namespace)
    for name in made.made:
        pod = made.pod(name, lambda pod: cluster.running(pod, "main"))
        where.execute(pod["metadata"]["name"], "main", "touch", "/var/outputs/go")


def pods(made: Tasks) -> dict[str, str]:
    """Return the uids of the Pods by name."""
    listing = first(follow(made.core.list_namespaced_pod, made.namespace), lambda _: True, "Pods")
    return {name: pod["metadata"]["uid"] for name, pod in listing.items()}


def assert_ended_well(made: Tasks, before: dict[str, str]) -> None:
    """Assert that all tasks succeed, each with one Pod; those of before are the same."""
    ends = [made.ended(name) for name in made.made]
    for task in ends:
        assert_succeeded(task, name=task.name)
    after = pods(made)
    assert set(after) == {task.pod_name() for task in ends}
    assert before.items() <= after.items()


def test_an_upgrade_replaces_the_operator_and_no_task_notices(own: Release, made: Tasks) -> None:
    before, operators = started(made), own.operators()
    start(made, "late")
    own.install("--set=imagePullGrace=45s")
    assert set(own.operators()).isdisjoint(operators)
    start(made, "after")
    tell_to_go_on(made)
    assert_ended_well(made, before)
    creates = [one.name for one in asked(own, made) if one.right and one.right.resource == "pods"]
    assert sorted(creates) == sorted(pods(made))


def asked(own: Release, made: Tasks) -> list[audit.Request]:
    """Return the operator's writes in the namespace of the tasks."""
    every = audit.by_account(own.name, own.deployment)
    return [one for one in every if one.is_write and one.namespace == made.namespace]


def description() -> str:
    path = "jsonpath={.spec.versions[0].schema.openAPIV3Schema.description}"
    return cluster.kubectl("get", "crd", CRD, f"--output={path}")


def marked(folder: Path) -> Path:
    """Return a copy of the chart whose CRD says something else."""
    chart = Path(shutil.copytree(CHART, folder / "chart"))
    (file,) = chart.glob("crds-files/*containertasks.yaml")
    crd = yaml.safe_load(file.read_text())
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"] = MARK
    file.write_text(yaml.safe_dump(crd))
    return chart


def test_an_upgrade_upgrades_the_crd_and_the_tasks_stay(own: Release, made: Tasks, tmp_path: Path) -> None:
    before = started(made)
    own.install(chart=marked(tmp_path))
    assert description() == MARK
    own.install()
    assert description() not in {MARK, ""}
    tell_to_go_on(made)
    assert_ended_well(made, before)


def test_uninstalling_lets_tasks_run_on_and_installing_again_ends_them(own: Release, made: Tasks) -> None:
    before = started(made)
    own.uninstall()
    assert not own.operators()
    tell_to_go_on(made)
    watched = follow(made.core.list_namespaced_pod, made.namespace)
    first(watched, all_succeeded, "the Pods to end by themselves")
    for name in made.made:
        assert next(made.states(name)).phase == "Running"
    own.install()
    assert_ended_well(made, before)


def all_succeeded(found: dict[str, Json]) -> bool:
    return all(pod["status"]["phase"] == "Succeeded" for pod in found.values())
