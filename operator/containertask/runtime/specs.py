"""Specs as they were read: once for each generation of a task, and again when its template is known.

Tasks of one template share what they keep of it: a thousand of them would hold it a thousand times.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from containertask.core.accept import Accepted, Refused, accept
from containertask.core.task import TaskView, task_view

Json = dict[str, Any]

_TEMPLATES: Final = 256
"""How many versions of templates are held for tasks that may still come."""


class ReadSpecs:
    """What came of the specs of unfinished tasks. For one event loop."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, bool], Accepted | Refused]] = {}
        self._templates: OrderedDict[str, Json] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def view(self, raw: Json) -> TaskView:
        """Make the view of a task. Raises ValueError and what else ``task_view`` does."""
        match raw:
            case {"status": {"template": {"digest": str(digest), "spec": dict(spec)} as record} as status}:
                kept = {**record, "spec": self._shared(digest, spec)}
                return task_view({**raw, "status": {**status, "template": kept}})
        return task_view(raw)

    def of(self, task: TaskView) -> tuple[Accepted | Refused, bool]:
        """Return what comes of a task's spec, and whether that is news."""
        known, version = self._known.get(task.uid), (task.generation, task.unresolved)
        if known is not None and known[0] == version:
            return known[1], False
        found = accept(task)
        self._known[task.uid] = (version, found)
        return found, True

    def drop(self, uid: str) -> None:
        """Forget a task that has ended, or is gone."""
        self._known.pop(uid, None)

    def _shared(self, digest: str, spec: Json) -> Json:
        """Return the spec, as the object that others keep where theirs is the same to the last field."""
        known = self._templates.get(digest)
        if known != spec:
            known = self._templates[digest] = spec
        self._templates.move_to_end(digest)
        if len(self._templates) > _TEMPLATES:
            self._templates.popitem(last=False)
        return known
