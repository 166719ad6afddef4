"""The downloader fetches from the other kinds of buckets, as far as their servers go."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import obstore
import pytest
from obstore.store import AzureStore

from containertask.contract.items import InputItem
from containertask.contract.outcome import Outcome
from containertask.contract.stores import AzurePlace, GcsPlace
from support import azurite, fakegcs
from support.azurite import ACCOUNT, KEY, Azurite
from support.copilot import fault
from support.fakegcs import FakeGcs
from support.fetched import Fetcher, at, fetching_pod

FILES: Final = {"d/a": b"1", "d/b/c": b"22", "d2/other": b"333", "f": b"", "g.csv": b"a,b"}
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Cloud:
    """A bucket that has the files: its URI, with a slash at its end, and how a Pod gets to know it."""

    uri: str
    introduce: Callable[[Fetcher], None]


@pytest.fixture
def pod() -> Iterator[Fetcher]:
    with fetching_pod() as made:
        yield made


@pytest.fixture(scope="module")
def azure() -> Iterator[Azurite]:
    with azurite.running() as found:
        yield found


@pytest.fixture(scope="module")
def google() -> Iterator[FakeGcs]:
    with fakegcs.running() as found:
        yield found


def of_azure(server: Azurite) -> Cloud:
    name = f"container-{next(_numbers)}"
    server.make(name)
    store = AzureStore(
        name,
        account_name=ACCOUNT,
        account_key=KEY,
        endpoint=f"{server.url}/{ACCOUNT}",
        client_options={"allow_http": True},
    )
    for key, content in FILES.items():
        obstore.put(store, key, content)
    uri = f"az://{ACCOUNT}/{name}"
    place = AzurePlace(account=ACCOUNT, container=name, endpoint=server.url)
    secret = {"AZURE_STORAGE_ACCOUNT_KEY": KEY}
    return Cloud(f"{uri}/", lambda pod: pod.bucket(place, uri, secret))


def of_google(server: FakeGcs) -> Cloud:
    name = f"bucket-{next(_numbers)}"
    server.make(name)
    for key, content in FILES.items():
        server.put(name, key, content)
    place = GcsPlace(bucket=name, endpoint=server.url)
    return Cloud(f"gs://{name}/", lambda pod: pod.bucket(place, f"gs://{name}", {}))


@pytest.fixture(params=["azure", "google"])
def cloud(request: pytest.FixtureRequest) -> Cloud:
    server = request.getfixturevalue(request.param)
    return of_azure(server) if request.param == "azure" else of_google(server)


def test_files_folders_and_datasets(pod: Fetcher, cloud: Cloud) -> None:
    cloud.introduce(pod)
    pod.ask(InputItem("files", "list[file]"), [at(f"{cloud.uri}{key}") for key in ("d/a", "f", "g.csv")])
    pod.ask(InputItem("folder", "directory"), at(f"{cloud.uri}d"))
    pod.ask(InputItem("one", "dataset[csv]"), at(f"{cloud.uri}g.csv"))
    pod.ask(InputItem("many", "dataset[csv]"), at(f"{cloud.uri}d"))
    told = pod.download()
    assert told.exit_code == 0, told
    assert pod.tree("files") == {"0": b"1", "1": b"", "2": b"a,b"}
    assert pod.tree("folder") == pod.tree("many") == {"a": b"1", "b": {"c": b"22"}}
    assert pod.tree("one") == b"a,b"


@pytest.mark.parametrize("kind", ["file", "directory", "dataset[csv]"])
def test_what_is_not_there(pod: Fetcher, cloud: Cloud, kind: str) -> None:
    cloud.introduce(pod)
    pod.ask(InputItem("x", kind), at(f"{cloud.uri}no"))
    told = pod.download()
    assert fault(told) == (1, Outcome.INPUT_NOT_FOUND, "x"), told
    assert pod.all() == []
