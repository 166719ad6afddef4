"""How much work a value is, counted before it is read: all other tasks wait while a megabyte is read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from containertask.contract.manifest import MAX_INPUT_FILES
from containertask.types.model import ListOf, MapOf, OptionalOf, Type, UnionOf, alternatives

MAX_TRIES: Final = 50_000
"""How many parts times variants of unions: each part may be tried as each variant, in microseconds."""


class TooManyPartsError(ValueError):
    """A value is too much; the message says what would do."""


class Room:
    """What the inputs of one task may still be."""

    def __init__(self) -> None:
        self._files = MAX_INPUT_FILES
        self._tries = MAX_TRIES

    def take(self, kind: Type, raw: object) -> None:
        """Take what a value is, by its JSON.

        Raises:
            TooManyPartsError: there is no room for it.
        """
        found = sum(1 for _ in islice(_parts(kind, raw), self._files + 1))
        self._files -= found
        self._tries -= found * _variants(kind)
        if self._files < 0:
            raise TooManyPartsError(
                f"they are more than {MAX_INPUT_FILES} files: make a long list or map a struct or a file"
            )
        if self._tries < 0:
            raise TooManyPartsError(
                "they are too many values that may each be of many types: have fewer values, or fewer types "
                "in their unions"
            )


def _parts(kind: Type, raw: object) -> Iterator[None]:
    yield None
    for one in alternatives(kind):
        match one, raw:
            case ListOf(item), list():
                for part in raw:
                    yield from _parts(item, part)
                return
            case MapOf(item), dict():
                for part in raw.values():
                    yield from _parts(item, part)
                return


def _variants(kind: Type) -> int:
    match kind:
        case ListOf(item) | MapOf(item) | OptionalOf(item):
            return _variants(item)
        case UnionOf(variants):
            return sum(map(_variants, variants))
        case _:
            return 1
