"""One transfer by boto3, as a process of its own: ``get|put file|folder <bucket> <key> <path>``.

Runs in an environment of its own: nothing of ours is imported. Not by its CRT, which takes the port of an
endpoint for a part of the host's name (``AWS_IO_DNS_INVALID_NAME``, seen with 1.44).
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3  # type: ignore[import-not-found]
from boto3.s3.transfer import TransferConfig  # type: ignore[import-not-found]
from botocore.config import Config  # type: ignore[import-not-found]

_AT_ONCE = 32


def main() -> None:
    how, what, bucket, key, path = sys.argv[1:]
    path_style = Config(s3={"addressing_style": "path"})
    client = boto3.client("s3", endpoint_url=os.environ["ENDPOINT"], config=path_style)
    config = TransferConfig(max_concurrency=_AT_ONCE)
    if what == "file" and how == "get":
        client.download_file(bucket, key, path, Config=config)
    elif what == "file":
        client.upload_file(path, bucket, key, Config=config)
    elif how == "get":
        Path(path).mkdir()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{key}/")
        keys = [one["Key"] for page in pages for one in page["Contents"]]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda one: client.download_file(bucket, one, f"{path}/{Path(one).name}"), keys))
    else:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            files = list(Path(path).iterdir())
            list(pool.map(lambda one: client.upload_file(str(one), bucket, f"{key}/{one.name}"), files))


main()
