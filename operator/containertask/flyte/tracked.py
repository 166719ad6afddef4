"""Objects of which a container can be told how to find them: by the module and variable that hold them."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final, Self

from containertask.errors import InvalidTaskError

_BETWEEN: Final = frozenset({"typing", __name__})
"""Modules that call a class for somebody else."""


class Tracked:
    """An object that knows in which module it was made, and looks for its variable when it is asked."""

    _instantiated_in: str

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401, ARG004, D102 - what __init__ takes
        made = super().__new__(cls)
        made._instantiated_in = _caller()
        return made

    @property
    def instantiated_in(self) -> str:
        """Name of the module that made it."""
        return self._instantiated_in

    @property
    def lhs(self) -> str:
        """Name of the variable that holds it. Raises InvalidTaskError as ``find_lhs`` does."""
        return self.find_lhs()

    @property
    def location(self) -> str:
        """Its dotted name. Raises InvalidTaskError as ``find_lhs`` does."""
        return f"{self.instantiated_in}.{self.lhs}"

    def find_lhs(self) -> str:
        """Look through the module that made it. Raises InvalidTaskError: no variable there holds it."""
        module = sys.modules.get(self._instantiated_in) or importlib.import_module(self._instantiated_in)
        for name, value in vars(module).items():
            if value is self:
                return name
        text = "a container could not find it: bind it to a variable of the module that makes it"
        raise InvalidTaskError([f"no variable of {self._instantiated_in} holds this object: {text}"])


def _caller() -> str:
    frame = sys._getframe(1)  # noqa: SLF001 - inspect takes milliseconds for the same
    while frame.f_back is not None and frame.f_globals.get("__name__") in _BETWEEN:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))
