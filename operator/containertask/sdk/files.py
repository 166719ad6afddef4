"""Files and folders as values: of this machine by their path, of a store by their URI."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO, Any, Final, Self
from urllib.parse import unquote, urlsplit

from containertask.errors import TransferError
from containertask.sdk.pieces import digest_of
from containertask.sdk.wording import kind_of

Fetch = Callable[[str, Path], Path]
"""From a URI and a path that is not there yet to that path, when all is there. Raises TransferError."""

_LOCAL: Final = "file://"
_WEB: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True, init=False)
class _Place:
    """What file and folder share.

    Attributes:
        path: on this machine; None where it is elsewhere.
        uri: where it is else; None where it is here.
        sha256: of a file at the URI, in hex, where it is known: another content is refused.
        size: in bytes, where it is known.
    """

    path: Path | None
    uri: str | None
    sha256: str | None
    size: int | None = field(compare=False)
    _fetch: Fetch | None = field(repr=False, compare=False)

    def __init__(
        self,
        source: str | PurePath | None = None,
        *,
        uri: str | None = None,
        sha256: str | None = None,
        size: int | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        name = type(self).__name__
        if (source is None) == (uri is None):
            raise TypeError(f"{name}: write {name}('path') or {name}(uri='s3://...')")
        if source is not None and not isinstance(source, str | PurePath):
            raise TypeError(f"{name}: {kind_of(source)} where a path is wanted")
        if isinstance(source, str) and "://" in source:
            source, uri = None, source
        if uri is not None and not isinstance(uri, str):
            raise TypeError(f"{name}: {kind_of(uri)} where a URI is wanted")
        if uri is not None and uri.startswith(_LOCAL):
            source, uri = unquote(urlsplit(uri).path), None
        path = None if source is None else Path(source)
        for one, value in (
            ("path", path),
            ("uri", uri),
            ("sha256", sha256),
            ("size", size),
            ("_fetch", fetch),
        ):
            object.__setattr__(self, one, value)

    def download(self, to: str | PurePath | None = None) -> Path:
        """Return the path of it on this machine, fetching it if it is elsewhere.

        Args:
            to: path that is not there yet. Default: one in a temporary folder; what is here stays.

        Raises:
            TransferError: it cannot be fetched.
        """
        if self.path is not None:
            return self.path
        if self._fetch is None:
            text = "nobody knows how to get there from here: use `ctask cp`, or a client of that store"
            raise TransferError(f"{self.uri}: {text}")
        target = Path(to) if to is not None else Path(tempfile.mkdtemp(prefix="containertask-")) / self._name
        found = self._fetch(str(self.uri), target)
        if self.sha256 is not None and found.is_file() and digest_of(found) != self.sha256.lower():
            found.unlink()
            raise TransferError(f"what is at {self.uri} has another sha256 than {self.sha256}")
        return found

    @contextmanager
    def fetched(self) -> Iterator[Path]:
        """Give its path for the length of a block; what was fetched is gone then. Raises TransferError."""
        if self.path is not None:
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="containertask-") as folder:
            yield self.download(Path(folder) / self._name)

    @property
    def _name(self) -> str:
        found = urlsplit(str(self.uri)).path if str(self.uri).startswith(_WEB) else str(self.uri)
        return found.rstrip("/").rpartition("/")[2] or "value"

    @classmethod
    def of(cls, value: object, where: str) -> Self:
        """Return a value as one of these: a path and a URI mean one. Raises TypeError."""
        if isinstance(value, cls):
            return value
        if isinstance(value, str | PurePath):
            return cls(value)
        name = cls.__name__
        raise TypeError(f"{where}: {kind_of(value)} where a {name} is wanted: write {name}('path')")


class File(_Place):
    """A file: ``File("table.csv")`` of this machine, ``File(uri="s3://bucket/table.csv")`` of a store.

    As an input, ``bytes`` are a file, too: a small one, which goes with the task itself.
    """

    __slots__ = ()

    @contextmanager
    def open(self, mode: str = "rb") -> Iterator[IO[Any]]:
        """Open it for the length of a block, fetching it if need be. Raises OSError, TransferError."""
        with self.fetched() as path, path.open(mode) as file:
            yield file


class Dir(_Place):
    """A folder with all that is in it: ``Dir("reports")``, or ``Dir(uri="s3://bucket/reports/")``."""

    __slots__ = ()
