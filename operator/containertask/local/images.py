"""The image of a container, on this machine before it is used."""

from __future__ import annotations

import json
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.local.engines import Engine
from containertask.local.streams import Streams
from containertask.local.unstarted import UnstartedError

Json = dict[str, Any]

_ALWAYS: Final = "Always"
_NEVER: Final = "Never"
_INVALID: Final = "invalid reference format"
_SHOWN: Final = 500
_ROOT: Final = frozenset({"", "0", "root"})


def ensure(engine: Engine, container: Json, streams: Streams) -> None:
    """Have the image there, as ``imagePullPolicy`` says; raises UnstartedError."""
    image, policy = str(container["image"]), container.get("imagePullPolicy")
    there = engine.ask("image", "inspect", "--format", "{{json .Config}}", image)
    if policy == _ALWAYS or (there.exit_code != 0 and policy != _NEVER):
        streams.note(f"pulling {image}")
        pulled = engine.ask("pull", "--quiet", image, seconds=None)
        if pulled.exit_code != 0:
            raise _failed(pulled.stderr, image)
        there = engine.ask("image", "inspect", "--format", "{{json .Config}}", image)
    if there.exit_code != 0:
        raise _failed(there.stderr, image)
    _check_user(container, there.stdout)


def _failed(said: str, image: str) -> UnstartedError:
    reason = Reason.INVALID_IMAGE_NAME if _INVALID in said else Reason.IMAGE_PULL_FAILED
    return UnstartedError(reason, f"image {image}: {said[-_SHOWN:]}")


def _check_user(container: Json, config: str) -> None:
    security = container.get("securityContext") or {}
    if not security.get("runAsNonRoot"):
        return
    user = security.get("runAsUser")
    who = str((json.loads(config) or {}).get("User") or "").partition(":")[0] if user is None else str(user)
    if who in _ROOT:
        text = "runAsNonRoot is set, and the image runs as root: set securityContext.runAsUser"
        raise UnstartedError(Reason.RUN_AS_ROOT_FORBIDDEN, text)
