"""Bytes and folders at a path or URI: this machine's disk, and stores through obstore.

Credentials are those of the environment: the stores' own variables, or Flyte's ``FLYTE_AWS_*``. Nothing here
logs one, and no error repeats what a store said.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
from pathlib import Path
from typing import Any, Final

from containertask.errors import MissingToolError, TransferError

DATA: Final = "data:;base64,"
_FILE: Final = "file://"
_REMOTE: Final = re.compile(r"(?P<root>(?:s3|gs|gcs|az|abfss?)://[^/]+)/(?P<key>.+)")
_SAID: Final = 120
_AWS: Final = {
    "endpoint": ("FLYTE_AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "access_key_id": ("FLYTE_AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
    "secret_access_key": ("FLYTE_AWS_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"),
}


def join(prefix: str, *names: str) -> str:
    """Return the place of something below a prefix."""
    return "/".join((prefix.rstrip("/"), *names))


def read(place: str) -> bytes:
    """Return what is there, or in ``data:;base64,…`` itself. Raises TransferError, MissingToolError."""
    if place.startswith(DATA):
        try:
            return base64.b64decode(place.removeprefix(DATA), validate=True)
        except ValueError:
            raise TransferError(f"{_said(DATA)} is followed by no base64") from None
    if (path := _local(place)) is not None:
        try:
            return path.read_bytes()
        except OSError as error:
            raise TransferError(f"{_said(place)} cannot be read: {error.strerror}") from None
    store, key = _store(place)
    try:
        return bytes(store.get(key).bytes())
    except FileNotFoundError:
        raise TransferError(f"{_said(place)} cannot be read: it is not there") from None
    except Exception as error:  # noqa: BLE001 - obstore's errors have no common base, and may quote a credential
        raise TransferError(f"{_said(place)} cannot be read: {type(error).__name__}") from None


def write(place: str, data: bytes) -> None:
    """Put bytes there, whole or not at all. Raises TransferError, MissingToolError."""
    if (path := _local(place)) is not None:
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError as error:
            raise TransferError(f"{_said(place)} cannot be written: {error.strerror}") from None
        return
    _put(place, data)


def upload(path: Path, place: str) -> str:
    """Copy a file, or a folder with all files in it, there; return the place. Raises as ``write`` does."""
    if (target := _local(place)) is not None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, target)
            else:
                shutil.copyfile(path, target)
        except OSError as error:
            raise TransferError(f"{_said(place)} cannot be written: {error.strerror}") from None
        return place if place.startswith(_FILE) else f"{_FILE}{target.absolute()}"
    if path.is_dir():
        for one in sorted(path.rglob("*")):
            if one.is_file():
                _put(join(place, one.relative_to(path).as_posix()), one)
    else:
        _put(place, path)
    return place


def _said(place: str) -> str:
    """Return a place for a message: its end, which says most."""
    text = "".join(letter if letter.isprintable() else "?" for letter in place)
    return f"…{text[-_SAID:]}" if len(text) > _SAID else text


def _put(place: str, what: bytes | Path) -> None:
    store, key = _store(place)
    try:
        store.put(key, what)
    except Exception as error:  # noqa: BLE001 - as above
        raise TransferError(f"{_said(place)} cannot be written: {type(error).__name__}") from None


def _local(place: str) -> Path | None:
    if place.startswith(_FILE):
        return Path(place.removeprefix(_FILE))
    return None if "://" in place else Path(place)


def _store(place: str) -> tuple[Any, str]:
    """Return obstore's store and the key in it."""
    found = _REMOTE.fullmatch(place)
    if found is None:
        raise TransferError(f"{_said(place)} is no path, and no URI of file, s3, gs, az or abfs")
    try:
        from obstore.store import from_url  # noqa: PLC0415 - local runs do without it
    except ModuleNotFoundError:
        raise MissingToolError("stores need obstore: pip install 'containertask[flyte]'") from None
    root = found["root"].replace("gcs://", "gs://", 1)
    config = _aws() if root.startswith("s3://") else {}
    options = {"allow_http": config.get("endpoint", "").startswith("http://")}
    try:
        return from_url(root, config=config or None, client_options=options), found["key"]  # type: ignore[call-overload]
    except Exception as error:  # noqa: BLE001 - as above
        raise TransferError(f"{_said(place)}: the store cannot be opened: {type(error).__name__}") from None


def _aws() -> dict[str, str]:
    found = {name: next(filter(None, map(os.environ.get, names)), None) for name, names in _AWS.items()}
    return {name: value for name, value in found.items() if value}
