"""A Pod that the API server does not take for its image volume: the next attempt is in Init mode."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.actions import CreatePod, Plan
from containertask.core.mode import Cluster
from containertask.core.plan import plan
from containertask.core.podview import mode_in
from containertask.core.refusals import Fatal, Wait, WithoutVolume, judge_refusal
from containertask.core.snapshot import Refusal
from support.builders import CONFIG, NOW, a_task, at, refused, seen
from support.builders.recordings import a_recorded_refusal
from support.builders.tasks import TaskBuilder

ABLE: Final = Cluster(gates=True)
CERTAIN: Final = WithoutVolume(certain=True)
MAYBE: Final = WithoutVolume(certain=False)

OF_THE_VOLUME: Final = {
    "Pod Security": (
        403,
        'violates PodSecurity "x": restricted volume types (volume "launcher" uses "image")',
    ),
    "OpenShift": (403, 'spec.volumes[5]: Invalid value: "image": image volumes are not allowed to be used'),
    "Gatekeeper": (403, 'admission webhook "g" denied the request: The volume type image is not allowed'),
    "a server that drops the field": (422, "spec.volumes[5]: Required value: must specify a volume type"),
    "a server that does not know it": (400, 'strict decoding error: unknown field "spec.volumes[5].image"'),
    "a mount without its volume": (
        422,
        'spec.containers[1].volumeMounts[5].name: Not found: "launcher"',
    ),
}
OF_SOMETHING_ELSE: Final = {
    "no quota is left": (403, "exceeded quota: q", Wait(Reason.QUOTA_EXCEEDED, 15_000)),
    "no right to create Pods": (403, "cannot create resource", Wait(Reason.OPERATOR_FORBIDDEN, 60_000)),
    "the name is taken": (409, "", Fatal(Reason.POD_NAME_TAKEN)),
    "no answer of a webhook": (500, "image volume", Wait(Reason.POD_CREATION_FAILING, 10_000)),
    "too much for etcd": (500, "etcdserver: request is too large", Fatal(Reason.INVALID_POD_TEMPLATE)),
    "too much for the API server": (413, "limit is 3145728", Fatal(Reason.INVALID_POD_TEMPLATE)),
    "a resource of the user's": (422, "spec.containers[1].resources", Fatal(Reason.INVALID_POD_TEMPLATE)),
    "a webhook that only says no": (403, 'admission webhook "p" denied the request: no', MAYBE),
}


def planned(refusal: Refusal, task: TaskBuilder | None = None, *, now: int = NOW) -> Plan:
    return plan(seen(task or a_task(), refusal=refusal, cluster=ABLE), now, CONFIG)


def made(found: Plan) -> tuple[str, Mode]:
    assert isinstance(found.action, CreatePod), found
    assert found.status is None
    return found.action.pod["metadata"]["name"], mode_in(found.action.pod["spec"])


@pytest.mark.parametrize(("code", "text"), OF_THE_VOLUME.values(), ids=OF_THE_VOLUME.keys())
def test_words_about_the_volume_speak_for_the_whole_cluster(code: int, text: str) -> None:
    refusal = refused(code, text, mode=Mode.GATED)
    assert judge_refusal(refusal) == CERTAIN
    assert made(planned(refusal)) == ("demo-0a1b2-1", Mode.INIT)


@pytest.mark.parametrize(("code", "text", "judged"), OF_SOMETHING_ELSE.values(), ids=OF_SOMETHING_ELSE.keys())
def test_other_words_do_not(code: int, text: str, judged: object) -> None:
    assert judge_refusal(refused(code, text, mode=Mode.GATED)) == judged


@pytest.mark.parametrize("mode", [Mode.INIT, Mode.SIGNAL])
@pytest.mark.parametrize(("code", "text"), OF_THE_VOLUME.values(), ids=OF_THE_VOLUME.keys())
def test_a_pod_without_the_volume_is_not_refused_for_it(code: int, text: str, mode: Mode) -> None:
    assert isinstance(judge_refusal(refused(code, text, mode=mode)), Fatal)


@pytest.mark.parametrize(
    ("name", "judged"),
    [
        ("volume-refused", CERTAIN),
        ("volume-refused-as-forbidden", CERTAIN),
        ("volume-with-unknown-source", CERTAIN),
        ("volume-refused-without-words", MAYBE),
    ],
)
def test_recorded_refusals_lead_to_init_mode(name: str, judged: WithoutVolume) -> None:
    refusal = a_recorded_refusal(name)
    assert judge_refusal(refusal) == judged
    assert made(planned(refusal)) == ("demo-0a1b2-1", Mode.INIT)


def test_a_webhook_that_lists_what_it_allows_leads_to_init_mode() -> None:
    text = (
        'admission webhook "validate.kyverno.svc-fail" denied the request: restrict-volume-types: '
        "Only the following types of volumes may be used: configMap, emptyDir and secret."
    )
    assert made(planned(refused(400, text, mode=Mode.GATED))) == ("demo-0a1b2-1", Mode.INIT)


def test_a_task_that_is_refused_in_init_mode_too_ends_with_the_last_words() -> None:
    text = 'admission webhook "p" denied the request: no tasks on Sundays'
    found = planned(refused(403, text, attempt=1))
    assert found.action is None
    assert found.status is not None
    assert (found.status.reason, found.status.message) == ("PodRefused", text)


def test_an_attempt_in_init_mode_that_waits_stays_in_init_mode() -> None:
    waiting = refused(403, "exceeded quota: q", attempt=1, after=59)
    assert planned(waiting, now=at(60)).action is None
    assert made(planned(waiting, now=at(74))) == ("demo-0a1b2-1", Mode.INIT)
    gated = replace(waiting, mode=Mode.GATED, attempt=0)
    assert made(planned(gated, now=at(74))) == ("demo-0a1b2-0", Mode.GATED)


def test_a_suspension_meanwhile_is_heard_and_the_refusal_remembered() -> None:
    refusal = refused(422, OF_THE_VOLUME["OpenShift"][1], mode=Mode.GATED)
    status = planned(refusal, a_task().suspended()).status
    assert status is not None
    assert (status.reason, status.attempt) == ("Suspended", 0)
    assert made(planned(refusal, a_task().status(status).resumed())) == ("demo-0a1b2-1", Mode.INIT)


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (a_task().cancelled(), "Cancelled"),
        (a_task().timeout(total="30s"), "DeadlineExceeded"),
        (a_task().timeout(queued="30s"), "QueuedTimeout"),
    ],
)
def test_a_wish_or_a_clock_meanwhile_ends_the_task(task: TaskBuilder, reason: str) -> None:
    found = planned(refused(422, OF_THE_VOLUME["OpenShift"][1], mode=Mode.GATED), task)
    assert found.action is None
    assert found.status is not None
    assert found.status.reason == reason
