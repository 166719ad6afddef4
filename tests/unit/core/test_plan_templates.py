"""A task that names a PodTemplate: it is asked for, waited for, and asked for anew for the next attempt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from containertask.core.accept import accept
from containertask.core.actions import CreatePod, Plan, ReadTemplate
from containertask.core.config import Config
from containertask.core.plan import plan
from containertask.core.snapshot import Snapshot, TemplateNote
from support.builders import CONFIG, TaskBuilder, a_task

Json = dict[str, Any]

TASK = a_task(podTemplate={"name": "t"}, timeout={"queued": "1m"})
SPEC = {"containers": [{"name": "main", "image": "x", "env": [{"name": "A", "value": "b"}]}]}
FOUND: Json = {"metadata": {"name": "t"}, "template": {"spec": SPEC}}


def planned(
    note: TemplateNote | None, after: int = 0, task: TaskBuilder = TASK, config: Config = CONFIG
) -> Plan:
    """Return the plan so many milliseconds after the task's creation."""
    view = task.view()
    return plan(Snapshot(task=view, accepted=accept(view), template=note), view.created + after, config)


def noted(after: int, **more: Any) -> TemplateNote:
    return TemplateNote(**{"name": "t", "at": TASK.view().created + after, **more})


def test_it_is_asked_for_before_there_is_a_pod() -> None:
    assert planned(None) == Plan(action=ReadTemplate("t"))


def test_a_task_that_names_none_asks_for_none() -> None:
    assert isinstance(planned(None, task=a_task()).action, CreatePod)


def test_the_pod_is_made_of_what_was_found() -> None:
    action = planned(noted(0, raw=FOUND), 10).action
    assert isinstance(action, CreatePod)
    (main,) = (one for one in action.pod["spec"]["containers"] if one["name"] == "main")
    assert {"name": "A", "value": "b"} in main["env"]


def test_what_was_found_is_good_for_a_minute_and_what_was_not_for_five_seconds() -> None:
    assert isinstance(planned(noted(0, raw=FOUND), 59_999).action, CreatePod)
    assert planned(noted(-30_000, raw=FOUND), 30_000).action == ReadTemplate("t")
    assert planned(noted(0), 5_000).action == ReadTemplate("t")


def test_a_note_about_another_template_says_nothing() -> None:
    assert planned(noted(0, name="another", raw=FOUND), 1).action == ReadTemplate("t")


def test_while_it_is_not_there_the_status_says_so_and_it_is_looked_for_again() -> None:
    found = planned(noted(0), 1_000)
    assert found.action is None
    assert found.status is not None
    assert found.status.waiting_for is not None
    assert found.status.waiting_for.reason == found.status.reason == "PodTemplateNotFound"
    assert found.again_in == 4_000


def test_a_right_that_the_operator_has_not_is_told_as_such() -> None:
    status = planned(noted(0, refused="podtemplates is forbidden"), 1_000).status
    assert status is not None
    assert (status.reason, status.message) == ("OperatorForbidden", "podtemplates is forbidden")


def test_the_queued_clock_ends_the_wait() -> None:
    status = planned(noted(58_000), 60_000, TASK.spec(retries={"systemLimit": 0})).status
    assert status is not None
    assert status.reason == "QueuedTimeout"


@pytest.mark.parametrize(
    ("spec", "reason", "said"),
    [
        ({"nodeName": "n"}, "InvalidPodTemplate", "PodTemplate t: template.spec.nodeName"),
        ({"hostNetwork": True}, "NotAllowed", "hostNetwork: the chart's value allow.hostNamespaces"),
    ],
)
def test_what_no_pod_can_be_made_of_ends_the_task(spec: Json, reason: str, said: str) -> None:
    found = planned(noted(0, raw={**FOUND, "template": {"spec": spec}}), 10)
    assert found.action is None
    assert found.status is not None
    assert (found.status.phase, found.status.reason) == ("Failed", reason)
    assert found.status.error is not None
    assert found.status.error.kind == "Permanent"
    assert said in (found.status.message or "")


def test_an_accelerator_that_nobody_knows_ends_the_task_with_those_that_are_known() -> None:
    task = a_task(accelerator={"type": "h100"})
    status = planned(None, task=task, config=replace(CONFIG, accelerators={})).status
    assert status is not None
    assert (status.reason, "there is none, so ask" in (status.message or "")) == ("UnknownAccelerator", True)
