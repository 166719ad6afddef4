"""The real uploader on a Pod of this machine whose task has a store: a bucket of a server, or a claim."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from containertask.contract.items import OutputItem
from containertask.contract.manifest import Manifest
from containertask.contract.stores import (
    TRANSFER_ENVIRONMENT,
    ClaimPlace,
    Credentials,
    S3Place,
    StoreItem,
)
from support.copilot import MANIFEST, Pod, Told, record
from support.copilotcode import WITH_LIBRARIES
from support.s3 import REGION, SECRET, USER
from support.stores import Bucket

GUARD: Final = Path(__file__).resolve().parents[2] / "build" / "netguard.so"
FOLDER: Final = "runs/default/add-b1ff5f2c/a0/"
ENVIRONMENT: Final = {"LD_PRELOAD": str(GUARD), **TRANSFER_ENVIRONMENT}
FEW_TRIES: Final = """
from containertask.copilot import upload
from containertask.copilot.transfer import opening, place
from datetime import timedelta
opening._RETRIES.update(max_retries=1, retry_timeout=timedelta(seconds=2))
place._PAUSES = (0.01,)
"""


def bucket_item(bucket: Bucket, **changes: Any) -> StoreItem:
    """Return the store that a bucket is, through its proxy."""
    place = S3Place(
        bucket=bucket.name,
        region=REGION,
        endpoint=f"http://127.0.0.1:{bucket.proxy.port}",
        path_style=True,
        conditional=changes.pop("conditional", True),
    )
    item = StoreItem(
        id="0",
        place=place,
        serves=(f"s3://{bucket.name}",),
        credentials=Credentials.SECRET,
        local=True,
    )
    return replace(item, **changes)


def claim_item(**changes: Any) -> StoreItem:
    """Return the store that a claim is."""
    place = ClaimPlace(read_only=changes.pop("read_only", False))
    return replace(StoreItem(id="1", place=place, serves=("pvc://results",)), **changes)


@dataclass(frozen=True, slots=True)
class Keeping:
    """A Pod, and the URI of the folder of its attempt."""

    pod: Pod
    results: str

    @property
    def outputs(self) -> Path:
        """Return the folder that the command writes to."""
        return self.pod.path("outputs")

    @property
    def volume(self) -> Path:
        """Return the claim."""
        return self.pod.path("stores") / "1" / "volume"

    def write(self, **files: bytes | str) -> None:
        """Be the command."""
        self.write_all(files)

    def write_all(self, files: Mapping[str, bytes | str]) -> None:
        """Be the command; a path that ends with a slash is a folder."""
        for path, content in files.items():
            place = self.outputs / path
            if path.endswith("/"):
                place.mkdir(parents=True)
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def upload(self, before: str = "", **said: object) -> Told:
        """Run the uploader behind a command that ended so."""
        few = "" if self.results.startswith("pvc:") else FEW_TRIES  # it loads obstore
        code = f"{WITH_LIBRARIES}\n{few}\n{before}"
        return self.pod.upload_after(record(**said), before=code)

    def sidecar(self) -> Told:
        """Run the uploader as the sidecar that the end of the command wakes."""
        return self.pod.spawn("upload", before=f"{WITH_LIBRARIES}\n{FEW_TRIES}").told()


def keeping(
    root: Path,
    *outputs: OutputItem,
    stores: tuple[StoreItem, ...],
    results: str,
    secret: str = SECRET,
    manifest: Manifest = MANIFEST,
) -> Keeping:
    """Make the Pod of a task that has these outputs."""
    root.mkdir(parents=True, exist_ok=True)
    pod = Pod(root, env=ENVIRONMENT)
    pod.prepare(replace(manifest, outputs=outputs, stores=stores, results=f"{results}/{FOLDER}"))
    for one in stores:
        folder = pod.path("stores") / one.id
        if isinstance(one.place, ClaimPlace):
            (folder / "volume").mkdir(parents=True)
            continue
        (folder / "secret").mkdir(parents=True)
        (folder / "secret" / "AWS_ACCESS_KEY_ID").write_text(USER)
        (folder / "secret" / "AWS_SECRET_ACCESS_KEY").write_text(secret)
    return Keeping(pod, f"{results}/{FOLDER}")


def in_bucket(root: Path, bucket: Bucket, *outputs: OutputItem, **changes: Any) -> Keeping:
    """Make the Pod of a task whose outputs are kept in a bucket."""
    manifest = {name: changes.pop(name) for name in ("manifest", "secret") if name in changes}
    store = bucket_item(bucket, **changes)
    return keeping(root, *outputs, stores=(store,), results=f"s3://{bucket.name}", **manifest)


def in_claim(root: Path, *outputs: OutputItem, **changes: Any) -> Keeping:
    """Make the Pod of a task whose outputs are kept in a claim."""
    manifest = {name: changes.pop(name) for name in ("manifest",) if name in changes}
    return keeping(root, *outputs, stores=(claim_item(**changes),), results="pvc://results", **manifest)


def of_attempt(found: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what is in the folder of the attempt, which is all there is, by its keys below that."""
    assert all(key.startswith(FOLDER) for key in found), sorted(found)
    return {key.removeprefix(FOLDER): data for key, data in found.items()}


def files_below(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def manifest_in(found: Mapping[str, bytes], told: Told) -> dict[str, Any]:
    """Return the manifest of outputs, which has to be the one that the report tells of."""
    data = found["outputs.json"]
    assert told.report.stored == digest(data)
    raw: dict[str, Any] = json.loads(data)
    return raw


def digest(data: bytes) -> str:
    """Return the SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def digest_of_folder(files: Mapping[str, bytes]) -> str:
    """Return that of a folder, as the contract has it."""
    listed = sorted([path, len(data), digest(data)] for path, data in files.items())
    return digest(json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode())


def content_type(bucket: Bucket, key: str) -> str:
    """Return what a server says an object is."""
    import obstore  # noqa: PLC0415 - most of this needs none

    found = obstore.get(bucket.server.store(bucket.name), f"{FOLDER}{key}").attributes
    return str(found["Content-Type"])
