"""Where the parts of an input lie for ``main``: below ``<inputDir>/<name>``, in one of two layouts.

``Direct``: a file is at that path. ``NamedDir``: that path is a directory, and the file is in it under its
input's name, as content has no other. So it is for ``file`` and ``optional[file]``; all else, and a URI in
place of a file, lies as in Direct. Pure, it opens nothing.
"""

from __future__ import annotations

from containertask.codec import typed
from containertask.codec.stored import FileContent, LocalPath, Stored
from containertask.codec.trees import Tree, to_name, to_tree
from containertask.codec.typed import AnyValue
from containertask.contract.manifest import Layout
from containertask.types.leaves import StoredType
from containertask.types.model import ListOf, MapOf, OptionalOf, Type, UnionOf, present


def input_tree(name: str, kind: Type, value: AnyValue, layout: Layout) -> Tree | None:
    """Return the files of an input; None if there are none. Raises CodecError, as ``to_tree``."""
    tree = to_tree(kind, value)
    if tree is None or not _in_directory(kind, value, layout):
        return tree
    return {name: tree}


def input_path(directory: str, name: str, kind: Type, value: AnyValue, layout: Layout) -> str:
    """Return the path of an input, whether it is there or not."""
    path = f"{directory}/{name}"
    return f"{path}/{name}" if _in_directory(kind, value, layout) else path


def placed(kind: Type, value: AnyValue, path: str) -> AnyValue:
    """Return the value with each file's content replaced by the path at which ``main`` finds it."""
    match kind, value:
        case _, FileContent():
            return LocalPath(path)
        case _, None:
            return None
        case OptionalOf(item), _:
            return placed(item, value, path)
        case UnionOf(), _:
            return placed(typed.variant_of(kind, value), value, path)
        case ListOf(item), list():
            return [placed(item, one, f"{path}/{at}") for at, one in enumerate(value)]
        case MapOf(item), dict():
            return {key: placed(item, one, f"{path}/{to_name(key)}") for key, one in value.items()}
    return value


def _in_directory(kind: Type, value: AnyValue, layout: Layout) -> bool:
    a_file = present(kind) is StoredType.FILE
    return layout is Layout.NAMED_DIR and a_file and not isinstance(value, Stored)
