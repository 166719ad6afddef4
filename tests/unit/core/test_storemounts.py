"""What a Pod has of the stores that its task uses: for downloader and uploader alone, each what it needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from containertask.contract.items import StreamItem
from containertask.contract.manifest import Manifest, Mode
from containertask.contract.stores import TRANSFER_ENVIRONMENT
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.attempt import Attempt
from containertask.core.names import MANIFEST_ANNOTATION
from containertask.core.podspec import build_pod
from containertask.core.stores import StoreView
from containertask.core.storeuse import Use, use_of
from support.builders import CONFIG, a_task
from support.builders.tasks import TaskBuilder
from support.storeviews import bucket, claim, of_cluster, own, web

Json = dict[str, Any]

CA: Json = {"tls": {"caConfigMap": {"name": "company", "key": "ca.crt"}}}
KEEPER = own("default", bucket("kept", **CA))
SOURCE = own("source", bucket("given"))
GUARDED = {"LD_PRELOAD", *TRANSFER_ENVIRONMENT}
FILE = a_task().with_output("y", "file")
BOTH = FILE.with_uri("a", "s3://given/a")
SKIPPED = {"eks.amazonaws.com/skip-containers", "azure.workload.identity/skip-containers"}


def pod(task: TaskBuilder, *stores: StoreView, mode: Mode = Mode.INIT) -> Json:
    view = task.view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted), accepted
    use = use_of(view, accepted.spec, stores, accepted.needs)
    assert isinstance(use, Use), use
    return build_pod(view, accepted, Attempt(number=0, mode=mode, use=use), CONFIG)


def container(raw: Json, name: str) -> Json:
    every = [*raw["spec"].get("initContainers", []), *raw["spec"]["containers"]]
    found: Json = next(one for one in every if one["name"] == name)
    return found


def mounted(raw: Json, name: str) -> dict[str, tuple[str, bool]]:
    """Return a container's mounts of stores: where, and whether to read only."""
    every = container(raw, name)["volumeMounts"]
    stores = [one for one in every if one["name"].startswith("ct-store-")]
    return {one["name"]: (one["mountPath"], one.get("readOnly", False)) for one in stores}


def environment(raw: Json, name: str) -> set[str]:
    return {one["name"] for one in container(raw, name).get("env", ())}


def volumes(raw: Json) -> dict[str, Json]:
    return {one["name"]: one for one in raw["spec"]["volumes"] if one["name"].startswith("ct-store-")}


@pytest.mark.parametrize("mode", Mode)
def test_main_has_nothing_of_any_store(mode: Mode) -> None:
    stores = (KEEPER, SOURCE, own("c", claim()))
    raw = pod(BOTH.with_uri("c", "pvc://c/k"), *stores, mode=mode)
    assert mounted(raw, "main") == {}
    assert environment(raw, "main").isdisjoint(GUARDED)
    assert "ct-store" not in json.dumps(container(raw, "main"))


@pytest.mark.parametrize("mode", Mode)
def test_downloader_and_uploader_have_each_the_secret_that_it_needs(mode: Mode) -> None:
    raw = pod(BOTH, KEEPER, SOURCE, mode=mode)
    assert mounted(raw, "uploader") == {
        "ct-store-s0-key": ("/ct/stores/s0/secret", True),
        "ct-store-s0-ca": ("/ct/stores/s0/ca", True),
    }
    assert mounted(raw, "downloader") == {"ct-store-s1-key": ("/ct/stores/s1/secret", True)}
    for name in ("downloader", "uploader"):
        assert environment(raw, name) >= GUARDED
    assert ("GOMAXPROCS" in environment(raw, "uploader")) is (mode is Mode.SIGNAL)


def test_secrets_and_authorities_are_volumes_and_no_environment() -> None:
    raw = pod(BOTH, KEEPER, SOURCE)
    items = [{"key": "ca.crt", "path": "ca.crt"}]
    assert volumes(raw) == {
        "ct-store-s0-key": {"name": "ct-store-s0-key", "secret": {"secretName": "key"}},
        "ct-store-s0-ca": {"name": "ct-store-s0-ca", "configMap": {"name": "company", "items": items}},
        "ct-store-s1-key": {"name": "ct-store-s1-key", "secret": {"secretName": "key"}},
    }
    assert "secretKeyRef" not in json.dumps(raw)


def test_a_downloader_that_fetches_nothing_has_nothing() -> None:
    raw = pod(FILE.with_uri("a", "s3://given/a", mode="Reference"), KEEPER, SOURCE)
    assert mounted(raw, "downloader") == {}
    assert environment(raw, "downloader") == set()


def test_an_uploader_that_keeps_nothing_has_nothing() -> None:
    raw = pod(a_task().with_uri("a", "s3://given/a"), SOURCE)
    assert (mounted(raw, "uploader"), environment(raw, "uploader")) == ({}, set())
    assert mounted(raw, "downloader").keys() == {"ct-store-s0-key"}


def test_a_store_that_reads_and_keeps_is_one_volume_for_both() -> None:
    raw = pod(FILE.with_uri("a", "s3://kept/a"), KEEPER)
    assert mounted(raw, "downloader") == mounted(raw, "uploader")
    assert len(volumes(raw)) == 2


@pytest.mark.parametrize("read_only", [False, True])
def test_a_claim_is_written_by_the_uploader_alone_and_by_nobody_who_may_not(*, read_only: bool) -> None:
    stores = (own("default", claim("kept")), own("c", claim(read_only=read_only)))
    raw = pod(FILE.with_uri("a", "pvc://c/a").with_uri("b", "pvc://kept/b"), *stores)
    assert mounted(raw, "uploader") == {"ct-store-s0-claim": ("/ct/stores/s0/volume", False)}
    assert mounted(raw, "downloader") == {
        "ct-store-s0-claim": ("/ct/stores/s0/volume", True),
        "ct-store-s1-claim": ("/ct/stores/s1/volume", True),
    }
    assert volumes(raw)["ct-store-s1-claim"]["persistentVolumeClaim"] == {"claimName": "c"}


def test_without_a_network_there_is_no_guard() -> None:
    raw = pod(FILE.with_uri("a", "pvc://c/a"), own("default", claim()))
    assert environment(raw, "downloader") == environment(raw, "uploader") == set()


@pytest.mark.parametrize("uri", ["https://data.example.org/a", "s3://nobody/a"])
def test_what_anybody_may_read_needs_no_volume_but_the_guard(uri: str) -> None:
    raw = pod(a_task().with_uri("a", uri))
    assert volumes(raw) == {}
    assert environment(raw, "downloader") == GUARDED


def test_a_web_server_that_wants_a_password() -> None:
    raw = pod(a_task().with_uri("a", "https://data.example.org/a"), own("w", web("data.example.org")))
    assert mounted(raw, "downloader").keys() == {"ct-store-s0-key"}


def skipped(raw: Json) -> Json:
    return {name: value for name, value in raw["metadata"]["annotations"].items() if name in SKIPPED}


IDENTITY = own("default", {"s3": {"bucket": "kept", "region": "r1"}})


def test_only_where_a_store_uses_the_pods_identity_main_is_kept_from_it() -> None:
    assert skipped(pod(FILE, IDENTITY)) == dict.fromkeys(SKIPPED, "main")
    assert skipped(pod(FILE, KEEPER)) == skipped(pod(a_task())) == {}


def test_who_wants_the_identity_in_main_says_so() -> None:
    mine = {"eks.amazonaws.com/skip-containers": "sidecar"}
    task = FILE.spec(podTemplate={"metadata": {"annotations": mine}})
    assert skipped(pod(task, IDENTITY)) == dict.fromkeys(SKIPPED, "main") | mine


@pytest.mark.parametrize("field", ["volumeMounts", "volumes"])
def test_no_overlay_mounts_a_store_in_main(field: str) -> None:
    mount = {"name": "ct-store-s0-key", "mountPath": "/stolen"}
    overlays: dict[str, Json] = {
        "volumeMounts": {"containers": [{"name": "main", "volumeMounts": [mount]}]},
        "volumes": {"volumes": [{"name": "ct-store-s0-key", "emptyDir": {}}]},
    }
    found = accept(FILE.spec(podTemplate={"spec": overlays[field]}).view())
    assert isinstance(found, Refused)
    assert "ct-store-s0-key" in found.message
    assert "ours" in found.message


def test_a_store_of_the_cluster_takes_the_namespaces_own_secret() -> None:
    raw = pod(FILE, of_cluster("default", bucket("kept")))
    assert volumes(raw)["ct-store-s0-key"]["secret"] == {"secretName": "key"}


@pytest.mark.parametrize("mode", [Mode.GATED, Mode.INIT])
def test_what_streams_is_the_uploaders_matter_alone(mode: Mode) -> None:
    raw = pod(FILE.with_uri("a", "s3://given/a", mode="Stream"), KEEPER, SOURCE, mode=mode)
    assert mounted(raw, "uploader").keys() == {"ct-store-s0-key", "ct-store-s0-ca", "ct-store-s1-key"}
    assert (mounted(raw, "downloader"), environment(raw, "downloader")) == ({}, set())


def test_a_claim_that_streams_is_only_read() -> None:
    raw = pod(FILE.with_uri("a", "pvc://c/k", mode="Stream"), KEEPER, own("c", claim()))
    assert mounted(raw, "uploader")["ct-store-s1-claim"] == ("/ct/stores/s1/volume", True)


def test_a_claim_that_streams_and_keeps_is_written_to() -> None:
    keeper = own("default", claim())
    raw = pod(FILE.with_uri("a", "pvc://c/k", mode="Stream"), keeper)
    assert mounted(raw, "uploader") == {"ct-store-s0-claim": ("/ct/stores/s0/volume", False)}


@pytest.mark.parametrize(
    ("mode", "streams", "writes"),
    [
        (Mode.INIT, False, False),
        (Mode.INIT, True, True),
        (Mode.GATED, False, True),
        (Mode.GATED, True, True),
    ],
)
def test_an_uploader_writes_to_the_control_volume_where_it_has_to(
    mode: Mode,
    streams: bool,  # noqa: FBT001 - cases
    writes: bool,  # noqa: FBT001 - cases
) -> None:
    raw = pod(
        FILE.with_uri("a", "s3://given/a", **({"mode": "Stream"} if streams else {})),
        KEEPER,
        SOURCE,
        mode=mode,
    )
    found = [one for one in container(raw, "uploader")["volumeMounts"] if one["mountPath"] == "/ct/control"]
    assert [one.get("readOnly", False) for one in found] == [not writes]
    of_main = [one for one in container(raw, "main")["volumeMounts"] if one["mountPath"] == "/ct/control"]
    assert [one.get("readOnly", False) for one in of_main] == [True]


def test_the_manifest_says_what_streams() -> None:
    task = FILE.with_uri("a", "s3://given/a", mode="Stream", sha256="0" * 64, maxBytes=7).with_uri(
        "b", "s3://given/b"
    )
    raw = pod(task, KEEPER, SOURCE)
    manifest = Manifest.decode(raw["metadata"]["annotations"][MANIFEST_ANNOTATION])
    assert manifest.streams == (StreamItem("a", "s3://given/a", "0" * 64, 7),)
    assert {one.id for one in manifest.stores} == {"s0", "s1"}


def test_a_task_whose_inputs_all_stream_fetches_nothing() -> None:
    streaming = a_task().with_uri("a", "s3://given/a", mode="Stream")
    for task, fetches in ((streaming, False), (streaming.with_uri("b", "s3://given/b"), True)):
        accepted = accept(task.view())
        assert isinstance(accepted, Accepted), accepted
        assert accepted.fetches is fetches
    awaiting = accept(a_task().needing("other", kind="file", mode="Stream").view())
    assert isinstance(awaiting, Accepted), awaiting
    assert not awaiting.fetches
