"""Whose failure each end of an attempt is, and whether it is tried again: the table of design section 9.

The one place that says so; ``core.judge`` and its helpers find the reason, and nothing else.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from containertask.api.reasons import Kind, Reason


class Class(enum.Enum):
    """What an end means for the attempts that may follow."""

    USER = "user"
    """The user's failure: tried again within ``retries.limit``."""
    USER_FINAL = "user, not retried"
    """The user's failure, and the next attempt would come to the same."""
    SYSTEM = "system"
    """The cluster's or ours: tried again within ``retries.systemLimit``."""
    PERMANENT = "permanent"
    """Nothing but another spec, or somebody who mends the cluster, would change it."""
    TERMINAL = "terminal"
    """Somebody's will, or the clock over all attempts: nothing follows, whatever the rules say."""
    FREE = "free"
    """Our own doing: the next attempt follows at no cost to any budget."""

    @property
    def kind(self) -> Kind:
        """Return what ``status.error.kind`` says."""
        match self:
            case Class.SYSTEM | Class.FREE:
                return Kind.SYSTEM
            case Class.PERMANENT:
                return Kind.PERMANENT
            case Class.USER | Class.USER_FINAL | Class.TERMINAL:
                return Kind.USER


CLASSES: Final[Mapping[Reason, Class]] = MappingProxyType(
    {
        # The command
        Reason.NON_ZERO_EXIT: Class.USER,
        Reason.OOM_KILLED: Class.USER,
        Reason.USER_ERROR: Class.USER,
        Reason.EXECUTION_TIMEOUT: Class.USER,
        Reason.COMMAND_NOT_FOUND: Class.USER_FINAL,
        Reason.COMMAND_NOT_EXECUTABLE: Class.USER_FINAL,
        # Its outputs
        Reason.OUTPUT_MISSING: Class.USER,
        Reason.OUTPUT_INVALID: Class.USER,
        Reason.OUTPUT_TOO_LARGE: Class.USER,
        Reason.OUTPUT_UNREADABLE: Class.USER,
        # Its image and its inputs
        Reason.IMAGE_PULL_FAILED: Class.USER_FINAL,
        Reason.INVALID_IMAGE_NAME: Class.PERMANENT,
        Reason.NOT_ALLOWED: Class.PERMANENT,
        Reason.UNKNOWN_ACCELERATOR: Class.PERMANENT,
        Reason.RUN_AS_ROOT_FORBIDDEN: Class.PERMANENT,
        Reason.INVALID_INPUT: Class.PERMANENT,
        Reason.INPUT_NOT_FOUND: Class.PERMANENT,
        Reason.INPUT_DIGEST_MISMATCH: Class.PERMANENT,
        Reason.INPUT_TOO_LARGE: Class.PERMANENT,
        Reason.DEPENDENCY_FAILED: Class.PERMANENT,
        Reason.DEPENDENCY_DELETED: Class.PERMANENT,
        Reason.SECRET_NOT_FOUND: Class.PERMANENT,
        Reason.CONFIG_MAP_NOT_FOUND: Class.PERMANENT,
        # Stores
        Reason.STORE_UNAVAILABLE: Class.SYSTEM,
        Reason.STORE_FORBIDDEN: Class.PERMANENT,
        Reason.INPUT_CHANGED: Class.SYSTEM,
        Reason.OUTPUTS_EXIST: Class.SYSTEM,
        Reason.DISK_FULL: Class.SYSTEM,
        # What happens to Pods
        Reason.INTERRUPTED: Class.SYSTEM,
        Reason.EVICTED: Class.SYSTEM,
        Reason.PREEMPTED: Class.SYSTEM,
        Reason.NODE_LOST: Class.SYSTEM,
        Reason.POD_DELETED: Class.SYSTEM,
        Reason.POD_FAILED: Class.SYSTEM,
        Reason.POD_DEADLINE_EXCEEDED: Class.SYSTEM,
        Reason.CONTAINER_START_FAILED: Class.SYSTEM,
        # Ours
        Reason.DOWNLOAD_TIMEOUT: Class.SYSTEM,
        Reason.UPLOAD_TIMEOUT: Class.SYSTEM,
        Reason.QUEUED_TIMEOUT: Class.SYSTEM,
        Reason.COPILOT_FAILED: Class.SYSTEM,
        Reason.MESSAGE_TRUNCATED: Class.SYSTEM,
        Reason.MESSAGE_UNREADABLE: Class.SYSTEM,
        Reason.SUSPENDED: Class.FREE,
        Reason.IMAGE_VOLUME_UNUSABLE: Class.FREE,
        # What the API server does not take
        Reason.INVALID_SPEC: Class.PERMANENT,
        Reason.INVALID_POD_TEMPLATE: Class.PERMANENT,
        Reason.POD_REFUSED: Class.PERMANENT,
        Reason.POD_NAME_TAKEN: Class.PERMANENT,
        # The end of all attempts
        Reason.CANCELLED: Class.TERMINAL,
        Reason.DEADLINE_EXCEEDED: Class.TERMINAL,
    }
)

_THROTTLED: Final = re.compile(
    r"\b429\b|Too ?Many ?Requests|toomanyrequests|pull rate limit|pull QPS exceeded"
)
"""The registries' and the kubelet's words for what passes by itself."""
_NEVER_TRIED: Final = frozenset({Reason.INVALID_SPEC, Reason.POD_NAME_TAKEN})


def classify(reason: Reason, message: str = "") -> Class:
    """Return the class of an end. A registry that is too busy is nobody's fault but the system's."""
    if reason is Reason.IMAGE_PULL_FAILED and _THROTTLED.search(message):
        return Class.SYSTEM
    return CLASSES[reason]


RULED: Final = tuple(
    reason
    for reason, found in CLASSES.items()
    if found not in {Class.TERMINAL, Class.FREE} and reason not in _NEVER_TRIED
)
"""Reasons that ``retries.rules`` may name."""
