"""One pass for one key: snapshot, plan, execute; then what people see of it: an event, a line, a number."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from containertask.core.actions import CreatePod, Notice, Plan
from containertask.core.config import Config
from containertask.core.names import ATTEMPT_LABEL
from containertask.core.plan import plan
from containertask.core.snapshot import Snapshot
from containertask.core.task import API_VERSION, FINISHED, KIND, TaskView
from containertask.runtime.executor import Executor
from containertask.runtime.metrics import Metrics
from containertask.runtime.queue import Key
from containertask.runtime.recorder import Recorder, TaskEvent
from containertask.runtime.store import Store

_NEW_POD_SECONDS: Final = 1.0
"""When to look at a Pod that was just made, if nothing is heard of it before: its clocks have begun."""

_log: Final = logging.getLogger(__name__)


class Controller:
    """Reconciles tasks.

    ``clock`` gives Unix milliseconds; ``wake`` has others looked at of whom a pass brought news.
    """

    def __init__(  # noqa: PLR0913 (the parts that a pass goes through)
        self,
        *,
        store: Store,
        executor: Executor,
        recorder: Recorder,
        metrics: Metrics,
        config: Config,
        clock: Callable[[], int],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._executor = executor
        self._recorder = recorder
        self._metrics = metrics
        self._config = config
        self._clock = clock
        self._wake = wake

    async def reconcile(self, key: Key) -> float | None:
        """Make one pass; return after how many seconds to make the next at the latest.

        Raises:
            ApiError: the pass could not be done and is to be tried again.
        """
        begun, failed = time.perf_counter(), True
        try:
            again = await self._pass(key)
            failed = False
            return again
        finally:
            self._metrics.pass_ended(failed=failed, seconds=time.perf_counter() - begun)

    async def _pass(self, key: Key) -> float | None:
        snapshot = self._store.snapshot(key)
        if snapshot is None:
            return None
        now = self._clock()
        found = plan(snapshot, now, self._config)
        try:
            done = await self._executor.execute(snapshot, found)
        finally:
            self._wake()
        if done:
            self._tell(snapshot, found, now)
        return _next_look(found) if done else 0.0

    def _tell(self, snapshot: Snapshot, found: Plan, now: int) -> None:
        task, seconds = snapshot.task, (now - snapshot.task.created) / 1000
        status, attempt = found.status, task.status.attempt or 0
        if isinstance(found.action, CreatePod):
            attempt = int(found.action.pod["metadata"]["labels"][ATTEMPT_LABEL])
            if attempt == 0:
                self._metrics.pod_created(seconds=seconds)
        elif status is not None:
            attempt = status.attempt or 0
        for notice in found.notices:
            self._recorder.record(_event(task, notice, attempt))
        if status is None or status.phase is None:
            return
        if status.phase in FINISHED:
            self._metrics.task_finished(phase=status.phase.value, reason=status.reason or "", seconds=seconds)
        _log.info(
            "task=%s/%s uid=%s attempt=%s phase=%s reason=%s",
            task.namespace,
            task.name,
            task.uid,
            status.attempt,
            status.phase.value,
            status.reason,
        )


def _next_look(done: Plan) -> float | None:
    """Return in how many seconds to look again, after a plan was carried out.

    At once after most writes: a status may itself start a clock, such as that of a resumed task.
    """
    if isinstance(done.action, CreatePod):
        return _NEW_POD_SECONDS
    if done.action is not None or done.status is not None:
        return 0.0
    return None if done.again_in is None else done.again_in / 1000


def _event(task: TaskView, notice: Notice, attempt: int) -> TaskEvent:
    return TaskEvent(
        namespace=task.namespace,
        name=task.name,
        uid=task.uid,
        api_version=API_VERSION,
        kind=KIND,
        type="Warning" if notice.warning else "Normal",
        reason=notice.reason,
        message=notice.message,
        attempt=attempt,
    )
