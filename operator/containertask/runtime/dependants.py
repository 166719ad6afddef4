"""Which tasks wait for which others, by names: who has to be looked at when one ends, comes or goes.

An index of what unfinished tasks say, nothing more: it is filled again from them after a restart.
"""

from __future__ import annotations

from collections.abc import Iterable

from containertask.runtime.queue import Key


class Dependants:
    """The needs of tasks, all within their namespaces. For one event loop."""

    def __init__(self) -> None:
        self._needs: dict[Key, tuple[Key, ...]] = {}
        self._needed_by: dict[Key, set[Key]] = {}
        self._woken: dict[Key, None] = {}

    def note(self, key: Key, names: Iterable[str]) -> None:
        """Remember what a task needs."""
        self.forget(key)
        needs = tuple((key[0], name) for name in names)
        if needs:
            self._needs[key] = needs
        for one in needs:
            self._needed_by.setdefault(one, set()).add(key)

    def forget(self, key: Key) -> None:
        """Forget what a task needs: it has ended, or is not there any more."""
        for one in self._needs.pop(key, ()):
            left = self._needed_by[one]
            left.discard(key)
            if not left:
                del self._needed_by[one]

    def changed(self, key: Key) -> None:
        """Have all looked at that need a task: it came, ended or went."""
        self._woken.update(dict.fromkeys(self._needed_by.get(key, ())))

    def woken(self) -> list[Key]:
        """Return who has to be looked at, each once."""
        found = list(self._woken)
        self._woken.clear()
        return found

    def needs(self, key: Key) -> tuple[Key, ...]:
        """Return what a task needs."""
        return self._needs.get(key, ())

    def circle(self, key: Key) -> tuple[str, ...]:
        """Return the names along which a task needs itself, itself first and last; none if it does not."""
        came_from: dict[Key, Key] = {}
        ahead = [key]
        while ahead:
            at = ahead.pop()
            for one in self._needs.get(at, ()):
                if one == key:
                    return self._way(key, at, came_from)
                if one not in came_from:
                    came_from[one] = at
                    ahead.append(one)
        return ()

    def _way(self, key: Key, last: Key, came_from: dict[Key, Key]) -> tuple[str, ...]:
        way = [key[1]]
        while last != key:
            way.append(last[1])
            last = came_from[last]
        return (key[1], *reversed(way[1:]), key[1])
