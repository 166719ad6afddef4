"""Files and folders of this machine that ``ctask run --in NAME=@PATH`` gives: with the task or to a store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from containertask.cli.arguments import Place, inline
from containertask.cli.errors import CommandError
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster
from containertask.sdk.files import Dir, File
from containertask.sdk.placing import Placing
from containertask.sdk.uploadstore import UploadStore, upload_store
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, Type

Json = dict[str, Any]


class Uploads:
    """What has to be in stores before tasks are created, with the user's own credentials."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._tasks: list[_OfTask] = []

    def of(self, namespace: str | None = None, store_ref: object = None) -> Place:
        """Return what says where the files of one task go; both as a manifest has them, or None."""
        made = _OfTask(self._cluster, namespace, store_ref)
        self._tasks.append(made)
        return made

    def send(self) -> None:
        """Upload what is not there yet. Raises TransferError, MissingToolError."""
        for one in self._tasks:
            one.send()


class _OfTask:
    def __init__(self, cluster: Cluster, namespace: str | None, store_ref: object) -> None:
        self._cluster, self._namespace = cluster, namespace
        self._ref = store_ref if isinstance(store_ref, dict) and "name" in store_ref else None
        self._store: UploadStore | None = None
        self._placing = Placing(store=self._folder)

    def __call__(self, name: str, kinds: Sequence[Type], path: str) -> Json:
        found, where = Path(path), f"--in {name}"
        if found.is_dir():
            if not any(one is StoredType.DIRECTORY or isinstance(one, DatasetOf) for one in kinds):
                raise CommandError(f"{where}: {path} is a folder, and a file is wanted", exit_code=2)
            return dict(self._placing(Dir(found), kinds[0], where))
        if StoredType.FILE not in kinds or not found.is_file():
            return inline(name, kinds, path)
        placed = self._placing(File(found), StoredType.FILE, where)
        return placed if isinstance(placed, dict) else {"value": placed}

    def send(self) -> None:
        from containertask.sdk.uploads import upload_all  # noqa: PLC0415 - obstore is slow to load

        if self._store is not None and (uploads := self._placing.uploads):
            size = sum(one.size for pieces in uploads.values() for one in pieces)
            sys.stderr.write(f"uploading {size} bytes to {self._store.folder}\n")
            loop.run(upload_all(uploads, self._store.document))

    def _folder(self) -> str:
        if self._store is None:
            namespace = self._namespace or self._cluster.namespace
            self._store = upload_store(self._cluster, namespace, self._ref)
        return self._store.folder
