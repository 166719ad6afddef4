"""What is wrong with a kubeconfig, in words: the package that reads it fails in its own code, or only logs.

No value of the file is ever said, for any of them may be a credential.
"""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_PARTS: Final = {"clusters": "cluster", "contexts": "context", "users": "user"}
_TEXTS: Final = {
    "cluster": ("server",),
    "context": ("cluster", "namespace", "user"),
    "user": ("token", "tokenFile"),
}
_DATA: Final = {
    "cluster": ("certificate-authority-data",),
    "context": (),
    "user": ("client-certificate-data", "client-key-data"),
}
_NEEDED: Final = {"cluster": ("server",), "context": ("cluster",), "user": ()}
_KINDS: Final[dict[type, str]] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "missing",
}


def fault(path: str | None) -> str | None:
    """Return the first thing that is wrong with the files of a path, such as KUBECONFIG; else None."""
    for name in (path or os.environ.get("KUBECONFIG") or "~/.kube/config").split(os.pathsep):
        file = Path(name).expanduser()
        if file.is_file() and (found := next(_faults(file), None)) is not None:
            return f"{file}: {found}"
    return None


def without_values(text: str) -> str:
    """Return a message of that package without the objects that it quotes, credentials and all."""
    before, brace, _ = text.partition("{")
    return before.rstrip(" ,'[(/") if brace else text


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Collect what is logged as an error by no name: so that package tells of a plugin's failure.

    While nobody listens, that would have Python set up logging for the whole program.
    """
    said: list[str] = []
    listener = _Listener(said)
    root = logging.getLogger()
    root.addHandler(listener)
    try:
        yield said
    finally:
        root.removeHandler(listener)


class _Listener(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "root":
            self._said.append(record.getMessage())


def _faults(file: Path) -> Iterator[str]:
    import yaml  # noqa: PLC0415 - only who has trouble needs it

    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        yield f"it cannot be read: {type(error).__name__}"
        return
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark is not None else ""
        yield f"it is no YAML{line}"
        return
    if found is None:
        yield "it is empty"
        return
    yield from _wrong(found, dict, "the whole of it")
    if isinstance(found, dict):
        for name, part in _PARTS.items():
            yield from _of_list(found.get(name) or [], name, part)


def _of_list(found: object, name: str, part: str) -> Iterator[str]:
    yield from _wrong(found, list, name)
    for number, one in enumerate(found if isinstance(found, list) else ()):
        where = f"{name}[{number}]"
        yield from _wrong(one, dict, where)
        if isinstance(one, dict):
            yield from _wrong(one.get("name"), str, f"{where}.name")
            inner = one.get(part)
            yield from _wrong(inner if inner is not None else {}, dict, f"{where}.{part}")
            if isinstance(inner, dict):
                yield from _of_part(inner, part, f"{where}.{part}")


def _of_part(found: dict[str, Any], part: str, where: str) -> Iterator[str]:
    for name in _NEEDED[part]:
        if found.get(name) is None:
            yield f"{where}: {name} is missing"
    for name in (*_TEXTS[part], *_DATA[part]):
        if found.get(name) is not None:
            yield from _wrong(found[name], str, f"{where}.{name}")
    for name in _DATA[part]:
        try:
            base64.b64decode(str(found.get(name) or ""))
        except ValueError:
            yield f"{where}.{name}: it is no base64"
    plugin = found.get("exec")
    if part == "user" and plugin is not None:
        yield from _wrong(plugin, dict, f"{where}.exec")
        if isinstance(plugin, dict):
            yield from _wrong(plugin.get("command"), str, f"{where}.exec.command")


def _wrong(found: object, kind: type, where: str) -> Iterator[str]:
    if not isinstance(found, kind):
        yield f"{where}: {_KINDS[kind]} is wanted, and it is {_KINDS.get(type(found), 'something else')}"
