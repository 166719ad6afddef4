"""What outputs are called in a store: keys, extensions, content types. Pure.

A key is a path below the folder of the attempt. Names that a command chose inside a folder of its own are
never changed; only those that become part of a value's URI are made fit for one.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from containertask.contract.items import OutputItem
from containertask.copilot.storedfiles import Part, Path
from containertask.copilot.transfer.errors import BadKeyError
from containertask.copilot.transfer.keys import shown

MAX_KEY: Final = 1024
"""How many bytes a key has at most in the stores that there are."""
MANIFEST: Final = "outputs.json"
LITERALS: Final = "outputs.pb"

_EXTENSION: Final = re.compile(r".((?:\.tar)?\.[A-Za-z0-9]+)", re.DOTALL)
_MAX_EXTENSION: Final = 16
_LIKE_A_CODE: Final = re.compile(r"%(?=[0-9A-Fa-f]{2})")
_BINARY: Final = "application/octet-stream"
_TEXT: Final = "text/plain; charset=utf-8"
_RUNS: Final = frozenset({"htm", "html", "js", "svg", "xml", "xhtml", "mhtml"})
"""What a browser runs: behind a link to the store it has to be saved, not shown in the store's name."""
_TYPES: Final = {
    "avro": "application/vnd.apache.avro",
    "bz2": "application/x-bzip2",
    "css": "text/css",
    "csv": "text/csv",
    "gif": "image/gif",
    "gz": "application/gzip",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "log": _TEXT,
    "md": "text/markdown",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "parquet": "application/vnd.apache.parquet",
    "pb": "application/x-protobuf",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tar": "application/x-tar",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "tsv": "text/tab-separated-values",
    "txt": _TEXT,
    "wav": "audio/wav",
    "webp": "image/webp",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "zip": "application/zip",
    "zst": "application/zstd",
}


def extension(path: str) -> str:
    """Return the end of a file's name that says what it is, with its dot; ``.tar.gz`` is one."""
    name = path.rpartition("/")[2]
    stem, dot, _ = name.rpartition(".")
    start = len(stem.removesuffix(".tar")) if dot else 0
    found = _EXTENSION.fullmatch(name, max(start - 1, 0))
    return found[1] if found and len(found[1]) <= _MAX_EXTENSION else ""


def attributes(key: str, *, shown_there: bool = False) -> dict[str, str]:
    """Return what a store is to say of an object when it is asked for.

    ``shown_there``: somebody has chosen the place, and it may be a site of its own.
    """
    _, dot, kind = key.rpartition("/")[2].rpartition(".")
    found = {"Content-Type": _TYPES.get(kind.lower(), _BINARY) if dot else _BINARY}
    if dot and kind.lower() in _RUNS and not shown_there:
        found["Content-Disposition"] = "attachment"
    return found


def text_attributes() -> dict[str, str]:
    """Return the same of a text without a name that says so."""
    return {"Content-Type": _TEXT}


def part_path(part: Part, *, globbed: bool) -> str:
    """Return a part's path in the store, below its output; empty for an output that is one file."""
    return "/".join((*item_names(part.path[: part.depth], globbed=globbed), *part.path[part.depth :]))


def item_names(names: Path, *, globbed: bool) -> Path:
    """Return the names of items of lists and maps as a URI can have them.

    Those of maps are encoded already, as the codec has it; others (``globbed``) may look as if they were.
    """
    return tuple(_fit(_LIKE_A_CODE.sub("%25", one) if globbed else one) for one in names)


def check(key: str) -> None:
    """Take a key that is not too long; raises BadKeyError."""
    if (size := len(key.encode())) > MAX_KEY:
        text = f"the key `{shown(key)}` would have {size} bytes, and stores take {MAX_KEY}: shorten the names"
        raise BadKeyError(text)


def _fit(name: str) -> str:
    return "".join(one if one.isprintable() and not one.isspace() else quote(one, safe="") for one in name)


def output_uri(base: str, item: OutputItem, *, single: bool) -> str:
    """Return where an output goes: below a folder, or where its destination says.

    A single file has an extension where it goes by its output's name; a folder ends with a slash.
    """
    if single:
        own = f"{item.name}{extension(item.path or item.name)}"
        return f"{base}{own}" if base.endswith("/") else base
    if item.destination is not None:
        return f"{base.removesuffix('/')}/"
    return f"{base}{item.name}/"
