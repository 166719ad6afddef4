"""Tasks that name a template: they wait for it, keep it as it was, and run that to their end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from containertask.api.status import ConditionStatus, ContainerTaskStatus
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.actions import CreatePod, Plan
from containertask.core.blueprint import MAX_TEMPLATE_BYTES, digest, key_of
from containertask.core.dependencies import source_of
from containertask.core.names import MAIN
from containertask.core.plan import plan
from containertask.core.tasktemplates import TemplateView, new_status, template_view
from support.builders import CONFIG, NOW, a_pod, a_task, seen
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder
from support.crdschema import faults_of_status
from support.templateviews import AREA, a_run, a_template, template

Json = dict[str, Any]

CLUSTER = "ClusterContainerTaskTemplate"


def planned(task: TaskBuilder, named: TemplateView | None, *pods: PodBuilder, now: int = NOW) -> Plan:
    return plan(seen(task, *pods, named=named), now, CONFIG)


def status_of(found: Plan) -> ContainerTaskStatus:
    assert found.status is not None
    assert faults_of_status(found.status) == []
    return found.status


def begun(task: TaskBuilder, named: TemplateView | None = None) -> TaskBuilder:
    """Return the task with the status that it has when it has begun with a template."""
    return task.status(status_of(planned(task, named or template())))


def main_of(found: Plan) -> Json:
    assert isinstance(found.action, CreatePod), found
    containers: list[Json] = found.action.pod["spec"]["containers"]
    return next(one for one in containers if one["name"] == MAIN)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (None, "there is no ContainerTaskTemplate area in namespace lab: create it"),
        (CLUSTER, "there is no ClusterContainerTaskTemplate area: create it"),
    ],
)
def test_a_template_that_is_not_there_is_waited_for(kind: str | None, message: str) -> None:
    found = status_of(planned(a_run(kind=kind), None))
    assert (found.phase, found.reason) == ("Pending", "TemplateNotFound")
    assert found.waiting_for is not None
    assert found.waiting_for.message == message
    assert not found.conditions, "nobody knows yet whether the task holds together"


def test_a_template_that_contradicts_itself_is_waited_for_with_what_is_wrong() -> None:
    found = status_of(planned(a_run(), template({**AREA, "args": ["{{.inputs.b}}"]})))
    assert (found.phase, found.reason) == ("Pending", "TemplateInvalid")
    assert found.waiting_for is not None
    assert "ContainerTaskTemplate area: spec.args[0]" in found.waiting_for.message


def test_one_that_is_there_is_kept_in_the_status_before_there_is_a_pod() -> None:
    found = planned(a_run(), template(generation=7))
    kept = status_of(found).template
    assert found.action is None
    assert kept is not None
    assert (kept.kind, kept.name, kept.generation) == ("ContainerTaskTemplate", "area", 7)
    assert (kept.digest, kept.spec) == (digest(AREA), AREA)


def test_what_was_waited_for_is_said_no_more_when_it_is_there() -> None:
    waits = a_run().status(status_of(planned(a_run(), None)))
    found = status_of(planned(waits, template()))
    assert (found.phase, found.reason, found.message, found.waiting_for) == ("Pending", None, None, None)


def test_the_pod_runs_what_was_kept_whatever_the_template_is_now() -> None:
    other = template({**AREA, "image": "alpine:edge"}, generation=2)
    for now in (template(), other, None):
        main = main_of(planned(begun(a_run()), now))
        assert (main["image"], main["command"][-2:]) == ("alpine:3.22", ["area", "3"])


def test_an_override_takes_the_place_of_the_template_s_field() -> None:
    assert main_of(planned(begun(a_run(image="alpine:3.21")), None))["image"] == "alpine:3.21"


def test_a_later_attempt_runs_what_was_kept() -> None:
    task = begun(a_run(retries={"limit": 1}))
    failed = a_pod().scheduled().initialized().left(2).over()
    after = task.status(status_of(planned(task, None, failed)))
    again = planned(after, template({**AREA, "image": "alpine:edge"}), failed, now=NOW + 600_000)
    assert main_of(again)["image"] == "alpine:3.22"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inputs": []}, "spec.inputs[a].value: an input needs a value"),
        ({"inputs": [{"name": "b", "value": 1}]}, "spec.inputs[b]: the template declares no such input"),
        ({"inputs": [{"name": "a", "value": "x"}]}, "spec.inputs[a]: type float: `x` is not a number"),
    ],
    ids=["a value that is missing", "an input that is not there", "a value of another type"],
)
def test_a_task_that_does_not_fit_its_template_ends_as_invalid(fields: Json, message: str) -> None:
    found = status_of(planned(begun(a_run(**fields)), None))
    assert (found.phase, found.reason) == ("Failed", "InvalidSpec")
    assert message in (found.message or "")
    assert found.template is not None, "what it did not fit is told, too"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"command": ["true"]}, "spec.command: beside templateRef the template says it"),
        ({"templateRef": {"name": "A b"}}, "spec.templateRef.name: `A b`"),
        ({"templateRef": {}}, "spec.templateRef.name: is missing"),
        ({"templateRef": {"name": "a", "kind": "Pod"}}, "spec.templateRef.kind: `Pod` is none of"),
        ({"templateRef": "area"}, "spec.templateRef: a string where an object is wanted"),
        ({"timeout": {"queued": 3}}, "spec.timeout.queued"),
    ],
)
def test_what_no_template_would_make_right_is_refused_without_waiting(fields: Json, message: str) -> None:
    found = accept(a_run(**fields).view())
    assert isinstance(found, Refused)
    assert found.message.startswith(message)


def test_a_reference_that_is_null_is_one_left_out() -> None:
    assert isinstance(accept(a_task(templateRef=None).having("spec", {"templateRef": None}).view()), Accepted)


def test_clocks_and_wishes_count_while_the_template_is_waited_for() -> None:
    late = NOW + 3_600_000
    for task, reason in (
        (a_run(timeout={"total": "1m"}), "DeadlineExceeded"),
        (a_run(timeout={"queued": "1m"}, retries={"systemLimit": 0}), "QueuedTimeout"),
        (a_run(cancel=True), "Cancelled"),
    ):
        found = status_of(planned(task, None, now=late))
        assert found.reason == reason
        assert found.template is None
    assert status_of(planned(a_run(suspend=True), template())).reason == "Suspended"


def test_growing_memory_may_be_the_template_s() -> None:
    """Until that is known, nobody can say whether there is a limit to raise."""
    task = a_run(retries={"limit": 1, "onOOM": {"memoryPercent": 200, "max": "1Gi"}})
    assert isinstance(accept(task.view()), Accepted)


def test_a_finished_task_is_cleaned_up_as_its_template_says() -> None:
    ended = begun(a_run(ttlSecondsAfterFinished=60)).status(
        **begun(a_run()).raw["status"] | {"phase": "Succeeded"}
    )
    assert ended.view().spec == {"podRetention": "Never", "ttlSecondsAfterFinished": 60}
    assert ended.view().status.template is None, "of a finished task only what its clean-up needs is kept"


def test_what_another_task_takes_of_it_is_typed_by_the_template() -> None:
    done = begun(a_run()).status(
        **begun(a_run()).raw["status"]
        | {"phase": "Succeeded", "outputs": [{"name": "area", "type": "float", "value": 1.5}]}
    )
    found = source_of(done.raw)
    assert found is not None
    assert found.types == {"area": "float"}


def test_the_namespace_s_template_and_the_cluster_s_of_one_name_are_two() -> None:
    assert key_of(a_run().view().spec, "lab") == ("lab", "area")
    assert key_of(a_run(kind=CLUSTER).view().spec, "lab") == ("", "area")
    kept = begun(a_run(kind=CLUSTER), template(namespace="")).view().status.template
    assert kept is not None
    assert kept.kind == CLUSTER


BAD_DEFAULT = {"name": "a", "type": "float", "default": "x"}
TOO_LARGE = {**AREA, "args": ["x" * MAX_TEMPLATE_BYTES]}


@pytest.mark.parametrize(
    ("spec", "holds", "message"),
    [
        (AREA, ConditionStatus.TRUE, "the specification is valid"),
        ({**AREA, "image": 3}, ConditionStatus.FALSE, "spec.image: an integer"),
        ({}, ConditionStatus.FALSE, "spec.image: is missing"),
        ({**AREA, "args": ["{{.inputs.b}}"]}, ConditionStatus.FALSE, "spec.args[0]: {{.inputs.b}}"),
        ({**AREA, "args": ["{{.inputs.a.uri}}"]}, ConditionStatus.FALSE, "the value has no URI"),
        ({**AREA, "inputs": [BAD_DEFAULT]}, ConditionStatus.FALSE, "spec.inputs[a]"),
        (TOO_LARGE, ConditionStatus.FALSE, f"at most {MAX_TEMPLATE_BYTES} do"),
    ],
    ids=[
        "valid",
        "an integer as image",
        "nothing",
        "no such input",
        "no such form",
        "a bad default",
        "too much",
    ],
)
def test_the_status_of_a_template_says_whether_it_is_valid(
    spec: Json, holds: ConditionStatus, message: str
) -> None:
    found = new_status(template(spec), NOW)
    assert found is not None
    assert found.conditions is not None
    assert [(one.type, one.status) for one in found.conditions] == [("Ready", holds)]
    assert message in found.conditions[0].message
    assert found.digest == digest(spec)


def test_a_status_that_says_it_already_is_not_written_again() -> None:
    found = new_status(template(), NOW)
    assert found is not None
    assert new_status(replace(template(), status=found), NOW + 60_000) is None


def test_a_status_that_is_not_ours_is_written_anew() -> None:
    raw = {**a_template(), "status": {"conditions": "none"}}
    assert new_status(template_view(raw), NOW) is not None
