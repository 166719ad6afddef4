"""What a task costs the API server in each mode, by its own audit log: the operator's writes, no Pod's."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from kubernetes import client

from support import audit, modes, tasks
from support.cluster import Json
from support.follow import first, follow
from support.tasks import Tasks, shell, typed

pytestmark = pytest.mark.alone

OPERATOR: Final = "containertask-system"
MOST_WRITES, MOST_EVENTS = 5, 2
SECONDS = 240
AT_ONCE = 3
ENDS = frozenset({"Succeeded", "Failed", "Cancelled"})
STATUS, POD, STOP, VALUES = (
    "update containertasks/status",
    "create pods",
    "patch pods",
    "create configmaps",
)
EVENT = "create events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """So many tasks of one kind.

    Attributes:
        count: how many in each mode.
        spec: theirs.
        reason: with which each of them ends, and which its last Event has.
        writes: the most that one of them may cost.
    """

    count: int
    spec: Json
    reason: str
    writes: dict[str, int]


WHERE_TOKENS_ARE: Final = (
    "if [ -e /var/run/secrets/kubernetes.io ]; then echo there; else echo absent; fi > /var/outputs/tokens"
)
# The shell, as process 1 of an untouched container, gets no signal that it does not ask for.
OBEYS: Final = "trap 'exit 143' TERM; sleep 600 & wait"
PLAIN: Final = {POD: 1, STATUS: 3}
KINDS: Final = {
    "success": Kind(
        count=4,
        spec=shell(WHERE_TOKENS_ARE, outputs=typed(tokens="string")),
        reason="Succeeded",
        writes=PLAIN,
    ),
    "failure": Kind(count=2, spec=shell("exit 7"), reason="NonZeroExit", writes=PLAIN),
    "suspended": Kind(
        count=1, spec=shell("true", suspend=True), reason="Succeeded", writes={POD: 1, STATUS: 4}
    ),
    "cancelled": Kind(count=1, spec=shell(OBEYS), reason="Cancelled", writes={POD: 1, STATUS: 3, STOP: 1}),
    "values": Kind(
        count=1,
        spec=shell(
            "cat /var/inputs/text | wc -c > /var/outputs/size",
            inputs=[{"name": "text", "type": "string", "value": "x" * 40_000}],
            outputs=typed(size="integer"),
        ),
        reason="Succeeded",
        writes={**PLAIN, VALUES: 1},
    ),
}


@dataclass(frozen=True, slots=True)
class Run:
    """All tasks as they ended, their Pods, and what the operator asked for in their namespace."""

    namespace: str
    tasks: dict[str, Json]
    pods: dict[str, Json]
    requests: list[audit.Request]

    def costs(self, task: str) -> Counter[str]:
        """Return the operator's writes for one task: of the task itself and of what is named after it."""
        own = [
            one for one in self.requests if one.name == task or one.name.startswith((f"{task}-", f"{task}."))
        ]
        return Counter(f"{one.right.verb} {one.right.resource}" for one in own if one.right and one.is_write)


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run all tasks, a few at a time: on an idle node no state that is passed through gets a write."""
    with tasks.namespace("baseline") as made:
        ended = _accompany(made)
        _await_last_events(made)
        pods = first(follow(made.core.list_namespaced_pod, made.namespace), bool, "the Pods")
        asked = [one for one in audit.by_account(OPERATOR) if one.namespace == made.namespace]
        yield Run(made.namespace, ended, pods, asked)


def kind_of(task: str) -> str:
    return task.partition("-")[0]


def mode_of(task: str) -> str:
    return task.split("-")[1]


def _accompany(made: Tasks) -> dict[str, Json]:
    """Create the tasks, do to each what a user does, once; return them when the last has ended."""
    listing = client.CustomObjectsApi(made.core.api_client).list_namespaced_custom_object
    where = ("containertask.dev", "v1alpha1", made.namespace, "containertasks")
    left = deque(
        f"{kind}-{mode}-{number}"
        for kind, one in KINDS.items()
        for number in range(one.count)
        for mode in modes.EVERY
    )
    changed: set[str] = set()
    for found in follow(listing, *where, seconds=SECONDS):
        for name in sorted(found.keys() - changed):
            if change := _due(kind_of(name), found[name].get("status", {})):
                changed.add(name)
                made.patch(name, **change)
        ended = {name for name, one in found.items() if one.get("status", {}).get("phase") in ENDS}
        if not left and ended == made.made.keys():
            return found
        while left and len(made.made.keys() - ended) < AT_ONCE:
            name = left.popleft()
            made.create(name, {**KINDS[kind_of(name)].spec, "start": modes.START[mode_of(name)]})
    raise AssertionError(f"not all tasks ended within {SECONDS} s")


def _due(kind: str, status: Json) -> Json:
    match kind, status.get("phase"), status.get("reason"):
        case "suspended", "Queued", "Suspended":
            return {"suspend": False}
        case "cancelled", "Running", _:
            return {"cancel": True}
        case _:
            return {}


def _await_last_events(made: Tasks) -> None:
    """Wait for the last Event of each task; they are posted by the way, after the status."""
    wanted = {(name, KINDS[kind_of(name)].reason) for name in made.made}

    def are_there(events: dict[str, Json]) -> bool:
        return wanted <= {(one["involvedObject"]["name"], one["reason"]) for one in events.values()}

    first(follow(made.core.list_namespaced_event, made.namespace), are_there, "the last Events")


def test_every_task_ends_as_it_should(run: Run) -> None:
    ends = {name: task["status"]["reason"] for name, task in run.tasks.items()}
    assert ends == {name: KINDS[kind_of(name)].reason for name in run.tasks}
    assert len(run.tasks) == sum(kind.count for kind in KINDS.values()) * len(modes.EVERY) == 27
    shapes = {run.tasks[name]["status"]["podName"]: mode_of(name) for name in run.tasks}
    assert {name: modes.mode_of(pod) for name, pod in run.pods.items()} == shapes


def test_no_task_costs_more_writes_than_its_budget(run: Run) -> None:
    costs = {name: run.costs(name) for name in run.tasks}
    most: dict[tuple[str, str], Counter[str]] = {}
    for name, cost in costs.items():
        key = kind_of(name), mode_of(name)
        most[key] = most.get(key, Counter()) | cost
    _show(most)
    # Nothing is left over that belongs to no task.
    assert sum(map(Counter.total, costs.values())) == sum(one.is_write for one in run.requests)
    assert all(0 < cost[EVENT] <= MOST_EVENTS for cost in costs.values()), costs
    for name, cost in costs.items():
        assert cost - Counter({EVENT: MOST_EVENTS}) <= Counter(KINDS[kind_of(name)].writes), name
        assert cost.total() - cost[EVENT] <= MOST_WRITES, name


def _show(most: dict[tuple[str, str], Counter[str]]) -> None:
    columns = [POD, VALUES, STATUS, STOP, EVENT]
    lines = [" | ".join(["dearest of a kind", "mode  ", *columns])]
    for (kind, mode), costs in most.items():
        cells = [f"{costs[one]:{len(one)}}" for one in columns]
        lines.append(" | ".join([f"{kind:17}", f"{mode:6}", *cells]))
    sys.stdout.write("\n" + "\n".join(lines) + "\n")


def test_no_pod_of_a_task_asks_the_api_server_for_anything(run: Run) -> None:
    assert run.requests
    assert audit.by_account(run.namespace) == []


def test_no_container_of_a_task_gets_a_token(run: Run) -> None:
    said = [
        task["status"]["outputs"][0]["value"]
        for name, task in run.tasks.items()
        if kind_of(name) == "success"
    ]
    assert said == ["absent"] * KINDS["success"].count * len(modes.EVERY)
    for pod in run.pods.values():
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert not [volume for volume in pod["spec"]["volumes"] if "projected" in volume]


def test_the_operator_writes_to_no_task_but_its_status(run: Run) -> None:
    """So neither an annotation of kopf's nor a finalizer gets into one; ``follow`` looks for them, too."""
    resources = {one.right.resource for one in run.requests if one.right and one.is_write}
    assert resources == {"containertasks/status", "configmaps", "events", "pods"}
