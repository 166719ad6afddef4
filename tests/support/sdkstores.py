"""A cluster of the SDK whose default store is a bucket of a real server; and what is asked of both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import containertask as ct
from containertask.kube.resources import ARTIFACT_STORES
from support.fakeapi import FakeApi
from support.sdkcluster import cluster_of
from support.stores import Bucket

Json = dict[str, Any]
Work = Callable[[FakeApi, ct.Cluster], Coroutine[None, None, None]]


def store_object(place: Json) -> Json:
    """Return the default store of the namespace, which lies where ``place`` says."""
    return {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": "ArtifactStore",
        "metadata": {"name": "default", "namespace": "team"},
        "spec": place,
    }


def of_bucket(bucket: Bucket) -> Json:
    """Return the store that is a folder of a bucket, behind its proxy."""
    place = {
        "endpoint": f"http://127.0.0.1:{bucket.proxy.port}",
        "region": "us-east-1",
        "bucket": bucket.name,
        "prefix": "team",
    }
    return store_object({"s3": {**place, "credentials": {"type": "Secret", "secretName": "keys"}}})


def with_store(store: Json, folder: Path, work: Work) -> None:
    """Run something on a cluster that has a store."""

    async def scenario() -> None:
        async with asyncio.timeout(60), FakeApi() as api:
            api.put(ARTIFACT_STORES, store)
            await work(api, cluster_of(api, folder))

    asyncio.run(scenario())
