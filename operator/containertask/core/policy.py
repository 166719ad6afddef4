"""What an administrator keeps from all tasks: looked for in the finished Pod, wherever it came from.

The one place that enforces it, and the last step of building a Pod. It goes by what is allowed: a kind of
security setting that it does not know is refused. Only *shapes* that the API server refuses are let by.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.core.offers import Allow
from containertask.core.overlay import normal_path
from containertask.core.unbuildable import UnbuildableError
from containertask.words import shown

Json = dict[str, Any]
Found = tuple[str, str]
"""A field, and the chart's value that would allow it."""

_PRIVILEGED: Final = "allow.privileged"
_HOST: Final = "allow.hostNamespaces"
_SECTIONS: Final = ("initContainers", "containers", "ephemeralContainers")
_CAPABILITIES: Final = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
"""What containers have by default, which is what *baseline* lets them ask for."""
_SYSCTLS: Final = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_syncookies",
    }
)
_SELINUX_TYPES: Final = frozenset(
    {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
)
_APPARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"
_HANDLERS: Final = ("livenessProbe", "readinessProbe", "startupProbe", "postStart", "preStop")
_HERE: Final = frozenset({""})


def enforce(pod: Json, allow: Allow) -> None:
    """Look for what is not allowed.

    Raises:
        UnbuildableError: there is something; the message names each field, and the chart's value for it.
    """
    found = [f"{field}: the chart's value {value}" for field, value in dict.fromkeys(_found(pod, allow))]
    if found:
        text = "not allowed by the operator's administrator, who could set for "
        raise UnbuildableError(Reason.NOT_ALLOWED, text + "; ".join(found))


def _found(pod: Json, allow: Allow) -> Iterator[Found]:
    spec = _object(pod.get("spec"))
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    if not any(re.fullmatch(fnmatch.translate(one), str(account)) for one in allow.service_accounts):
        yield f"serviceAccountName {shown(str(account))}", "allow.serviceAccounts"
    yield from _host_paths(spec, allow)
    if not allow.host_namespaces:
        yield from ((name, _HOST) for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name))
    if not allow.privileged:
        yield from ((f"securityContext.{name}", _PRIVILEGED) for name in _security(spec, POD_SECURITY))
        annotations = _object(_object(pod.get("metadata")).get("annotations"))
        for name, value in annotations.items():
            if name.startswith(_APPARMOR) and value == "unconfined":
                yield f"annotation {shown(name)}", _PRIVILEGED
    for section in _SECTIONS:
        for one in filter(None, map(_object, _list(spec.get(section)))):
            where = f"{section}[{shown(str(one.get('name')))}]"
            yield from _container(where, one, allow)


def _container(where: str, one: Json, allow: Allow) -> Iterator[Found]:
    if not allow.privileged:
        for name in _security(one, CONTAINER_SECURITY):
            yield f"{where}.securityContext.{name}", _PRIVILEGED
    if allow.host_namespaces:
        return
    if any(_object(port).get("hostPort") for port in _list(one.get("ports"))):
        yield f"{where}.ports.hostPort", _HOST
    # The node asks these, from its own network.
    for name, handler in {**one, **_object(one.get("lifecycle"))}.items():
        asked = (_object(_object(handler).get(kind)).get("host") for kind in ("httpGet", "tcpSocket"))
        if name in _HANDLERS and any(host not in _HERE for host in asked if host is not None):
            yield f"{where}.{name}.host", _HOST


def _host_paths(spec: Json, allow: Allow) -> Iterator[Found]:
    prefixes = [f"{normal_path(one).rstrip('/')}/" for one in allow.host_paths]
    for one in map(_object, _list(spec.get("volumes"))):
        if (mounted := one.get("hostPath")) is None:
            continue
        path = str(_object(mounted).get("path", ""))
        within = path.startswith("/") and any(f"{normal_path(path)}/".startswith(each) for each in prefixes)
        if not within:
            yield f"volumes[{shown(str(one.get('name')))}].hostPath {shown(path)}", "allow.hostPaths"


def _security(holder: Json, known: Mapping[str, Callable[[Any], bool]]) -> Iterator[str]:
    for name, value in _object(holder.get("securityContext")).items():
        if value is not None and (name not in known or not known[name](value)):
            yield shown(name)


def _any(_: object) -> bool:
    return True


def _confined(profile: object) -> bool:
    return _object(profile).get("type") != "Unconfined"


def _labelled(options: object) -> bool:
    asked = _object(options)
    return asked.get("type", "") in _SELINUX_TYPES and not asked.get("user") and not asked.get("role")


def _capable(capabilities: object) -> bool:
    added = _object(capabilities).get("add")
    return all(str(one).upper().removeprefix("CAP_") in _CAPABILITIES for one in _list(added))


def _safe(sysctls: object) -> bool:
    return all(_object(one).get("name") in _SYSCTLS for one in _list(sysctls))


def _no_host_process(options: object) -> bool:
    return not _object(options).get("hostProcess")


_OF_BOTH: Final[Mapping[str, Callable[[Any], bool]]] = {
    "appArmorProfile": _confined,
    "runAsGroup": _any,
    "runAsNonRoot": _any,
    "runAsUser": _any,
    "seLinuxOptions": _labelled,
    "seccompProfile": _confined,
    "windowsOptions": _no_host_process,
}
POD_SECURITY: Final[Mapping[str, Callable[[Any], bool]]] = {
    **_OF_BOTH,
    "fsGroup": _any,
    "fsGroupChangePolicy": _any,
    "seLinuxChangePolicy": _any,
    "supplementalGroups": _any,
    "supplementalGroupsPolicy": _any,
    "sysctls": _safe,
}
"""Each field of a Pod's security context, and whether *baseline* has nothing against its value."""
CONTAINER_SECURITY: Final[Mapping[str, Callable[[Any], bool]]] = {
    **_OF_BOTH,
    "allowPrivilegeEscalation": _any,
    "capabilities": _capable,
    "privileged": lambda value: value is False,
    "procMount": lambda value: value == "Default",
    "readOnlyRootFilesystem": _any,
}
"""The same of a container."""


def _object(raw: object) -> Json:
    return raw if isinstance(raw, dict) else {}


def _list(raw: object) -> list[Any]:
    return raw if isinstance(raw, list) else []
