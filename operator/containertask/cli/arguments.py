"""What ``--in`` and ``--out`` say: names, types and values as a spec has them. It asks nobody.

No text of it has a value in it: only names, types and the cure.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from containertask.cli.errors import CommandError
from containertask.types.grammar import TypeSyntaxError, parse_type
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import (
    DatasetOf,
    EnumOf,
    ListOf,
    MapOf,
    OptionalOf,
    Type,
    UnionOf,
    alternatives,
)

Json = dict[str, Any]
Place = Callable[[str, Sequence[Type], str], Json]
"""From an input's name, what of its type is a file or folder, and a path, to its ``value`` or ``uri``."""

INLINE_BYTES: Final = 64 * 1024
"""Up to which size a file goes with the task itself."""
_SAFE: Final = 2**53
"""Beyond, an integer is written as a string: other readers of JSON have no larger ones."""
_NAME: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,62})([:=].*)", re.DOTALL)
_URI: Final = re.compile(r"[a-z][a-z0-9+.-]*://")
_OF_STORE: Final = re.compile(r"(s3|gs|az)://")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_FLOAT: Final = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]+)?", re.ASCII)
_NO_PATH: Final = "write the path of a file behind `@`"
_WORDS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Given:
    """One ``NAME[:TYPE][=TEXT]``; None for what is not there."""

    name: str
    kind: Type | None
    text: str | None


def read(text: str, option: str) -> Given:
    """Take it apart. Raises CommandError."""
    found = _NAME.fullmatch(text)
    if found is None:
        raise CommandError(f"{option}: write a name first: {_FORMS[option]}", exit_code=2)
    name, rest = found[1], found[2]
    if rest.startswith("="):
        return Given(name, None, rest[1:])
    failed: TypeSyntaxError | None = None
    for kind, value in _splits(rest[1:]):
        try:
            return Given(name, parse_type(kind), value)
        except TypeSyntaxError as error:
            failed = failed or error
    raise CommandError(f"{option} {name}: {failed}", exit_code=2)


_FORMS: Final = {"--in": "NAME=VALUE or NAME:TYPE=VALUE", "--out": "NAME:TYPE or NAME:TYPE=/PATH"}


def _splits(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield a type and what is behind it, for each ``=``: an enum may have some itself."""
    for found in re.finditer("=", text):
        yield text[: found.start()], text[found.end() :]
    yield text, None


def guessed(text: str) -> Type:
    """Return the type that a value looks like."""
    if text.startswith("@") and len(text) > 1 and Path(text[1:]).is_dir():
        return StoredType.DIRECTORY
    if text.startswith("@") or _OF_STORE.match(text):
        return StoredType.FILE
    if text in _WORDS:
        return SimpleType.BOOLEAN
    if _INTEGER.fullmatch(text):
        return SimpleType.INTEGER
    return SimpleType.FLOAT if _FLOAT.fullmatch(text) else SimpleType.STRING


def inline(name: str, kinds: Sequence[Type], path: str) -> Json:
    """Have the content of a file go with the task, if that is little. Raises CommandError."""
    if StoredType.FILE not in kinds:
        text = f"a {kinds[0]} does not go with a task: give its URI, such as s3://bucket/key"
        raise _refused(name, text)
    return {"value": _encoded(name, path)}


def there(name: str, _: Sequence[Type], path: str) -> Json:
    """Leave it where it is, for a task that runs on this machine. Raises CommandError."""
    return {"uri": _there(name, path)}


def source(kind: Type, text: str, name: str, place: Place = inline) -> Json:
    """Return what an item of ``spec.inputs`` has for a value: ``value`` or ``uri``. Raises CommandError.

    ``place``: says where the file or folder at a path goes.
    """
    if isinstance(kind, OptionalOf) and text == "null":
        return {"value": None}
    stored = [one for one in alternatives(kind) if isinstance(one, StoredType | DatasetOf)]
    if stored and _URI.match(text):
        return {"uri": text}
    if stored and text.startswith("@"):
        if text == "@":
            raise _refused(name, _NO_PATH)
        return place(name, stored, text[1:])
    if isinstance(kind, StoredType | DatasetOf):
        raise _refused(name, f"it is a {kind}: give its URI, or a file as {name}=@PATH")
    return {"value": _value(kind.item if isinstance(kind, OptionalOf) else kind, text, name)}


def _value(kind: Type, text: str, name: str) -> Any:  # noqa: ANN401 - any JSON
    match kind:
        case SimpleType.INTEGER:
            return _integer(text, name)
        case SimpleType.FLOAT:
            return _float(text, name)
        case SimpleType.BOOLEAN:
            if text not in _WORDS:
                raise _refused(name, "it is a boolean: write true or false")
            return _WORDS[text]
        case SimpleType.STRING | SimpleType.DATETIME | SimpleType.DURATION | EnumOf():
            return text
        case SimpleType.BINARY:
            return _encoded(name, text[1:]) if text.startswith("@") else text
        case SimpleType.STRUCT | ListOf() | MapOf():
            return _json(_content(name, text[1:]) if text.startswith("@") else text, kind, name)
        case BareType():
            return None
        case UnionOf():
            return _any(text)
    raise _refused(name, f"it is a {kind}: give its URI")


def _integer(text: str, name: str) -> int | str:
    if not _INTEGER.fullmatch(text):
        raise _refused(name, "it is an integer: write digits, such as 42")
    number = int(text) if len(text) < len(str(_SAFE)) else None
    return text if number is None else number


def _float(text: str, name: str) -> float | str:
    try:
        number = float(text if text.isascii() and "_" not in text else "")
    except ValueError:
        raise _refused(name, "it is a float: write a number, such as 0.5") from None
    return number if math.isfinite(number) else text


def _json(text: str | bytes, kind: Type, name: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _refused(name, f"it is a {kind}: write JSON, or {name}=@FILE with JSON in it") from None


def _any(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON, or else take the text itself: a union may have both."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _encoded(name: str, path: str) -> str:
    return base64.b64encode(_content(name, path)).decode()


def _there(name: str, path: str) -> str:
    """Return the URI of what is at a path."""
    if not path:
        raise _refused(name, _NO_PATH)
    if not Path(path).exists():
        raise CommandError(f"--in {name}: {path}: no such file or directory", exit_code=2)
    return Path(path).resolve().as_uri()


def _content(name: str, path: str) -> bytes:
    if not path:
        raise _refused(name, _NO_PATH)
    try:
        with Path(path).open("rb") as file:
            found = file.read(INLINE_BYTES + 1)
    except OSError as error:
        text = (error.strerror or "unknown error").lower()
        raise CommandError(f"--in {name}: {path}: {text}", exit_code=2) from None
    if len(found) > INLINE_BYTES:
        text = f"{path} has more than {INLINE_BYTES} bytes, which do not go with a task"
        raise CommandError(f"--in {name}: {text}: put it into a store, and give {name}=s3://bucket/key")
    return found


def _refused(name: str, text: str) -> CommandError:
    return CommandError(f"--in {name}: {text}", exit_code=2)
