"""From a manifest to a task in Python."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from containertask.core.task import API_VERSION, KIND
from containertask.errors import InvalidTaskError
from containertask.manifests.documents import ManifestError, read
from containertask.sdk.declare import MISSING, Input, Output
from containertask.sdk.files import Dir, File
from containertask.sdk.task import ContainerTask
from containertask.sdk.wording import kind_of
from containertask.types.grammar import parse_type
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, ListOf, MapOf, OptionalOf, Type

Json = dict[str, Any]

_KINDS: Final = (KIND, "ContainerTaskTemplate", "ClusterContainerTaskTemplate")
_PARAMETERS: Final = {
    "image",
    "command",
    "args",
    "inputs",
    "outputs",
    "inputDir",
    "outputDir",
    "metadataFormat",
}
_OF_ONE_RUN: Final = {"cancel"}
_WORDS: Final = {"storeRef": "store"}
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def load(source: str | Path | Json, name: str | None = None) -> ContainerTask:
    """Return the task of a manifest: of a file, or of the object itself.

    Types are those of the manifest: values are as they are there, but for files and folders, which are
    ``File`` and ``Dir``. A value that an input has becomes its default.

    Args:
        source: path of a YAML file, or the object.
        name: of the one that is meant, where the file has several.

    Raises:
        InvalidTaskError: it is no task, several, or refers to a template.
        OSError: the file cannot be read.
    """
    document = _chosen(_documents(source), name)
    spec = document.get("spec")
    if not isinstance(spec, dict):
        raise InvalidTaskError([f"spec: {kind_of(spec)} where an object is wanted"])
    if spec.get("templateRef") is not None:
        raise InvalidTaskError(["spec.templateRef: what a template says only the cluster knows"])
    try:
        return _task(document, spec)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise InvalidTaskError([f"the manifest cannot be read: {error}: see `ctask lint`"]) from None


def _documents(source: str | Path | Json) -> Iterable[object]:
    if isinstance(source, dict):
        return [source]
    try:
        return [one.raw for one in read(Path(source).read_text(encoding="utf-8"), str(source))]
    except UnicodeDecodeError:
        raise InvalidTaskError([f"{source}: it is not UTF-8"]) from None
    except ManifestError as error:
        raise InvalidTaskError([str(error)]) from None


def _chosen(documents: Iterable[object], name: str | None) -> Json:
    found = [
        one
        for one in documents
        if isinstance(one, dict) and one.get("apiVersion") == API_VERSION and one.get("kind") in _KINDS
    ]
    named = [one for one in found if name in {None, (one.get("metadata") or {}).get("name")}]
    if len(named) == 1:
        return named[0]
    names = ", ".join(str((one.get("metadata") or {}).get("name")) for one in found) or "none"
    raise InvalidTaskError([f"one task is wanted, and there are {names}: say which by `name`"])


def _task(document: Json, spec: Json) -> ContainerTask:
    metadata = document.get("metadata") or {}
    marks = {one: metadata[one] for one in ("namespace", "labels", "annotations") if metadata.get(one)}
    # To the API server, null is a field left out.
    said = {name: value for name, value in spec.items() if value is not None}
    options = {_keyword(name): value for name, value in said.items() if name not in _PARAMETERS | _OF_ONE_RUN}
    parts = {"command": spec.get("command", ()), "arguments": spec.get("args")}
    return ContainerTask(
        metadata.get("name") or "task",
        spec["image"],
        inputs={one["name"]: _input(one) for one in spec.get("inputs") or ()},
        outputs={one["name"]: _output(one) for one in spec.get("outputs") or ()},
        input_data_dir=spec.get("inputDir", "/var/inputs"),
        output_data_dir=spec.get("outputDir", "/var/outputs"),
        metadata_format=spec.get("metadataFormat", "JSON"),
        **{**parts, **options, **marks},
    )


def _keyword(field: str) -> str:
    return _WORDS.get(field) or _CAPITAL.sub("_", field).lower()


def _input(item: Json) -> Input:
    kind = parse_type(item["type"])
    more = {
        _keyword(name): item[name]
        for name in ("layout", "mode", "sha256", "maxBytes", "optional")
        if name in item
    }
    if "uri" in item:
        default = _value(kind, {"uri": item["uri"]})
    else:
        raw = item.get("value", item.get("default", MISSING))
        default = raw if raw is MISSING else _value(kind, raw)
    return Input(kind, default, **more)


def _output(item: Json) -> Output:
    names = ("optional", "path", "glob", "source", "maxBytes", "destination")
    return Output(parse_type(item["type"]), **{_keyword(name): item[name] for name in names if name in item})


def _value(kind: Type, raw: Any) -> Any:  # noqa: ANN401 - any JSON, and what it is in Python
    """Return a value of a manifest as this package takes it: files are no JSON in Python."""
    match kind, raw:
        case StoredType.FILE, {"uri": str(uri)}:
            return File(uri=uri)
        case StoredType.FILE, str():
            return base64.b64decode(raw)
        case ((StoredType() | DatasetOf()), {"uri": str(uri)}):
            return Dir(uri=uri)
        case ListOf(item), list():
            return [_value(item, one) for one in raw]
        case MapOf(item), dict():
            return {name: _value(item, one) for name, one in raw.items()}
        case OptionalOf(item), _ if raw is not None:
            return _value(item, raw)
    return raw
