"""One transfer by our engine, as a process of its own: ``get|put file|folder <bucket> <key> <path>``."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from obstore.store import S3Store

from containertask.copilot.storedfiles import parts
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.fetch import Wanted, fetch_file, fetch_folder
from containertask.copilot.transfer.place import Place
from containertask.copilot.transfer.send import Sending
from containertask.types.grammar import parse_type


def main() -> None:
    how, what, bucket, key, path = sys.argv[1:]
    place = Place(opened(bucket), f"s3://{bucket}")
    target = Path(path)
    if how == "put":
        put(place, what, key, target)
    elif what == "file":
        # Others look at no digest.
        wanted = Wanted(key, os.environ.get("SHA256") or None)
        fetch_file(place, wanted, lambda: os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL), lambda _: None)
    else:
        target.mkdir()
        fetch_folder(place, Wanted(f"{key}/"), os.open(target, os.O_RDONLY), lambda _: None)


def put(place: Place, what: str, key: str, source: Path) -> None:
    kind = parse_type("file" if what == "file" else "directory")
    folder = os.open(source.parent, os.O_RDONLY)
    with Crew() as crew:
        sending = Sending(crew, place, lambda _: None)
        for part in parts(kind, folder, source.name):
            sending.send(part, "/".join((key, *part.path)), {"Content-Type": "application/octet-stream"})


def opened(bucket: str) -> S3Store:
    return S3Store(
        bucket,
        endpoint=os.environ["ENDPOINT"],
        region=os.environ["AWS_REGION"],
        client_options={"allow_http": True, "timeout": timedelta(minutes=15)},
    )


main()
