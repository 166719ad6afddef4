"""What was said to us about unfinished tasks, by uid: refusals, templates, events, others' outputs.

Kept for as long as a task is unfinished; an answer that comes when the task is gone is dropped.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from containertask.core.dependencies import Source
from containertask.core.snapshot import Refusal, TemplateNote
from containertask.core.trouble import Trouble
from containertask.runtime.cluster import ClusterNotes

_REMEMBERED: Final = 10_000
"""How many deleted tasks are remembered, so that a late answer does not bring one back."""


class Notes:
    """Notes of all tasks; ``cluster`` hears of refusals, too."""

    def __init__(self, cluster: ClusterNotes) -> None:
        self._cluster = cluster
        self._missing: dict[str, str] = {}
        self._refusals: dict[str, Refusal] = {}
        self._templates: dict[str, TemplateNote] = {}
        self._troubles: dict[str, Trouble] = {}
        self._sources: dict[str, dict[str, Source]] = {}
        self._gone: dict[str, frozenset[str]] = {}
        self._kinds: tuple[dict[str, Any], ...] = (
            self._missing,
            self._refusals,
            self._templates,
            self._troubles,
            self._sources,
            self._gone,
        )
        self._removed: OrderedDict[str, None] = OrderedDict()

    # --- Writing ---

    def missing(self, uid: str, pod: str) -> None:
        """Remember that the API server itself does not know this Pod."""
        self._note(self._missing, uid, pod)

    def refusal(self, uid: str, refusal: Refusal) -> None:
        """Remember why the Pod of an attempt was refused."""
        self._note(self._refusals, uid, refusal)
        self._cluster.hear(refusal)

    def template(self, uid: str, template: TemplateNote) -> None:
        """Remember what the API server said of a PodTemplate."""
        self._note(self._templates, uid, template)

    def trouble(self, uid: str, trouble: Trouble) -> None:
        """Remember what a Pod's events said."""
        self._note(self._troubles, uid, trouble)

    def source(self, uid: str, name: str, source: Source) -> None:
        """Remember what another task gave."""
        self._note(self._sources, uid, {**self._sources.get(uid, {}), name: source})

    def source_is_gone(self, uid: str, source: str) -> None:
        """Remember that the API server itself does not know a task, by its uid, that this one needs."""
        self._note(self._gone, uid, self._gone.get(uid, frozenset()) | {source})

    def _note(self, kind: dict[str, Any], uid: str, what: object) -> None:
        if uid not in self._removed:
            kind[uid] = what

    def pod_was_taken(self, uid: str) -> None:
        """Forget what was said before: the next attempt asks anew."""
        self._refusals.pop(uid, None)
        self._templates.pop(uid, None)

    def drop(self, uid: str) -> None:
        """Forget a task."""
        for kept in self._kinds:
            kept.pop(uid, None)

    def bury(self, uid: str) -> None:
        """Forget a task, and take no note of it any more."""
        self.drop(uid)
        self._removed[uid] = None
        while len(self._removed) > _REMEMBERED:
            self._removed.popitem(last=False)

    # --- Reading ---

    def buried(self, uid: str) -> bool:
        """Tell whether a task is known to be deleted."""
        return uid in self._removed

    def of(self, uid: str) -> dict[str, Any]:
        """Return what a snapshot has of them."""
        return {
            "missing": self._missing.get(uid),
            "refusal": self._refusals.get(uid),
            "template": self._templates.get(uid),
            "trouble": self._troubles.get(uid),
        }

    def sources(self, uid: str) -> Mapping[str, Source]:
        """Return what other tasks gave a task, by their names."""
        return self._sources.get(uid, {})

    def gone(self, uid: str, sources: Iterable[str]) -> frozenset[str]:
        """Return which of the uids that a task has seen are of deleted ones."""
        told = self._gone.get(uid, frozenset())
        return frozenset(one for one in sources if one in told or one in self._removed)

    def __len__(self) -> int:
        return sum(len(kept) for kept in self._kinds)
