"""How a run gets on, on stderr: one line that changes on a terminal, else a line for each change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from containertask.cli.shown import one_line
from containertask.sdk.status import RunStatus


class Progress(Protocol):
    """Is told of each state of a run."""

    def __call__(self, name: str, status: RunStatus) -> None:
        """Show it."""


@contextmanager
def progress(*, plain: bool) -> Iterator[Progress]:
    """Give what shows progress for the length of a block; ``plain``: lines, whatever stderr is."""
    console = None if plain or not sys.stderr.isatty() else _console()
    if console is None:
        yield Lines()
        return
    with console.status("") as live:
        yield _Live(live)


def sentence(name: str, status: RunStatus) -> str:
    """Say where a run stands, without the reason where that says the same."""
    attempt = f" (attempt {status.attempt})" if status.attempt else ""
    why = status.waiting_for or status.reason
    said = f": {why}" if why and why != status.phase else ""
    return f"{name}: {status.phase or 'Pending'}{attempt}{said}"


class Lines:
    """Writes a line for each change that people want to know of."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def __call__(self, name: str, status: RunStatus) -> None:
        """Write the line, where it says something new."""
        text = sentence(name, status)
        if self._told.get(name) != text:
            self._told[name] = text
            sys.stderr.write(f"{one_line(text, 500)}\n")
            sys.stderr.flush()


class _Live:
    def __init__(self, live: Any) -> None:  # noqa: ANN401 - rich's own, and rich may not be there
        self._live = live

    def __call__(self, name: str, status: RunStatus) -> None:
        from rich.text import Text  # noqa: PLC0415 - there, or this would not be

        self._live.update(Text(one_line(sentence(name, status), 500)))


def _console() -> Any:  # noqa: ANN401 - as above
    """Return a terminal, or None where rich is not installed or takes it for none."""
    try:
        from rich.console import Console  # noqa: PLC0415 - slow to load, and not needed by scripts
    except ModuleNotFoundError:
        return None
    console = Console(stderr=True)
    return console if console.is_terminal else None
