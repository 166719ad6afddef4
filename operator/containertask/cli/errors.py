"""Why a command cannot do what it was asked for: one line, and an exit code."""

from __future__ import annotations


class CommandError(Exception):
    """A command cannot go on; ``exit_code`` is that of the program."""

    def __init__(self, text: str, *, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code
