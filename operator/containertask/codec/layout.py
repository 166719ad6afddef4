"""Where the parts of an input lie for ``main``: below ``<inputDir>/<name>``, in one of two layouts.

``Direct``: a file is at that path. ``NamedDir``: that path is a directory, and the file is in it, under the
last name of its URI where it has one that a file can have, else under its input's. So it is for ``file`` and
``optional[file]``; all else, and a URI that is handed over in place of a file, lies as in Direct. Pure, it
opens nothing.
"""

from __future__ import annotations

from typing import Final, TypeGuard

from containertask.codec.errors import CodecError
from containertask.codec.stored import FileContent, LocalPath, Shape, Sought, Stored, Streamed
from containertask.codec.trees import MAX_NAME, InputTree, from_name, to_leaf, to_name, tree_of, variant_at
from containertask.codec.typed import AnyValue
from containertask.contract import CONTROL_DIR, STREAM_PREFIX
from containertask.contract.items import InputMode, Layout
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, ListOf, MapOf, OptionalOf, Type, UnionOf, present

_WEB: Final = ("http://", "https://")


def input_tree(
    name: str, kind: Type, value: AnyValue, layout: Layout, *, mode: InputMode = InputMode.DOWNLOAD
) -> InputTree | None:
    """Return the files of an input; None if there are none. Raises CodecError, as ``to_tree``."""

    def leaf(of: Type, one: AnyValue) -> bytes | Sought | Streamed:
        if not _is_fetched(one, mode):
            return to_leaf(one)
        if mode is InputMode.STREAM:
            return Streamed(f"{CONTROL_DIR}/{STREAM_PREFIX}{name}")
        return Sought(one.uri, _shape(of, one.uri))

    tree = tree_of(kind, value, leaf)
    if tree is None or not _in_directory(kind, value, layout, mode):
        return tree
    return {_file_name(name, value): tree}


def input_path(  # noqa: PLR0913 - it is one place of one value
    directory: str,
    name: str,
    kind: Type,
    value: AnyValue,
    layout: Layout,
    *,
    mode: InputMode = InputMode.DOWNLOAD,
) -> str:
    """Return the path of an input, whether it is there or not."""
    path = f"{directory}/{name}"
    return f"{path}/{_file_name(name, value)}" if _in_directory(kind, value, layout, mode) else path


def placed(kind: Type, value: AnyValue, path: str, *, mode: InputMode = InputMode.DOWNLOAD) -> AnyValue:
    """Return the value with the path at which ``main`` finds it in place of each file, directory, dataset."""
    match kind, value:
        case _, FileContent():
            return LocalPath(path)
        case _, None:
            return None
        case OptionalOf(item), _:
            return placed(item, value, path, mode=mode)
        case UnionOf(), _:
            return placed(variant_at(kind, value), value, path, mode=mode)
        case ListOf(item), list():
            return [placed(item, one, f"{path}/{at}", mode=mode) for at, one in enumerate(value)]
        case MapOf(item), dict():
            return {key: placed(item, one, f"{path}/{to_name(key)}", mode=mode) for key, one in value.items()}
        case ((StoredType() | DatasetOf()), _) if _is_fetched(value, mode):
            return LocalPath(path, is_file=kind is StoredType.FILE)
    return value


def _is_fetched(value: AnyValue, mode: InputMode) -> TypeGuard[Stored]:
    return isinstance(value, Stored) and mode is not InputMode.REFERENCE


def _shape(kind: Type, uri: str) -> Shape:
    if kind is StoredType.FILE:
        return Shape.FILE
    return Shape.FOLDER if kind is StoredType.DIRECTORY or uri.endswith("/") else Shape.EITHER


def _in_directory(kind: Type, value: AnyValue, layout: Layout, mode: InputMode) -> bool:
    a_file = present(kind) is StoredType.FILE
    is_uri = isinstance(value, Stored) and not _is_fetched(value, mode)
    return layout is Layout.NAMED_DIR and a_file and not is_uri


def _file_name(name: str, value: AnyValue) -> str:
    """Return the last name of a URI, or else that of the input."""
    if not isinstance(value, Stored):
        return name
    uri = value.uri
    if uri.startswith(_WEB):
        try:
            found = from_name(_path_of(uri).rpartition("/")[2])
        except CodecError:
            return name
    else:
        found = uri.partition("://")[2].partition("/")[2].rpartition("/")[2]
    is_one = found.isprintable() and found not in {"", ".", ".."} and "/" not in found
    return found if is_one and len(found.encode()) <= MAX_NAME else name


def _path_of(url: str) -> str:
    """Return the path of a URL, without its query, which may be secret."""
    return url.partition("#")[0].partition("?")[0].partition("://")[2].partition("/")[2]
