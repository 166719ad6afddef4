"""The operator's process: settings, event loop, kopf, exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence

import kopf
import uvloop

from containertask import handlers
from containertask.kube import auth
from containertask.kube.client import ApiClient
from containertask.kube.errors import NoCredentials
from containertask.kube.gate import Gate
from containertask.kube.watch import Watcher
from containertask.runtime import log
from containertask.runtime.operator import Operator
from containertask.runtime.settings import Settings, SettingsError, from_environment

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the operator until it is told to end (0) or cannot go on (1); 2 is a mistake in its settings."""
    if sys.argv[1:] if arguments is None else arguments:
        sys.stderr.write("the operator takes no arguments: its settings are environment variables\n")
        return 2
    try:
        settings = from_environment(os.environ)
        credentials = auth.load()
    except (SettingsError, NoCredentials) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    log.set_up(settings.log_level, settings.log_format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(settings, credentials))


async def _run(settings: Settings, credentials: auth.Credentials) -> int:
    operator = Operator(
        settings,
        ApiClient(credentials, gate=Gate()),
        ApiClient(credentials, gate=None, connections=2),
        Watcher(credentials),
    )
    ended = asyncio.Event()
    try:
        await kopf.operator(
            registry=handlers.registry(operator, ended),
            settings=handlers.settings(),
            clusterwide=not settings.namespaces,
            namespaces=settings.namespaces,
            stop_flag=ended,
        )
    except Exception as error:  # noqa: BLE001 - the class that kopf raises after a failed start is private
        _log.error("the operator ends: %s", error.__cause__ or error)
        return 1
    finally:
        # Kopf cleans up only after a start that succeeded.
        await operator.stop()
    return 1 if operator.failed else 0
