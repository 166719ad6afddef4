"""Security contexts: the copilot's always satisfies *restricted*; main's defaults are the administrator's."""

from __future__ import annotations

from typing import Any

from containertask.core.config import Config, PodSecurity

Json = dict[str, Any]


def of_copilot(config: Config, main: Json | None = None) -> Json:
    """Return the security context of downloader and uploader.

    ``main`` is the user's, where no launcher of the same user makes the outputs readable: then they run
    as that user, if one is named that *restricted* allows.
    """
    user = {"runAsUser": config.copilot_uid} if config.copilot_uid is not None else {}
    if main and main.get("runAsUser"):
        user = {name: main[name] for name in ("runAsUser", "runAsGroup") if main.get(name) is not None}
    return {**_restricted(), **user, "readOnlyRootFilesystem": True}


def of_main(wanted: Json, config: Config, pod: Json) -> Json:
    """Return the security context of ``main``: the defaults, and the user's own fields over them.

    Where that of the whole Pod says something, it is the user's word too, and no default goes over it. What
    the cluster does not allow is refused by the cluster's own admission, with its own words.
    """
    defaults = _baseline() if config.pod_security is PodSecurity.BASELINE else _restricted()
    defaults = {name: value for name, value in defaults.items() if name not in pod}
    if wanted.get("privileged") is True or "CAP_SYS_ADMIN" in _added(wanted):
        # The API server refuses the two together, and the user's word is the later one.
        defaults.pop("allowPrivilegeEscalation", None)
    if isinstance(added := wanted.get("capabilities"), dict):
        # Whoever adds one capability has not asked for all the others that images have by default.
        wanted = {**wanted, "capabilities": {**defaults.get("capabilities", {}), **added}}
    return {**defaults, **wanted}


def _added(wanted: Json) -> list[object]:
    match wanted.get("capabilities"):
        case {"add": list(added)}:
            return added
        case _:
            return []


def _baseline() -> Json:
    return {"allowPrivilegeEscalation": False, "seccompProfile": {"type": "RuntimeDefault"}}


def _restricted() -> Json:
    return {**_baseline(), "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}}
