"""What the API server answers to the creation of a task's Pod: the questions, by their recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from recorded.causes import Cause, Change, in_spec, labelled, limits, main, policy, quota, terminating
from recorded.commands import WRITES, A
from recorded.webhooks import DENIES, FAILS, SLOW, Hook, hooked
from support.cluster import Json
from support.modes import GATED, INIT
from support.tasks import shell

_SPEC: Final = shell(WRITES, outputs=A)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A task's Pod, what is changed in it, and what the cluster has against it."""

    about: str
    spec: Json
    mode: str = GATED
    change: Change = lambda _pod: None
    around: Cause | None = None
    says: str = ""
    """A word of the answer: until it is in force, another one may come."""
    as_user: str | None = None


_TEAM: Final = "every Pod says whose it is"
_OWNED: Final = "has(object.metadata.labels) && 'team' in object.metadata.labels"

QUESTIONS: Final[dict[str, Question]] = {
    # --- What passes ---------------------------------------------------------------------------------
    "quota-exceeded": Question(
        about="a ResourceQuota has no room", spec=_SPEC, around=quota(pods="0"), says="exceeded quota"
    ),
    "quota-exceeded-init": Question(
        about="a ResourceQuota has no room, Init",
        spec=_SPEC,
        mode=INIT,
        around=quota(pods="0"),
        says="exceeded quota",
    ),
    "quota-of-cpu-exceeded": Question(
        about="a ResourceQuota has no room for what the command asks for",
        spec={**_SPEC, "resources": {"requests": {"cpu": "2"}}},
        around=quota(**{"requests.cpu": "1"}),
        says="exceeded quota",
    ),
    "quota-wants-requests": Question(
        about="a ResourceQuota wants every container to ask for CPU, and the task does not",
        spec=_SPEC,
        around=quota(**{"requests.cpu": "1"}),
        says="must specify",
    ),
    "service-account-missing": Question(
        about="a service account that does not exist", spec={**_SPEC, "serviceAccountName": "absent"}
    ),
    "operator-forbidden": Question(
        about="the operator's role does not let it",
        spec=_SPEC,
        as_user="system:serviceaccount:default:default",
    ),
    "namespace-terminating": Question(
        about="the namespace is being deleted", spec=_SPEC, around=terminating, says="terminated"
    ),
    # --- What does not answer ------------------------------------------------------------------------
    "webhook-times-out": Question(
        about="a webhook takes too long", spec=_SPEC, around=hooked(SLOW), says="failed calling"
    ),
    "webhook-unreachable": Question(
        about="nobody listens at a webhook's address",
        spec=_SPEC,
        around=hooked(Hook("/", port=1)),
        says="failed calling",
    ),
    "webhook-without-service": Question(
        about="a webhook's Service does not exist", spec=_SPEC, around=hooked(None), says="failed calling"
    ),
    "webhook-of-another-authority": Question(
        about="a webhook's certificate is not of the authority that it names",
        spec=_SPEC,
        around=hooked(Hook("/deny", trusted=False)),
        says="failed calling",
    ),
    "webhook-answers-503": Question(
        about="a webhook answers 503", spec=_SPEC, around=hooked(FAILS), says="unable to handle"
    ),
    # --- What never passes ---------------------------------------------------------------------------
    "webhook-denies": Question(
        about="a validating webhook denies", spec=_SPEC, around=hooked(DENIES), says="denied the request"
    ),
    "webhook-denies-init": Question(
        about="a validating webhook denies, Init",
        spec=_SPEC,
        mode=INIT,
        around=hooked(DENIES),
        says="denied the request",
    ),
    "webhook-denies-without-words": Question(
        about="a webhook denies and says nothing",
        spec=_SPEC,
        around=hooked(Hook("/mute")),
        says="denied the request",
    ),
    "webhook-denies-as-invalid": Question(
        about="a webhook denies with the code 422",
        spec=_SPEC,
        mode=INIT,
        around=hooked(Hook("/invalid")),
        says="denied the request",
    ),
    "webhook-denies-as-conflict": Question(
        about="a webhook denies with the code 409",
        spec=_SPEC,
        mode=INIT,
        around=hooked(Hook("/conflict")),
        says="denied the request",
    ),
    "webhook-denies-as-busy": Question(
        about="a webhook denies with the code 429",
        spec=_SPEC,
        mode=INIT,
        around=hooked(Hook("/busy")),
        says="denied the request",
    ),
    "policy-denies": Question(
        about="a ValidatingAdmissionPolicy denies",
        spec=_SPEC,
        around=policy(_OWNED, _TEAM, message=_TEAM),
        says=_TEAM,
    ),
    "policy-denies-init": Question(
        about="a ValidatingAdmissionPolicy denies, Init",
        spec=_SPEC,
        mode=INIT,
        around=policy(_OWNED, _TEAM, message=_TEAM),
        says=_TEAM,
    ),
    "policy-fails": Question(
        about="a ValidatingAdmissionPolicy cannot be evaluated",
        spec=_SPEC,
        mode=INIT,
        around=policy("object.metadata.labels['no-such'] == ''", "no such key"),
        says="no such key",
    ),
    "pod-security-restricted": Question(
        about="Pod security: restricted",
        spec=_SPEC,
        around=labelled(enforce="restricted"),
        says="PodSecurity",
    ),
    "pod-security-restricted-init": Question(
        about="Pod security: restricted, Init",
        spec=_SPEC,
        mode=INIT,
        around=labelled(enforce="restricted"),
        says="PodSecurity",
    ),
    "pod-security-baseline": Question(
        about="Pod security: baseline",
        spec={**_SPEC, "securityContext": {"privileged": True}},
        around=labelled(enforce="baseline"),
        says="PodSecurity",
    ),
    "limit-range-exceeded": Question(
        about="a LimitRange allows less memory",
        around=limits(max={"memory": "64Mi"}),
        says="maximum memory usage",
        spec={**_SPEC, "resources": {"limits": {"memory": "1Gi"}}},
    ),
    "limit-range-wants-less-copilot": Question(
        about="a LimitRange allows less memory than downloader and uploader have",
        spec={**_SPEC, "resources": {"limits": {"memory": "32Mi"}}},
        around=limits(max={"memory": "64Mi"}),
        says="maximum memory usage",
        mode=INIT,
    ),
    "priority-class-missing": Question(
        about="a priority class that does not exist", spec={**_SPEC, "priorityClassName": "absent"}
    ),
    "priority-class-missing-init": Question(
        about="a priority class that does not exist, Init",
        spec={**_SPEC, "priorityClassName": "absent"},
        mode=INIT,
    ),
    "runtime-class-missing": Question(
        about="a runtime class that does not exist",
        spec=_SPEC,
        change=in_spec(runtimeClassName="absent"),
        mode=INIT,
    ),
    "invalid-resources": Question(
        about="requests above limits",
        spec={**_SPEC, "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}},
    ),
    "invalid-field-path": Question(
        about="env takes a field that is none",
        spec={**_SPEC, "env": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "status.none"}}}]},
    ),
    "invalid-unknown-field": Question(
        about="a field that core/v1 does not know", spec={**_SPEC, "affinity": {"nodeAfinity": {}}}
    ),
    "invalid-type": Question(
        about="a field of another type than core/v1 has",
        spec={**_SPEC, "tolerations": [{"tolerationSeconds": "soon"}]},
    ),
    "invalid-mount-path": Question(
        about="two volumes at one path",
        spec=_SPEC,
        mode=INIT,
        change=main(
            volumeMounts=[{"name": "outputs", "mountPath": "/a"}, {"name": "inputs", "mountPath": "/a"}]
        ),
    ),
}
"""In this order: what is asked last takes the namespace with it."""
QUESTIONS["namespace-terminating"] = QUESTIONS.pop("namespace-terminating")
