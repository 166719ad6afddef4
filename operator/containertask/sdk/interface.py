"""The typed interface of a task, in Python's types: what goes in, what comes out, what has a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NativeInterface:
    """Names and Python types, in the order of declaration.

    Attributes:
        inputs: the type of each input.
        outputs: the type of each output.
        defaults: the value of each input that has one.
    """

    inputs: Mapping[str, object] = field(default_factory=dict)
    outputs: Mapping[str, object] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)

    @property
    def required_inputs(self) -> tuple[str, ...]:
        """Return the names of the inputs that have no default."""
        return tuple(name for name in self.inputs if name not in self.defaults)

    def has_outputs(self) -> bool:
        """Tell whether anything comes out."""
        return bool(self.outputs)
