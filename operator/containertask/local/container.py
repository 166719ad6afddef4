"""The command as a container of docker's or podman's, made as the kubelet does, and removed at the end."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from pathlib import Path
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.core.instants import to_ms
from containertask.core.podview import Terminated
from containertask.errors import MissingToolError
from containertask.local import programs
from containertask.local.engines import Engine
from containertask.local.flags import flags, passed_on
from containertask.local.images import ensure
from containertask.local.main import Wanted
from containertask.local.moments import now_ms
from containertask.local.places import Folders
from containertask.local.streams import Streams
from containertask.local.unstarted import UnstartedError

Json = dict[str, Any]

_NO_PROGRAM: Final = "no command specified"
_SHOWN: Final = 500
_STARTED: Final = re.compile(r"(?P<second>[0-9-]+T[0-9:]+)(?:\.[0-9]+)?")
_NEVER: Final = "0001-"


class ContainerMain:
    """A container with a name that nobody else has."""

    def __init__(self, engine: Engine, wanted: Wanted, folders: Folders, streams: Streams) -> None:
        """Make and start it; raises UnstartedError, MissingToolError."""
        self._engine = engine
        self._name = f"ctask-{wanted.name}-{uuid.uuid4().hex[:8]}"
        launcher = programs.launcher() if wanted.launched else None
        if wanted.launched and launcher is None:
            raise MissingToolError(_no_launcher())
        ensure(engine, wanted.container, streams)
        try:
            self._create(wanted, folders, launcher)
            self.process = subprocess.Popen(
                [engine.path, "start", "--attach", self._name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except BaseException:
            self._remove()
            raise

    def _create(self, wanted: Wanted, folders: Folders, launcher: Path | None) -> None:
        given, passed = passed_on(wanted.variables)
        entry, rest = wanted.command[:1], [*wanted.command[1:], *wanted.args]
        said = self._engine.ask(
            "create",
            *("--name", self._name, "--log-driver", "none"),
            *flags(wanted, folders, launcher),
            *given,
            *(("--entrypoint", entry[0]) if entry else ()),
            str(wanted.container["image"]),
            *rest,
            env=passed,
        )
        if said.exit_code == 0:
            return
        if _NO_PROGRAM in said.stderr.lower():
            text = "the image has no ENTRYPOINT, and the task no command: set command"
            raise UnstartedError(Reason.COMMAND_NOT_FOUND, text)
        raise UnstartedError(Reason.CONTAINER_START_FAILED, f"main: {said.stderr[-_SHOWN:]}")

    def ask(self) -> None:
        """Send SIGTERM."""
        self._engine.ask("kill", "--signal", "TERM", self._name)

    def force(self) -> None:
        """Send SIGKILL, and wait for nothing."""
        self._engine.ask("kill", self._name)
        self.process.kill()

    def ended(self) -> Terminated:
        """Return how it has ended."""
        state: Json = {}
        said = self._engine.ask("inspect", "--format", "{{json .State}}", self._name)
        if said.exit_code == 0:
            state = json.loads(said.stdout)
        started = _moment(str(state.get("StartedAt") or ""))
        if started is None:
            text = str(state.get("Error") or f"{self._engine.name} did not start it")
            code = int(state.get("ExitCode") or 128)
            return Terminated(
                exit_code=code, reason="StartError", message=text, started=None, finished=now_ms()
            )
        return Terminated(
            exit_code=int(state.get("ExitCode", 0)),
            reason="OOMKilled" if state.get("OOMKilled") else "",
            message="",
            started=started,
            finished=now_ms(),
        )

    def remove(self) -> None:
        """Remove it, whatever it does."""
        self._remove()
        self.process.wait()

    def _remove(self) -> None:
        try:
            self._engine.ask("rm", "--force", "--volumes", self._name)
        except KeyboardInterrupt:  # a second one must not leave it there
            self._engine.ask("rm", "--force", "--volumes", self._name)
            raise


def _moment(text: str) -> int | None:
    found = _STARTED.match(text)
    return None if found is None or text.startswith(_NEVER) else to_ms(f"{found['second']}Z")


def _no_launcher() -> str:
    text = "the launcher is not here, and no container runs a command without it"
    file = "/opt/containertask/launcher/launcher of the operator's image"
    return f"{text}: set {programs.LAUNCHER} to a copy of {file}, or run `hack/go build` in a clone"
