"""Values of every type as files: what ``main`` finds as an input and writes as an output. Opens none.

A tree is a file's bytes, or files and directories by their names. A list is a directory of ``0``, ``1``, …,
a map one of its keys, in which what no name can hold is ``%`` and two hexadecimal digits, as in a URL. Of an
item that is absent there is an empty file with ``%none`` at the end of its name: no key is written so. An
absent value has no file at all. What is read may also be JSON in one file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, assert_never, cast

from containertask.codec import simple, text, typed
from containertask.codec.errors import CodecError
from containertask.codec.simple import MAX_BYTES, Value
from containertask.codec.stored import FileContent, LocalPath, Sought, Stored, Streamed
from containertask.codec.typed import AnyValue
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from containertask.words import shown

Tree: TypeAlias = "bytes | Mapping[str, Tree]"
InputTree: TypeAlias = "bytes | Sought | Streamed | Mapping[str, InputTree]"
"""The same with what is still to be fetched, or comes while it is read."""

Leaf: TypeAlias = Callable[[Type, AnyValue], "bytes | Sought | Streamed"]

MAX_NAME: Final = 255
"""How long a file's name may be in Linux, in bytes."""

_NONE: Final = "%none"
_EMPTY: Final = "%empty"
_UNSAFE: Final = re.compile(r"[%/\x00]")
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")


def to_tree(kind: Type, value: AnyValue) -> Tree | None:
    """Return the files of a value; None if there is none of it.

    Raises:
        CodecError: the value is of another type, or a key is too long for a name.
    """
    return cast("Tree | None", tree_of(kind, value, lambda _, one: to_leaf(one)))


def tree_of(kind: Type, value: AnyValue, leaf: Leaf) -> InputTree | None:
    """Do the same with whatever is there of each value that is one file; ``leaf`` gets it and its type."""
    match kind, value:
        case BareType(), None:
            return b"null"
        case OptionalOf(), None:
            return None
        case OptionalOf(item), _:
            return tree_of(item, value, leaf)
        case UnionOf(), _:
            return tree_of(variant_at(kind, value), value, leaf)
        case ListOf(item), list():
            return dict(_entry(item, str(at), one, leaf) for at, one in enumerate(value))
        case MapOf(item), dict():
            return dict(_entry(item, to_name(key), one, leaf) for key, one in value.items())
    typed.to_json(kind, value)
    return leaf(kind, value)


def variant_at(kind: UnionOf, value: AnyValue) -> Type:
    """Return the variant that a value is of: a URI with a slash at its end is that of a folder."""
    if isinstance(value, Stored) and value.uri.endswith("/"):
        for one in kind.variants:
            if one is StoredType.DIRECTORY or isinstance(one, DatasetOf):
                return one
    return typed.variant_of(kind, value)


def to_leaf(value: AnyValue) -> bytes:
    """Return the bytes of a value that is one file: no list, no map, nothing absent."""
    match value:
        case Stored(uri):
            return uri.encode()
        case FileContent(data):
            return data
        case LocalPath():
            raise AssertionError("a path is for manifests")
        case str():
            return value.encode()
        case _:
            return simple.to_file(cast("Value", value))


def _entry(item: Type, name: str, value: AnyValue, leaf: Leaf) -> tuple[str, InputTree]:
    found = tree_of(item, value, leaf)
    return (name + _NONE, b"") if found is None else (name, found)


def from_tree(kind: Type, tree: Tree | None) -> AnyValue:
    """Read a value from its files, as a program wrote them; None is that there are none.

    Raises:
        CodecError: what is there instead, where, and what would do.
    """
    match kind:
        case OptionalOf(item):
            return None if _absent(item, tree) else from_tree(item, tree)
        case UnionOf():
            return typed.first(kind, from_tree, tree)
        case BareType():
            _nothing(tree)
            return None
        case _ if tree is None:
            raise CodecError("there is no file of it: write one")
        case ListOf() | MapOf():
            return _several(kind, tree)
        case EnumOf():
            return typed.one_of(kind, text.string_from_text(_text(tree)))
        case SimpleType():
            return simple.from_file(kind, _bytes(tree))
        case StoredType.FILE:
            return FileContent(_bytes(tree))
        case StoredType() | DatasetOf():
            raise CodecError(f"a {kind} is no value, as only a store can keep it")
    assert_never(kind)


def _absent(item: Type, tree: Tree | None) -> bool:
    """Tell whether nothing is there, or null where JSON is read: as a string it is a text like any other."""
    is_json = isinstance(item, ListOf | MapOf) or item is SimpleType.STRUCT
    return tree is None or (is_json and isinstance(tree, bytes) and tree.strip() == b"null")


def _nothing(tree: Tree | None) -> None:
    if tree is not None and _text(tree).strip() not in {"", "null"}:
        raise CodecError("a file that is neither empty nor `null`, where nothing is wanted")


def _several(kind: ListOf | MapOf, tree: Tree) -> AnyValue:
    if isinstance(tree, bytes):
        return typed.from_json(kind, text.json_from_text(_text(tree)))
    return _list(kind.item, tree) if isinstance(kind, ListOf) else _map(kind.item, tree)


def to_name(key: str) -> str:
    """Return the file's name for a key.

    Raises:
        CodecError: it would be longer than a name may be.
    """
    name = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", key) or _EMPTY
    if name in {".", ".."}:
        name = name.replace(".", "%2E")
    if len((name + _NONE).encode()) > MAX_NAME:
        raise CodecError(f"the key `{shown(key)}` is too long for a file's name, which has {MAX_NAME} bytes")
    return name


def from_name(name: str) -> str:
    """Return the key that a file's name stands for; a ``%`` that begins no two digits is itself.

    Raises:
        CodecError: it is not UTF-8.
    """
    if name == _EMPTY:
        return ""
    try:
        return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), name.encode()).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise CodecError(f"the name `{shown(name)}` is not UTF-8: rename the file") from None


def _list(item: Type, tree: Mapping[str, Tree]) -> list[AnyValue]:
    found: dict[int, AnyValue] = {}
    for name, one in tree.items():
        plain = name.removesuffix(_NONE)
        if not _INDEX.fullmatch(plain):
            raise CodecError(f"`{shown(name)}` in a list's directory: its files are 0, 1, 2, …")
        if int(plain) in found:
            raise CodecError(f"item {plain} is there twice")
        found[int(plain)] = typed.within(f"item {plain}", from_tree, item, None if plain != name else one)
    missing = next((at for at in range(len(found)) if at not in found), None)
    if missing is not None:
        raise CodecError(f"item {missing} is missing in a list's directory of {len(found)} files")
    return [found[at] for at in range(len(found))]


def _map(item: Type, tree: Mapping[str, Tree]) -> dict[str, AnyValue]:
    found: dict[str, AnyValue] = {}
    for name, one in sorted(tree.items()):
        plain = name.removesuffix(_NONE)
        key = from_name(plain)
        if key in found:
            raise CodecError(f"the key `{shown(key)}` is there twice")
        found[key] = typed.within(f"`{shown(key)}`", from_tree, item, None if plain != name else one)
    return found


def _bytes(tree: Tree) -> bytes:
    if not isinstance(tree, bytes):
        raise CodecError("a directory where a file is wanted")
    return tree


def _text(tree: Tree) -> str:
    data = _bytes(tree)
    if len(data) > MAX_BYTES:
        raise CodecError(f"{len(data)} bytes, a value has at most {MAX_BYTES}: write less")
    return text.decode(data)
