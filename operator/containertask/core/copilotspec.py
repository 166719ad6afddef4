"""Downloader and uploader as containers of a task's Pod."""

from __future__ import annotations

from typing import Any, Final

from containertask import contract
from containertask.contract.manifest import Mode
from containertask.core import security
from containertask.core.accept import Accepted
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.names import DOWNLOADER, UPLOADER
from containertask.core.storemounts import store_environment
from containertask.core.texts import without_nothing
from containertask.core.volumes import mounts

Json = dict[str, Any]

_COPILOT: Final = "/opt/containertask/copilot"
_LAUNCHER: Final = f"/{contract.LAUNCHER_IMAGE_SUBPATH}/{contract.LAUNCHER_NAME}"


def downloader(accepted: Accepted, attempt: Attempt, config: Config, user: Json) -> Json:
    """Return the container that brings the inputs."""
    found = _copilot(DOWNLOADER, [_COPILOT, "download"], accepted, attempt, config)
    return found | _as_main(config, user) if attempt.mode is Mode.SIGNAL else found


def uploader(accepted: Accepted, attempt: Attempt, config: Config, user: Json) -> Json:
    """Return the container that reads the outputs.

    In Signal mode it is a native sidecar, which lives for as long as the command does: so it is our
    launcher's small wait, and becomes the uploader when it is told to end. ``user`` is the security context
    that says as whom ``main`` runs.
    """
    command = [_COPILOT, "upload"]
    if attempt.mode is not Mode.SIGNAL:
        return _copilot(UPLOADER, command, accepted, attempt, config)
    found = _copilot(UPLOADER, [_LAUNCHER, "wait", "--", *command], accepted, attempt, config)
    wait = [{"name": name, "value": value} for name, value in contract.WAIT_ENVIRONMENT.items()]
    env = [*wait, *found.get("env", ())]
    return {**found, **_as_main(config, user), "restartPolicy": "Always", "env": env}


def _as_main(config: Config, user: Json) -> Json:
    return {"securityContext": security.of_copilot(config, user)}


def _copilot(name: str, command: list[str], accepted: Accepted, attempt: Attempt, config: Config) -> Json:
    asked = accepted.spec.copilot_resources
    limits = asked.limits or {} if asked else {}
    return without_nothing(
        {
            "name": name,
            "image": config.image,
            "imagePullPolicy": config.image_pull_policy,
            "command": command,
            "env": store_environment(attempt.use, name) or None,
            "resources": {
                "requests": _requests(config, limits) | (asked.requests or {} if asked else {}),
                "limits": {**config.copilot_limits, **limits},
            },
            "securityContext": security.of_copilot(config),
            "volumeMounts": mounts(name, accepted, attempt),
        }
    )


def _requests(config: Config, limits: Json) -> Json:
    """Leave out our request where the user sets a limit: the limit is the request then, as in core/v1."""
    return {name: value for name, value in config.copilot_requests.items() if name not in limits}
