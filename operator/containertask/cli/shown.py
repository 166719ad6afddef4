"""How objects look on a screen: tables as kubectl's, ages, JSON and YAML. It asks nobody."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from containertask.cli.errors import CommandError
from containertask.cli.place import RESOURCE
from containertask.cli.plain import plain

Json = dict[str, Any]

_GAP: Final = 3
_NONE: Final = "<none>"
_NOT_ASCII: Final = re.compile(r"[^\n -~]")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Table:
    """Rows under a heading. The columns are as wide as those of the first rows need."""

    def __init__(self, heading: Sequence[str]) -> None:
        self._heading = heading
        self._widths: list[int] = []

    def add(self, rows: Iterable[Sequence[object]]) -> str:
        """Return rows as text, the first time under the heading."""
        texts = [[_NONE if one in {None, ""} else plain(str(one)) for one in row] for row in rows]
        if not self._widths:
            texts.insert(0, list(self._heading))
            self._widths = [max(map(len, column)) + _GAP for column in zip(*texts, strict=True)]
        return "".join(self._line(row) for row in texts)

    def _line(self, row: Sequence[str]) -> str:
        cells = (text.ljust(width) for text, width in zip(row, self._widths, strict=True))
        return "".join(cells).rstrip() + "\n"


def age(since: str | None, now: datetime) -> str | None:
    """Return how long ago a time of the API was, as kubectl writes it."""
    return None if since is None else length((now - instant(since)).total_seconds())


def instant(text: str) -> datetime:
    """Read a time of the API."""
    return datetime.fromisoformat(text)


def length(seconds: float) -> str:
    """Return seconds in at most two units."""
    whole = max(int(seconds), 0)
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return _two(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    return _two(whole, _DAY, "d", _HOUR, "h") if whole < 8 * _DAY else f"{whole // _DAY}d"


def now() -> datetime:
    """Return the time by which ages are told."""
    return datetime.now(UTC)


def print_objects(objects: Sequence[Json], form: str, *, single: bool) -> None:
    """Print objects as JSON, YAML or names; ``single``: one was asked for by its name."""
    plain = [_without_fields(one) for one in objects]
    if form == "name":
        sys.stdout.write("".join(f"{RESOURCE}/{one['metadata']['name']}\n" for one in plain))
        return
    whole = plain[0] if single else {"apiVersion": "v1", "kind": "List", "items": plain}
    print_json(whole, form)


def print_json(value: object, form: str) -> None:
    """Print a value as JSON or YAML. Raises CommandError for another format."""
    if form == "json":
        sys.stdout.write(dumped(value, indent=4) + "\n")
    elif form == "yaml":
        import yaml  # noqa: PLC0415 - slow to load, and few want it

        yaml.safe_dump(value, sys.stdout, sort_keys=False, width=110, allow_unicode=True)
    else:
        raise CommandError("-o: write json, yaml or name here", exit_code=2)


def dumped(value: object, indent: int | None = None) -> str:
    """Return a value as JSON, with all letters, but nothing that a terminal acts on."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return _NOT_ASCII.sub(lambda one: one[0] if one[0].isprintable() else json.dumps(one[0])[1:-1], text)


def one_line(value: object, most: int = 80) -> str:
    """Return a value in one line of at most so many characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = plain(text[: most * 2])
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _without_fields(document: Mapping[str, Any]) -> Json:
    metadata = {name: one for name, one in document["metadata"].items() if name != "managedFields"}
    return {**document, "metadata": metadata}


def _two(whole: int, large: int, first: str, small: int, second: str) -> str:
    rest = whole % large // small
    return f"{whole // large}{first}{rest}{second}" if rest else f"{whole // large}{first}"
