"""Argument templates: ``{{.inputs.x}}`` and its kin in ``command``, ``args`` and ``env`` values.

One pass over the user's text, data only: there is no expression language, and what a value holds is
never read as a template. The kubelet expands ``$(NAME)`` in what we hand over, so every ``$`` of a
value is doubled, and so is a ``$`` of the template that a value could complete to such a reference.
What a token stands for is the matter of ``tokens``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from containertask.codec.tokens import InputView, Scope, TemplateError, stands_for
from containertask.words import shown

__all__ = ["InputView", "Rendered", "Scope", "TemplateError", "render", "render_all"]

MAX_BYTES: Final = 128 * 1024 - 1
"""The longest argument that Linux takes, without its end."""
MAX_TOTAL_BYTES: Final = 1024 * 1024
"""How much command, args and env may be together. Linux takes a quarter of the stack limit, mostly 2 MiB;
the image's own variables need some of it, and the Pod has to fit the API server's 1.5 MiB."""

_OVERHEAD: Final = 9
"""What Linux counts for each element besides its bytes: their end, and a pointer to them."""
_TOKEN: Final = re.compile(r"\{\{\s*[.$]([^{}]*)\}\}")
_NEAR_MISS: Final = re.compile(r"\{\{-?\s*[.$]?(?:inputs|outputs)\.[^{}]{0,40}", re.IGNORECASE)
"""What is no token and was surely meant as one: without the dot, without the end, or with a ``-``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Command, args and env values as a Pod takes them."""

    command: tuple[str, ...]
    args: tuple[str, ...]
    env: Mapping[str, str]


def render_all(
    *, command: Sequence[str], args: Sequence[str], env: Mapping[str, str], scope: Scope
) -> Rendered:
    """Render all templates of a task; ``env`` holds the variables with a value, by name.

    Raises:
        TemplateError: as ``render``, or all together are too large; the message names the element.
    """
    budget = _Budget(scope)
    return Rendered(
        command=tuple(budget.render(f"command[{n}]", text) for n, text in enumerate(command)),
        args=tuple(budget.render(f"args[{n}]", text) for n, text in enumerate(args)),
        env={
            name: budget.render(f"env[{shown(name)}]", value, reserved=len(name.encode()) + 1)
            for name, value in env.items()
        },
    )


class _Budget:
    """Renders element by element while there is room; bytes count as they stand in the Pod."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._left = MAX_TOTAL_BYTES

    def render(self, where: str, template: str, *, reserved: int = 0) -> str:
        try:
            rendered = render(template, self._scope, reserved=reserved)
        except TemplateError as error:
            raise TemplateError(f"{where}: {error}") from None
        self._left -= len(rendered.encode()) + reserved + _OVERHEAD
        if self._left < 0:
            raise TemplateError(
                f"{where}: with this element command, args and env are more than {MAX_TOTAL_BYTES} bytes "
                "together: read large inputs from their files, by {{.inputs.NAME.path}}"
            )
        return rendered


def render(template: str, scope: Scope, *, reserved: int = 0) -> str:
    """Return one element as a Pod takes it; ``reserved`` bytes of its room are taken already.

    Raises:
        TemplateError: an unknown token, one without a value, or an element that no process can get.
    """
    room = _Room(MAX_BYTES - reserved)
    rendered, position = [], 0
    for token in _TOKEN.finditer(template):
        literal = template[position : token.start()]
        room.take(literal)
        _check_literal(literal)
        rendered += [_guarded(literal, before_value=True), _value(token, scope, room).replace("$", "$$")]
        position = token.end()
    rest = template[position:]
    room.take(rest)
    _check_literal(rest)
    return "".join([*rendered, _guarded(rest, before_value=False)])


def _check_literal(literal: str) -> None:
    found = _NEAR_MISS.search(literal)
    if found is not None:
        raise TemplateError(
            f"`{shown(found[0])}` is no token: write {{{{.inputs.NAME}}}}, with the dot and both ends; "
            "text with such braces of its own can be passed as an input"
        )


class _Room:
    """What an element may still hold: counted as it grows, so that a large one is never built."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._left = size

    def take(self, part: str) -> None:
        if "\0" in part:
            raise TemplateError(
                "a NUL character, which no process can get in an argument: use .path, and read the file"
            )
        try:
            self._left -= len(part.encode())
        except UnicodeEncodeError:
            raise TemplateError("half a surrogate pair, which is no text: remove it") from None
        if self._left < 0:
            raise TemplateError(
                f"more than {self._size} bytes, which an argument has at most: use .path, and read the file"
            )


def _value(token: re.Match[str], scope: Scope, room: _Room) -> str:
    try:
        value = stands_for(token[1], scope)
        room.take(value)
    except TemplateError as error:
        raise TemplateError(f"{shown(token[0])}: {error}") from None
    return value


def _guarded(literal: str, *, before_value: bool) -> str:
    """Double each ``$`` of the user's text that the kubelet must not read as the start of a reference.

    Its own references, ``$(NAME)`` and ``$$``, stay. One that a value behind could complete (a ``$`` at
    the end, an open ``$(``) is closed; so is a ``$`` before a letter beyond ASCII, whose first byte older
    kubelets write as a letter of its own.
    """
    parts, position, last = [], 0, literal.rfind(")")
    while (at := literal.find("$", position)) >= 0:
        parts.append(literal[position:at])
        following = literal[at + 1 : at + 2]
        if following == "$":
            end, written = at + 2, "$$"
        elif following == "(" and at < last:
            end = literal.index(")", at) + 1
            written = literal[at:end]
        else:
            open_end = before_value and following in {"", "("}
            end, written = at + 1, "$$" if open_end or not following.isascii() else "$"
        parts.append(written)
        position = end
    return "".join([*parts, literal[position:]])
