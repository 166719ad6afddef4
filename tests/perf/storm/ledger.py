"""What an operator wrote for each task, by the audit log, read before the log is rotated away."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from support import audit

CREATES: Final = "create pods"
STATUS: Final = "update containertasks/status"
EVENTS: Final = "create events"
_REFUSED: Final = 400


class Ledger:
    """The writes of one account in one namespace."""

    def __init__(self, account: str, namespace: str) -> None:
        self._account = account
        self._namespace = namespace
        self._known: set[str] = set()
        self.writes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """What the API server took, by the name of the object."""

    def read(self) -> None:
        """Take in what is new."""
        for event in audit.events(self._account):
            if event["auditID"] in self._known:
                continue
            self._known.add(event["auditID"])
            one = audit.request(event)
            if one.is_write and one.right and one.namespace == self._namespace and one.code < _REFUSED:
                self.writes[one.name][f"{one.right.verb} {one.right.resource}"] += 1

    def by_task(self, tasks: Iterable[str]) -> dict[str, Counter[str]]:
        """Return what each task cost, its Pods and Events included."""
        found: dict[str, Counter[str]] = {task: Counter() for task in tasks}
        for name, writes in self.writes.items():
            task = "-".join(name.partition(".")[0].split("-")[:2])
            if task in found:
                found[task].update(writes)
        return found
