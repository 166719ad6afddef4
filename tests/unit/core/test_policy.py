"""What an administrator keeps from all tasks: found in the finished Pod, wherever it came from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, accept
from containertask.core.attempt import Attempt
from containertask.core.offers import Allow
from containertask.core.podspec import build_pod
from containertask.core.policy import enforce
from containertask.core.unbuildable import UnbuildableError
from support.builders import CONFIG, a_task

Json = dict[str, Any]

PRIVILEGED, HOST, PATHS, ACCOUNTS = (
    f"allow.{value}" for value in ("privileged", "hostNamespaces", "hostPaths", "serviceAccounts")
)
EVERYTHING = Allow(privileged=True, host_namespaces=True, host_paths=("/",))


def security(**fields: object) -> Json:
    return {"containers": [{"name": "x", "securityContext": fields}]}


def host_path(path: object) -> Json:
    return {"volumes": [{"name": "v", "hostPath": {"path": path}}]}


def port(**fields: object) -> Json:
    return {"containers": [{"name": "x", "ports": [{"containerPort": 80, **fields}]}]}


REFUSED: dict[str, tuple[Json, str, str]] = {
    "the node's network": ({"hostNetwork": True}, "hostNetwork", HOST),
    "the node's processes": ({"hostPID": True}, "hostPID", HOST),
    "the node's IPC": ({"hostIPC": True}, "hostIPC", HOST),
    "a port of the node": (port(hostPort=80), "containers[x].ports.hostPort", HOST),
    "a question of the node's": (
        {"containers": [{"name": "x", "readinessProbe": {"httpGet": {"host": "169.254.169.254"}}}]},
        "containers[x].readinessProbe.host",
        HOST,
    ),
    "another question of the node's": (
        {"containers": [{"name": "x", "lifecycle": {"postStart": {"tcpSocket": {"host": "10.0.0.1"}}}}]},
        "containers[x].postStart.host",
        HOST,
    ),
    "a privileged container": (
        security(privileged=True),
        "containers[x].securityContext.privileged",
        PRIVILEGED,
    ),
    "a privileged init container": (
        {"initContainers": security(privileged=True)["containers"]},
        "initContainers[x].securityContext.privileged",
        PRIVILEGED,
    ),
    "a privileged ephemeral container": (
        {"ephemeralContainers": security(privileged=True)["containers"]},
        "ephemeralContainers[x].securityContext.privileged",
        PRIVILEGED,
    ),
    "a capability": (security(capabilities={"add": ["SYS_ADMIN"]}), "capabilities", PRIVILEGED),
    "a capability by its long name": (security(capabilities={"add": ["CAP_NET_RAW"]}), "capab", PRIVILEGED),
    "a capability in small letters": (security(capabilities={"add": ["sys_ptrace"]}), "capab", PRIVILEGED),
    "all capabilities": (security(capabilities={"add": ["ALL"]}), "capabilities", PRIVILEGED),
    "an open /proc": (security(procMount="Unmasked"), "procMount", PRIVILEGED),
    "any system call": (security(seccompProfile={"type": "Unconfined"}), "seccompProfile", PRIVILEGED),
    "any system call for all": (
        {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
        "securityContext.seccompProfile",
        PRIVILEGED,
    ),
    "no AppArmor": (security(appArmorProfile={"type": "Unconfined"}), "appArmorProfile", PRIVILEGED),
    "another SELinux type": (security(seLinuxOptions={"type": "spc_t"}), "seLinuxOptions", PRIVILEGED),
    "an SELinux role": (security(seLinuxOptions={"role": "system_r"}), "seLinuxOptions", PRIVILEGED),
    "a process of a Windows host": (security(windowsOptions={"hostProcess": True}), "windows", PRIVILEGED),
    "a sysctl": ({"securityContext": {"sysctls": [{"name": "kernel.msgmax"}]}}, "sysctls", PRIVILEGED),
    "a setting of a later Kubernetes": (security(superUser=True), "securityContext.superUser", PRIVILEGED),
    "a folder of the node": (host_path("/data"), "volumes[v].hostPath /data", PATHS),
}


def refusal(spec: Json, allow: Allow, **metadata: Json) -> str:
    with pytest.raises(UnbuildableError) as caught:
        enforce({"metadata": metadata, "spec": spec}, allow)
    assert caught.value.reason == "NotAllowed"
    return caught.value.message


@pytest.mark.parametrize(("spec", "field", "value"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_allowed_is_named_with_the_value_that_would_allow_it(
    spec: Json, field: str, value: str
) -> None:
    said = refusal(spec, Allow())
    assert field in said
    assert said.endswith(f": the chart's value {value}")
    enforce({"spec": spec}, EVERYTHING)


def test_an_annotation_of_old_is_no_way_around() -> None:
    annotations = {"container.apparmor.security.beta.kubernetes.io/main": "unconfined"}
    assert PRIVILEGED in refusal({}, Allow(), annotations=annotations)


@pytest.mark.parametrize(
    "spec",
    [
        security(runAsUser=0, allowPrivilegeEscalation=True, privileged=False),
        security(
            capabilities={"add": ["NET_BIND_SERVICE", "CAP_CHOWN"], "drop": ["ALL"]}, procMount="Default"
        ),
        security(
            seccompProfile={"type": "Localhost", "localhostProfile": "p"}, seLinuxOptions={"level": "s0"}
        ),
        {"securityContext": {"fsGroup": 1, "sysctls": [{"name": "net.ipv4.tcp_syncookies"}]}},
        {"hostNetwork": False, "hostUsers": False},
        port(hostPort=0),
    ],
    ids=str,
)
def test_what_baseline_has_nothing_against_is_allowed(spec: Json) -> None:
    enforce({"spec": spec}, Allow())


@pytest.mark.parametrize("path", ["/data", "/data/", "/data/a/b", "//data/./x", "/data/a/../b", "/srv/x"])
def test_folders_within_a_prefix_are_allowed(path: str) -> None:
    enforce({"spec": host_path(path)}, Allow(host_paths=("/data/", "/srv/./x")))


@pytest.mark.parametrize(
    "path", ["/database", "/data/../etc", "/dat", "/", "//", "data", "", None, 5, "/srv", "/x/data"]
)
def test_other_folders_are_not_however_they_are_written(path: object) -> None:
    assert PATHS in refusal(host_path(path), Allow(host_paths=("/data", "/srv/x")))


@pytest.mark.parametrize(
    ("patterns", "account", "taken"),
    [
        (("*",), "anything", True),
        (("batch-*",), "batch-low", True),
        (("batch-*",), "my-batch-low", False),
        (("batch",), "batch-low", False),
        (("batch",), "batch\n", False),
        (("runner?",), "runner1", True),
        (("run.er",), "runner", False),
        ((), "default", False),
        (("default",), None, True),
        (("batch",), None, False),
    ],
)
def test_a_pattern_names_a_service_account_as_a_whole(
    patterns: tuple[str, ...], account: str | None, *, taken: bool
) -> None:
    spec = {} if account is None else {"serviceAccountName": account}
    if taken:
        enforce({"spec": spec}, Allow(service_accounts=patterns))
    else:
        assert ACCOUNTS in refusal(spec, Allow(service_accounts=patterns))


WAYS = {
    "the task's field": {"securityContext": {"privileged": True}},
    "the task's overlay": {
        "podTemplate": {"spec": {"containers": [{"name": "main", "securityContext": {"privileged": True}}]}}
    },
    "a container beside": {
        "podTemplate": {"spec": {"containers": [{"name": "x", "securityContext": {"privileged": True}}]}}
    },
    "a named template": {"podTemplate": {"name": "t"}},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_it_holds_for_every_way_into_the_pod(way: Json) -> None:
    view = a_task(**way).view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted)
    container = {"name": "y", "image": "y", "securityContext": {"privileged": True}}
    template = (
        {"template": {"spec": {"containers": [container]}}} if way == WAYS["a named template"] else None
    )
    one = Attempt(number=0, mode=Mode.INIT, template=template)
    with pytest.raises(UnbuildableError, match=r"privileged: the chart's value allow\.privileged"):
        build_pod(view, accepted, one, CONFIG)
    build_pod(view, accepted, one, replace(CONFIG, allow=Allow(privileged=True)))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["securityContext", "containers", "volumes", "initContainers", "serviceAccountName"])
INNER = st.sampled_from(
    ["securityContext", "ports", "hostPath", "capabilities", "lifecycle", "readinessProbe", "name"]
)


@given(st.dictionaries(FIELDS, anything | st.lists(st.dictionaries(INNER, anything))))
def test_whatever_the_pod_is_there_is_a_word_or_none(spec: Json) -> None:
    try:
        enforce({"spec": spec}, Allow())
    except UnbuildableError as error:
        said = error.message
        assert "allow." in said
