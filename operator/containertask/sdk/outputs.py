"""What a run gives back: a named tuple, which is a mapping, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self


class Outputs(tuple[Any, ...]):  # noqa: SLOT001 - a tuple with names beside its items
    """The outputs of one run, in the order of declaration.

    ``found.area``, ``found["area"]`` and ``found[0]`` are the same; ``area, width = found`` takes them apart,
    and ``found.as_dict()`` has them by name. A name that is no attribute in Python (``a-b``, ``class``) is
    found by ``found["a-b"]``. Raises AttributeError, KeyError, IndexError for what is not there.
    """

    _names: tuple[str, ...] = ()

    def __new__(cls, values: Mapping[str, object]) -> Self:
        """Take the values by name."""
        made = super().__new__(cls, values.values())
        made._names = tuple(values)
        return made

    def __getnewargs__(self) -> tuple[dict[str, object]]:
        """Have copies and pickles made of what the constructor takes."""
        return (_by_name(self),)

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - of the type that was declared
        # Before all that a tuple has: an output may be called `count` or `index`.
        names = super().__getattribute__("_names")
        if name in names:
            return tuple.__getitem__(self, names.index(name))
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as above
        raise AttributeError(f"there is no output {name}: there are {', '.join(self._names) or 'none'}")

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(at, str):
            if at not in self._names:
                raise KeyError(f"there is no output {at}: there are {', '.join(self._names) or 'none'}")
            at = self._names.index(at)
        return super().__getitem__(at)

    def __repr__(self) -> str:
        return f"Outputs({', '.join(f'{name}={value!r}' for name, value in _by_name(self).items())})"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    def keys(self) -> tuple[str, ...]:
        """Return the names: with them, ``dict(found)`` has the values by name."""
        return self._names

    def as_dict(self) -> dict[str, Any]:
        """Return the values by name."""
        return _by_name(self)


def _by_name(found: Outputs) -> dict[str, Any]:
    return dict(zip(found._names, tuple(found), strict=True))  # noqa: SLF001 - of the same module
