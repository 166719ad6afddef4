"""The copilot's manifest of one attempt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from containertask.api.outputs import Output, OutputSource
from containertask.api.spec import ContainerTaskSpec
from containertask.contract.items import InputMode, OutputItem, Source, StreamItem
from containertask.contract.manifest import MAX_INLINE_BYTES, Manifest, Values, digest
from containertask.contract.report import message_budget
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.lengths import download_seconds, upload_seconds
from containertask.core.render import output_path
from containertask.core.task import TaskView

CONTAINERS: Final = 3
"""Downloader, main and uploader: the kubelet counts init containers too."""
_FOREIGN: Final = 4
"""How many containers of others more are reckoned with each time that they cut a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The inputs with their text, which may be half a megabyte and so is written once.

    ``sha256`` is set where they are too large for the Pod's annotation and travel in a ConfigMap.
    """

    values: Values
    text: str
    size: int
    sha256: str | None

    @classmethod
    def of(cls, values: Values) -> Document:
        """Write the values; ``size`` is in bytes."""
        text = values.encode()
        found = cls(values=values, text=text, size=len(text.encode()), sha256=None)
        return found.apart() if found.size > MAX_INLINE_BYTES else found

    def values_size(self) -> int:
        """Return the bytes of the values alone, without names, types and inputs.pb."""
        return self.size - len(replace(self.values, inputs={}).encode().encode())

    def apart(self) -> Document:
        """Return the same for a ConfigMap."""
        return replace(self, sha256=digest(self.text))


def manifest_of(
    task: TaskView, spec: ContainerTaskSpec, document: Document, attempt: Attempt, config: Config
) -> Manifest:
    """Return the manifest."""
    return Manifest(
        namespace=task.namespace,
        name=task.name,
        uid=task.uid,
        attempt=attempt.number,
        mode=attempt.mode,
        metadata_format=spec.metadata_format.value,
        input_dir=spec.input_dir,
        outputs=tuple(_output(spec, one) for one in spec.outputs or ()),
        values=document.values if document.sha256 is None else None,
        values_sha256=document.sha256,
        download_seconds=download_seconds(spec, config),
        upload_seconds=upload_seconds(spec, attempt.mode, config),
        message_bytes=message_budget(CONTAINERS + attempt.others + _FOREIGN * attempt.cuts),
        stores=tuple(one.item for one in attempt.use.stores),
        streams=tuple(_streams(document.values)),
        results=attempt.results,
    )


def _streams(values: Values) -> Iterator[StreamItem]:
    for item in values.items:
        match item.mode, values.inputs.get(item.name):
            case InputMode.STREAM, {"uri": str(uri)}:
                yield StreamItem(item.name, uri, item.sha256, item.max_bytes)


def _output(spec: ContainerTaskSpec, one: Output) -> OutputItem:
    source = Source((one.source or OutputSource.FILE).value)
    path = output_path(spec, one.name, one.path).removeprefix(f"{spec.output_dir}/")
    return OutputItem(
        name=one.name,
        type=one.type,
        path=path if source is Source.FILE and one.glob is None else None,
        glob=one.glob,
        optional=bool(one.optional),
        source=source,
        max_bytes=one.max_bytes,
        destination=one.destination,
    )
