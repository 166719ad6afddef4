"""What a Pod's volumes have in them, as folders of this machine; and what ``main`` is then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from containertask.contract.manifest import Mode
from containertask.core.storeitems import Store
from containertask.local.environment import arguments, variables
from containertask.local.localfiles import KEPT, MACHINE
from containertask.local.main import Wanted
from containertask.local.moving import folders_of
from containertask.local.places import Folders
from containertask.local.planned import Planned
from containertask.local.referents import Referents

Json = dict[str, Any]

_ROOT: Final = Path("/")
_SECRET_MODE: Final = 0o644


def moves(spec: Json, folders: Folders) -> dict[str, str]:
    """Return where the paths of a spec, as written, are for a command that has no container."""
    inputs, outputs = folders_of(spec)
    found = {str(inputs): str(folders.part("inputs")), str(outputs): str(folders.part("outputs"))}
    given = spec.get("secrets")
    for number, one in enumerate(given if isinstance(given, list) else ()):
        file = one.get("file") if isinstance(one, dict) else None
        if isinstance(file, str) and file.startswith("/"):
            found[file] = str(_secret(folders, number, file))
    return found


def lay_out(planned: Planned, folders: Folders, referents: Referents) -> None:
    """Write all that downloader and uploader find. Raises UnstartedError."""
    folders.part("manifest").write_text(planned.manifest.encode())
    document = planned.accepted.document
    if document.sha256 is not None:
        folders.part("values").write_text(document.text)
    for one in planned.accepted.spec.inputs or ():
        key = one.value_from.config_map_key_ref if one.value_from is not None else None
        if key is None:
            continue
        left_out = planned.accepted.inputs[one.name].item.optional or one.default is not None
        data = referents.config_maps.key(key.name, key.key, optional=left_out)
        if data is not None:
            (folders.part("sources") / one.name).write_bytes(data)
    for store in planned.stores:
        for what, target in _mounted(store, folders, referents):
            folder = folders.part("stores") / store.item.id
            folder.mkdir(exist_ok=True)
            (folder / what).symlink_to(target)


def _mounted(store: Store, folders: Folders, referents: Referents) -> Iterator[tuple[str, Path]]:
    if store.secret is not None:
        yield "secret", referents.secrets.required(store.secret).resolve()
    if store.authorities is not None:
        yield "ca", referents.config_maps.required(store.authorities).resolve()
    if store.claim == KEPT:
        yield "volume", folders.kept
    if store.claim == MACHINE:
        yield "volume", _ROOT


def wanted(planned: Planned, folders: Folders, referents: Referents) -> Wanted:
    """Return what is to be run, with its Secrets written. Raises UnstartedError, InvalidTaskError."""
    task, spec = planned.task, planned.accepted.spec
    fields = {"metadata.name": planned.pod, "metadata.namespace": task.namespace, "metadata.uid": task.uid}
    known = variables(planned.container, referents, fields)
    command, args = arguments(planned.container, known)
    secrets: dict[str, Path] = {}
    for number, one in enumerate(spec.secrets or ()):
        if one.file is None:
            continue
        path = secrets[one.file] = _secret(folders, number, one.file)
        path.parent.mkdir()
        path.write_bytes(referents.secrets.key(one.name, one.key, optional=bool(one.optional)) or b"")
        path.chmod(_SECRET_MODE)
    return Wanted(
        name=planned.pod,
        container=planned.container,
        variables=known,
        command=command,
        args=args,
        launched=planned.attempt.mode is not Mode.SIGNAL,
        secrets=secrets,
        shared=None if spec.shared_memory is None else spec.shared_memory.size_limit,
    )


def _secret(folders: Folders, number: int, file: str) -> Path:
    return folders.part("secrets") / str(number) / PurePosixPath(file).name
