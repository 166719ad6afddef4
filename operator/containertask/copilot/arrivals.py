"""Inputs on their way into the folder of inputs: under hidden names until all of them are whole.

Workers make files here while others fail: what is given up is removed, and nothing comes after that.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from containertask.codec.stored import Sought
from containertask.codec.trees import InputTree
from containertask.copilot import files
from containertask.copilot.transfer.crew import StoppedError
from containertask.copilot.transfer.disk import new_file, new_folder
from containertask.copilot.typedinputs import fill, hidden, remove, show, sought


@dataclass(frozen=True, slots=True)
class Coming:
    """Something of an input that is to be fetched: what, and the path to put it at."""

    path: str
    sought: Sought


class Arrivals:
    """What is on its way into an open folder."""

    def __init__(self, folder: int) -> None:
        self._folder = folder
        self._names: list[str] = []
        self._lock, self._over = threading.Lock(), False

    def begin(self, name: str, tree: InputTree) -> Iterator[Coming]:
        """Write what there is of an input; yield what is to be fetched. Raises OSError."""
        for left in (hidden(name), name):
            remove(self._folder, left)
        self._names.append(name)
        if isinstance(tree, Mapping):
            fill(self._folder, hidden(name), tree)
        return (Coming(path, one) for path, one in sought(hidden(name), tree))

    def at(self, coming: Coming, what: str) -> Landing:
        """Return where something goes; ``what`` names it in messages."""
        return Landing(self._folder, coming.path, what, self._alone)

    def show(self) -> None:
        """Give all their names; raises OSError."""
        for name in self._names:
            show(self._folder, name)

    def abandon(self) -> None:
        """Remove whatever has come of them, as far as that can be, and let nothing come any more."""
        with self._lock:
            self._over = True
        for name in self._names:
            for one in (hidden(name), name):
                with suppress(OSError):
                    remove(self._folder, one)

    def _alone(self, make: Callable[[], int]) -> int:
        with self._lock:
            if self._over:
                raise StoppedError
            return make()


@dataclass(frozen=True, slots=True)
class Landing:
    """Where one thing is brought to: a file or a folder, nothing as yet."""

    inside: int
    path: str
    what: str
    alone: Callable[[Callable[[], int]], int]

    def file(self) -> int:
        """Make a file of it, and open it."""
        return self.alone(lambda: new_file(self.inside, self.path, self.what))

    def folder(self) -> int:
        """Make a folder of it, and open it."""
        new_folder(self.inside, self.path, self.what)
        return os.open(self.path, files.FOLDER | os.O_NOFOLLOW, dir_fd=self.inside)


class InMemory:
    """A small file that is no file of the inputs' folder; ``read`` it once."""

    def __init__(self) -> None:
        self._fd = os.memfd_create("document")

    def file(self) -> int:
        """Open it."""
        return os.dup(self._fd)

    def folder(self) -> int:
        """Refuse: a document is a file."""
        raise NotADirectoryError

    def read(self, limit: int) -> bytes:
        """Return what came, and forget it."""
        try:
            os.lseek(self._fd, 0, os.SEEK_SET)
            return files.read_some(self._fd, limit)
        finally:
            os.close(self._fd)
