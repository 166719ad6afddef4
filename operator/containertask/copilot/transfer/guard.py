"""The hosts that this process may reach. netguard.c enforces it, loaded by LD_PRELOAD before anything else.

There is no way to unload it or to take a host back, and without it nothing is moved. What is
allowed with local addresses is reached by all that the process does, a redirect to that very address, too.
"""

from __future__ import annotations

import ctypes

from containertask.copilot.transfer.errors import ForbiddenError
from containertask.copilot.transfer.keys import shown


def allow(host: str, *, local: bool = False) -> None:
    """Allow a host, a name or an IP address; ``local`` also where it is on this machine or its link.

    A name is asked for each time anew, and each answer is looked at.

    Raises:
        ForbiddenError: it is an address of the machine or the link, or there are too many hosts.
        RuntimeError: the guard is not loaded.
    """
    try:
        allow_host = ctypes.CDLL(None).netguard_allow
    except AttributeError:
        raise RuntimeError("netguard.so is not loaded: the Pod was made without LD_PRELOAD") from None
    match allow_host(host.encode(), int(local)):
        case 0:
            return
        case -1:
            text = "is an address of the machine itself or of its link: not allowed"
        case _:
            text = "is one host more than a task may reach"
    raise ForbiddenError(f"`{shown(host)}` {text}")
