"""How a type is written, such as ``map[list[optional[integer]]]``: one pass, and errors that point.

    type  = name | "enum[" text ("," text)* "]" | "dataset[" format "]"
          | ("list[" | "map[" | "optional[") type "]" | "union[" type ("," type)+ "]"
    text  = a JSON string

Blanks may stand between any two parts. What has two ways to be written is refused in one of them, so that
equal types are equal values: an optional inside an optional or a union, a union inside a union.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Final

from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from containertask.words import shown

MAX_DEPTH: Final = 16
"""How many types may be inside one another."""

MAX_LENGTH: Final = 1024
"""How many characters a type may have."""

_LEAVES: Final[dict[str, Type]] = {one.value: one for one in (*SimpleType, *BareType, *StoredType)}
TYPE_NAMES: Final = (*_LEAVES, "enum", "dataset", "list", "map", "optional", "union")
"""The words that a type begins with; the last six have brackets."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMAT: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_BLANKS: Final = re.compile(r"[ \t]*")


class TypeSyntaxError(ValueError):
    """A text is no type.

    Attributes:
        position: index of the character from which on it is none.
    """

    def __init__(self, text: str, position: int, why: str) -> None:
        super().__init__(f"`{shown(text)}` is no type: at character {position + 1}, {why}")
        self.position = position


@functools.lru_cache(maxsize=1024)
def parse_type(text: str) -> Type:
    """Read a type.

    Raises:
        TypeSyntaxError: where it stops being one, and what would do.
    """
    if len(text) > MAX_LENGTH:
        raise TypeSyntaxError(text, MAX_LENGTH, f"it goes on: a type has at most {MAX_LENGTH} characters")
    reader = _Reader(text)
    found = reader.type(1)
    if reader.at < len(text):
        raise reader.error("nothing may follow: the type has ended")
    return found


@dataclass(slots=True)
class _Reader:
    """A text and how far it is read; blanks before ``at`` are read, too."""

    text: str
    at: int = 0

    def __post_init__(self) -> None:
        self._skip(0)

    def error(self, why: str, at: int | None = None) -> TypeSyntaxError:
        return TypeSyntaxError(self.text, self.at if at is None else at, why)

    def type(self, depth: int) -> Type:
        begin, name = self.at, self._word(_NAME, "a type's name")
        if depth > MAX_DEPTH:
            raise self.error(f"it is nested deeper than {MAX_DEPTH} types", begin)
        if name in _LEAVES:
            return _LEAVES[name]
        match name:
            case "enum":
                return EnumOf(self._texts())
            case "dataset":
                return DatasetOf(self._format())
            case "list":
                return ListOf(self._one(depth))
            case "map":
                return MapOf(self._one(depth))
            case "optional":
                return self._optional(depth)
            case "union":
                return self._union(depth)
        raise self.error(_unknown(name), begin)

    # --- What stands in brackets ---

    def _one(self, depth: int) -> Type:
        self._open("a type, such as [integer]")
        found = self.type(depth + 1)
        self._close()
        return found

    def _optional(self, depth: int) -> OptionalOf:
        inside = self.at + 1
        found = self._one(depth)
        if isinstance(found, (OptionalOf, BareType)):
            raise self.error("it is optional already: write one optional", inside)
        return OptionalOf(found)

    def _union(self, depth: int) -> UnionOf:
        self._open("two types or more, such as [integer,string]")
        found: list[Type] = []
        while not found or self._next(","):
            begin, variant = self.at, self.type(depth + 1)
            if isinstance(variant, UnionOf):
                raise self.error("a union inside a union: write all of them in one", begin)
            if isinstance(variant, (OptionalOf, BareType)):
                raise self.error("optional inside a union: write optional[union[…]]", begin)
            if variant in found:
                raise self.error(f"{variant} is there already", begin)
            found.append(variant)
        self._close()
        if len(found) == 1:
            raise self.error("a union has two types or more", self.at - 1)
        return UnionOf(tuple(found))

    def _texts(self) -> tuple[str, ...]:
        self._open('values in quotes, such as ["a","b"]')
        found: list[str] = []
        while not found or self._next(","):
            begin, value = self.at, self._string()
            if value in found:
                raise self.error("this value is there already", begin)
            found.append(value)
        self._close()
        return tuple(found)

    def _format(self) -> str:
        self._open("a format, such as [parquet]")
        found = self._word(_FORMAT, "a format, such as parquet")
        self._close()
        return found

    # --- Parts ---

    def _word(self, pattern: re.Pattern[str], what: str) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self.error(f"{what} has to stand here")
        self._skip(found.end())
        return found[0]

    def _string(self) -> str:
        if not self.text.startswith('"', self.at):
            raise self.error('a value in double quotes has to stand here, such as "a"')
        try:
            value, end = json.JSONDecoder().raw_decode(self.text, self.at)
            value.encode()
        except ValueError:
            raise self.error("this is no JSON string: its closing quote or a `\\` is wrong") from None
        self._skip(end)
        return str(value)

    def _open(self, what: str) -> None:
        if not self._next("["):
            raise self.error(f"{what} has to follow")

    def _close(self) -> None:
        if not self._next("]"):
            raise self.error("`]` has to stand here")

    def _next(self, mark: str) -> bool:
        found = self.text.startswith(mark, self.at)
        if found:
            self._skip(self.at + 1)
        return found

    def _skip(self, begin: int) -> None:
        found = _BLANKS.match(self.text, begin)
        self.at = found.end() if found else begin


_ELSEWHERE: Final = {
    "array": "list",
    "bool": "boolean",
    "bytes": "binary",
    "date": "datetime",
    "dict": "map",
    "double": "float",
    "int": "integer",
    "json": "struct",
    "null": "none",
    "number": "float",
    "object": "struct",
    "str": "string",
    "text": "string",
    "timedelta": "duration",
}
"""What our types are called in other languages."""


def _unknown(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for errors only: 5 ms

    other = _ELSEWHERE.get(name.lower())
    near = [other] if other else get_close_matches(name.lower(), TYPE_NAMES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the names are {', '.join(TYPE_NAMES)}"
    return f"`{shown(name)}` is none: {hint}"
