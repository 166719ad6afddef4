"""One task on this machine, from its YAML to its outputs: the steps of a Pod, one after another.

The operator's own functions check the task and make its manifest, downloader and uploader are the copilot's
own code, each in a process, the launcher is that of the Pods, and the operator's tables give the verdict.
Left out are retries (one attempt is made), the cache, and all that says where on a cluster a Pod runs.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.core.verdict import Verdict
from containertask.errors import InvalidTaskError, LocalRunError
from containertask.local.attending import Attendance
from containertask.local.container import ContainerMain
from containertask.local.engines import Engine, engine
from containertask.local.judging import Judged, judged
from containertask.local.layout import lay_out, moves, wanted
from containertask.local.localfiles import local_text, with_claims
from containertask.local.main import Main, Wanted
from containertask.local.moments import now_ms
from containertask.local.moving import moved
from containertask.local.options import LocalOptions, LocalRun, Logs, Runtime
from containertask.local.places import Folders
from containertask.local.planned import Planned, identified, planned, view_of
from containertask.local.process import ProcessMain
from containertask.local.referents import Referents
from containertask.local.scrubbing import scrub
from containertask.local.steps import Steps
from containertask.local.streams import Streams
from containertask.local.unstarted import UnstartedError

__all__ = ["LocalOptions", "LocalRun", "Logs", "Runtime", "run_local"]

Json = dict[str, Any]

_BY_HAND: Final = "interrupted before the command began"


def run_local(task: Json, options: LocalOptions | None = None) -> LocalRun:
    """Run a task here and return how it ended. A command that fails is a result as any other.

    It may be called by any thread, and by several at once. Ctrl-C ends the run as cancelled.

    Args:
        task: the ContainerTask object, as in YAML.
        options: how.

    Raises:
        InvalidTaskError: the task contradicts itself, or needs a cluster.
        MissingToolError: neither docker nor podman answers, or the launcher is not here.
        LocalRunError: this machine, or the folder, is not fit for it.
    """
    options = options or LocalOptions()
    if not sys.platform.startswith("linux"):
        raise LocalRunError(
            "containers share a FIFO with this machine, which only Linux allows: use a cluster"
        )
    name, namespace, spec = identified(task)
    if options.runtime is Runtime.PROCESS and not spec.get("command"):
        text = "spec.command: without a container there is no image whose ENTRYPOINT could run: set command"
        raise InvalidTaskError([text])
    folders = Folders.make(options.folder, name)
    try:
        run = _Run(options, folders, Streams(options.logs))
        return run.run(name, namespace, with_claims(spec))
    except BaseException:
        folders.remove_work()
        folders.remove()
        raise


@dataclass(slots=True)
class _Run:
    """One run, and what is known of it so far."""

    options: LocalOptions
    folders: Folders
    streams: Streams
    engine: Engine | None = None

    @property
    def contained(self) -> bool:
        """Tell whether a container runs the command."""
        return self.options.runtime is not Runtime.PROCESS

    def run(self, name: str, namespace: str, spec: Json) -> LocalRun:
        """Run it from the spec as written."""
        if not self.contained:
            spec = moved(spec, moves(spec, self.folders))
        view = view_of(name, namespace, spec)
        try:
            plan = planned(view, self.options.stores, self.options.attempt, contained=self.contained)
            found = self._attempted(plan)
        except UnstartedError as error:
            found = self._unstarted(error.reason, error.message)
        except KeyboardInterrupt:
            found = self._unstarted(Reason.CANCELLED, _BY_HAND)
        except OSError as error:
            where, why = error.filename or self.folders.kept, (error.strerror or "unknown error").lower()
            raise LocalRunError(f"{where}: {why}") from None
        self._clean(spec, found)
        return LocalRun(
            name=name,
            phase=found.phase,
            reason=found.verdict.reason or Reason.SUCCEEDED,
            message=found.message,
            exit_code=found.verdict.exit_code,
            outputs=found.outputs,
            folder=self.folders.kept,
            log=self.streams.tail,
            origin=found.verdict.origin,
            figures=found.verdict.figures,
            created_ms=view.created,
            completed_ms=now_ms(),
        )

    def _attempted(self, plan: Planned) -> Judged:
        if self.contained:
            self.engine = engine(self.options.runtime)
        self._note(plan)
        referents = Referents.of(self.options.secrets, self.options.config_maps)
        lay_out(plan, self.folders, referents)
        what = wanted(plan, self.folders, referents)
        attendance = Attendance(self.options.cancel)
        ends = Steps(plan, self.folders, self.streams, attendance, lambda: self._main(what)).run()
        return judged(plan, ends, self.folders.kept, contained=self.contained)

    def _main(self, what: Wanted) -> Main:
        if self.engine is None:
            return ProcessMain(what, self.folders)
        return ContainerMain(self.engine, what, self.folders, self.streams)

    def _note(self, plan: Planned) -> None:
        """Say what of the task has no effect here."""
        spec = plan.accepted.spec
        if not self.contained:
            text = "no container: image, limits and securityContext have no effect, and nothing is isolated"
            self.streams.note(text)
        for field, given in (("accelerator", spec.accelerator), ("podTemplate", spec.pod_template)):
            if given is not None:
                self.streams.note(f"spec.{field} has no effect on this machine")

    def _unstarted(self, reason: Reason, message: str) -> Judged:
        text = local_text(message, self.folders.kept)
        return Judged(Verdict(reason=reason, message=text), {}, text)

    def _clean(self, spec: Json, found: Judged) -> None:
        self.folders.keep_inputs()
        if not self.folders.remove_work() and not scrub(self.engine, str(spec.get("image")), self.folders):
            self.streams.note(f"{self.folders.work} stays: what is in it belongs to the user of the image")
        if self.folders.kept.as_uri() not in json.dumps(found.outputs):
            self.folders.remove()
