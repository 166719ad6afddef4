"""A Pod whose downloader fetches from stores: real servers, folders in the place of claims."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from containertask.contract.items import InputItem
from containertask.contract.manifest import Manifest, Values
from containertask.contract.stores import (
    TRANSFER_ENVIRONMENT,
    ClaimPlace,
    Credentials,
    Place,
    S3Place,
    StoreItem,
    WebPlace,
)
from support.copilot import MANIFEST, Part, Pod, Told, temporary_pod
from support.copilotcode import WITH_LIBRARIES
from support.s3 import REGION, SECRET, USER
from support.stores import Bucket
from support.webserver import WebServer

_GUARD: Final = Path(__file__).resolve().parents[2] / "build" / "netguard.so"
ENVIRONMENT: Final = {**TRANSFER_ENVIRONMENT, "LD_PRELOAD": str(_GUARD)}
QUICK: Final = f"""{WITH_LIBRARIES}
from containertask.copilot.transfer import place, opening, web
place._PAUSES = web._PAUSES = (0.01, 0.01)
opening._RETRIES = {{"max_retries": 1}}
"""
"""Code: as in the image, and whoever does not answer is given up soon."""


@dataclass(slots=True)
class Fetcher:
    """A Pod with stores, in the order in which they were added."""

    pod: Pod
    stores: list[StoreItem] = field(default_factory=list)
    items: list[InputItem] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    manifest: Manifest = MANIFEST
    pb: str | None = None

    @property
    def inputs(self) -> Path:
        """Return the folder of inputs."""
        return self.pod.path("inputs")

    def s3(self, bucket: Bucket, *, proxied: bool = False, secret: str = SECRET, **limits: int) -> str:
        """Add a bucket; return its URI, with a slash at the end."""
        port = bucket.proxy.port if proxied else bucket.server.port
        endpoint = f"http://127.0.0.1:{port}"
        place = S3Place(bucket=bucket.name, region=REGION, endpoint=endpoint, path_style=True)
        uri = f"s3://{bucket.name}"
        self._add(
            StoreItem(
                id=str(len(self.stores)),
                place=place,
                serves=(uri,),
                credentials=Credentials.SECRET,
                local=True,
                max_object_bytes=limits.get("max_object_bytes"),
                max_objects=limits.get("max_objects"),
            ),
            {"secret/AWS_ACCESS_KEY_ID": USER, "secret/AWS_SECRET_ACCESS_KEY": secret},
        )
        return f"{uri}/"

    def claim(self, name: str = "data", /, **limits: int) -> Path:
        """Add a claim, `pvc://NAME/`; return its folder."""
        number = str(len(self.stores))
        place = ClaimPlace(read_only=True)
        self._add(
            StoreItem(
                id=number,
                place=place,
                serves=(f"pvc://{name}",),
                max_object_bytes=limits.get("max_object_bytes"),
                max_objects=limits.get("max_objects"),
            ),
            {},
        )
        volume = self.pod.path("stores") / number / "volume"
        volume.mkdir(parents=True)
        return volume

    def bucket(self, place: Place, uri: str, secret: Mapping[str, str]) -> None:
        """Add a bucket or container of whatever kind; nobody's without a secret."""
        self._add(
            StoreItem(
                id=str(len(self.stores)),
                place=place,
                serves=(uri,),
                credentials=Credentials.SECRET if secret else Credentials.ANONYMOUS,
                local=True,
            ),
            {f"secret/{key}": value for key, value in secret.items()},
        )

    def web(self, server: WebServer, secret: Mapping[str, str] | None = None, ca: Path | None = None) -> None:
        """Add a web server."""
        files = {f"secret/{key}": value for key, value in (secret or {}).items()}
        files |= {} if ca is None else {"ca/ca.crt": ca.read_text()}
        self._add(
            StoreItem(
                id=str(len(self.stores)),
                place=WebPlace(hosts=(f"127.0.0.1:{server.port}",)),
                credentials=Credentials.SECRET if secret else Credentials.ANONYMOUS,
                ca=None if ca is None else "ca.crt",
                local=True,
            ),
            files,
        )

    def ask(self, item: InputItem, *value: object) -> None:
        """Add an input, with a value or without."""
        self.items.append(item)
        self.values.update(zip([item.name], value, strict=False))

    def write(self) -> None:
        """Put the manifest in place."""
        values = Values(tuple(self.items), self.values, self.pb)
        self.pod.rewrite(replace(self.manifest, stores=tuple(self.stores), values=values))

    def spawn(self, before: str = QUICK) -> Part:
        """Start the downloader."""
        self.write()
        return self.pod.spawn("download", before=before)

    def download(self, before: str = QUICK) -> Told:
        """Run the downloader."""
        return self.spawn(before).told()

    def said(self) -> dict[str, object]:
        """Return what inputs.json has."""
        found = json.loads((self.inputs / "inputs.json").read_bytes())
        assert isinstance(found, dict)
        return found

    def tree(self, name: str) -> object:
        """Return an input: a file's content, or a dict of what is in a folder."""
        return tree(self.inputs / name)

    def all(self) -> list[str]:
        """Return all names in the folder of inputs, hidden ones too."""
        return sorted(one.name for one in self.inputs.iterdir())

    def _add(self, item: StoreItem, files: Mapping[str, str]) -> None:
        self.stores.append(item)
        for name, content in files.items():
            file = self.pod.path("stores") / item.id / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)


def tree(path: Path) -> object:
    """Return a file's content, or a dict of what is in a folder."""
    return {one.name: tree(one) for one in path.iterdir()} if path.is_dir() else path.read_bytes()


def at(uri: str) -> dict[str, str]:
    """Return the value of what lies at a URI."""
    return {"uri": uri}


@contextmanager
def fetching_pod() -> Iterator[Fetcher]:
    """Give a Pod that fetches."""
    with temporary_pod() as pod:
        yield Fetcher(replace(pod, env=ENVIRONMENT))
