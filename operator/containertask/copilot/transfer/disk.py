"""New files and folders on the Pod's own disk, and what it means where that refuses."""

from __future__ import annotations

import errno
import os
from typing import Final

from containertask.copilot.journal import reason
from containertask.copilot.transfer.errors import DiskError

_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def disk_fault(error: OSError, what: str) -> DiskError:
    """Return what an error of the Pod's own disk means."""
    return DiskError(f"could not write {what}: {reason(error)}", full=error.errno in _FULL)


def new_file(folder: int, path: str, what: str) -> int:
    """Make a file below an open folder; return it open to read and write. Raises DiskError."""
    try:
        return os.open(path, _NEW, _FILE_MODE, dir_fd=folder)
    except OSError as error:
        raise disk_fault(error, what) from None


def new_folder(folder: int, path: str, what: str) -> None:
    """Make a folder below an open one; raises DiskError."""
    try:
        os.mkdir(path, _FOLDER_MODE, dir_fd=folder)
    except OSError as error:
        raise disk_fault(error, what) from None


class Folders:
    """The folders below an open one, which is empty at first: each is made when it is first needed."""

    def __init__(self, folder: int) -> None:
        self._folder, self._made = folder, {""}

    def file(self, path: str, what: str) -> int:
        """Make a file and what it is in; return it open. Raises DiskError."""
        self.make(path.rpartition("/")[0], what)
        return new_file(self._folder, path, what)

    def make(self, path: str, what: str) -> None:
        """Make a folder and what it is in; raises DiskError."""
        names = path.split("/")
        for depth in range(1, len(names) + 1):
            upper = "/".join(names[:depth])
            if upper not in self._made:
                new_folder(self._folder, upper, what)
                self._made.add(upper)


class FileSink:
    """An open file as what takes a stream; ``name`` is that of what comes."""

    def __init__(self, fd: int, name: str) -> None:
        self._fd, self._name = fd, name

    def begin(self) -> None:
        """Forget what there is; raises DiskError."""
        try:
            os.truncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
        except OSError as error:
            raise disk_fault(error, self._name) from None

    def put(self, data: bytes) -> None:
        """Write; raises DiskError."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            raise disk_fault(error, self._name) from None
