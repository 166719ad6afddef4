"""Tasks with Azure's and Google's protocols, on the node; the emulators run outside of the cluster.

Azurite stands for Azure. fake-gcs-server takes no files from obstore, so a translator of ours is before it:
what goes out to Google was tested against no server of others (docs/stores.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import azurite, fakegcs, fivetypes, googlexml, tasks
from support.objectstore import apply, store
from support.outside import reachable
from support.tasks import ONCE, Tasks, shell

BUCKET = "results"


@pytest.fixture(scope="module")
def azure() -> Iterator[Tasks]:
    with azurite.running() as server, reachable(server.port) as address, tasks.namespace("baseline") as made:
        server.make(BUCKET)
        key = {"AZURE_STORAGE_ACCOUNT_KEY": azurite.KEY}
        _secret(made, key)
        spec = {
            "account": azurite.ACCOUNT,
            "container": BUCKET,
            "prefix": "runs",
            "endpoint": f"http://{address}",
        }
        apply(made, store("default", {"azure": {**spec, "credentials": _KEY}}))
        yield made


@pytest.fixture(scope="module")
def google() -> Iterator[Tasks]:
    with (
        fakegcs.running() as inner,
        googlexml.before(inner.port) as server,
        reachable(server.port) as address,
        tasks.namespace("baseline") as made,
    ):
        inner.make(BUCKET)
        _secret(made, {"key.json": fakegcs.key_json()})
        spec = {"bucket": BUCKET, "prefix": "runs", "endpoint": f"http://{address}"}
        apply(made, store("default", {"gcs": {**spec, "credentials": _KEY}}))
        yield made


_KEY = {"type": "Secret", "secretName": "store-key"}


def _secret(made: Tasks, keys: dict[str, str]) -> None:
    made.core.create_namespaced_secret(
        made.namespace, {"metadata": {"name": "store-key"}, "stringData": keys}
    )


@pytest.fixture(params=["azure", "google"])
def here(request: pytest.FixtureRequest) -> Iterator[Tasks]:
    shared: Tasks = request.getfixturevalue(request.param)
    own = Tasks(shared.core, shared.namespace)
    yield own
    own.assert_nothing_left()


def test_each_type_goes_out_and_comes_in_again(here: Tasks) -> None:
    made = here.run("made", fivetypes.producer(**ONCE))
    assert made.phase == "Succeeded", made.message
    folder = fivetypes.folder(made)
    fivetypes.assert_seen(here.run("by-uri", fivetypes.consumer(fivetypes.by_uri(folder), **ONCE)))
    fivetypes.assert_seen(here.run("by-ref", fivetypes.consumer(fivetypes.by_reference("made"), **ONCE)))


def test_what_is_not_there_is_named(here: Tasks) -> None:
    made = here.run("made", fivetypes.producer(**ONCE))
    uri = f"{fivetypes.folder(made)}nothing"
    done = here.run("missing", shell("true", inputs=[{"name": "f", "type": "file", "uri": uri}], **ONCE))
    assert (done.reason, done.status["error"]["origin"]) == ("InputNotFound", "f")
