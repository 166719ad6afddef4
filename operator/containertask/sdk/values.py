"""Python's values on the wire, and back."""

from __future__ import annotations

from typing import Any

from containertask.sdk.annotations import form_of
from containertask.sdk.files import Fetch
from containertask.sdk.forms import Place, Wire


def to_wire(value: object, annotation: object, where: str, place: Place) -> Wire:
    """Return a value as JSON for ``spec.inputs[].value``.

    Args:
        value: of the annotated type.
        annotation: as ``annotations.type_of`` takes it.
        where: the name of the variable, for errors.
        place: what stands for a file or folder of this machine.

    Raises:
        TypeError: the value, or a part of it, is of another type.
        ValueError: it is of the type, and does not fit the wire.
    """
    return form_of(annotation, where).write(value, where, place)


def from_wire(raw: Wire, annotation: object, where: str, fetch: Fetch | None = None) -> Any:  # noqa: ANN401 - as annotated
    """Return what JSON of ``status.outputs[].value`` is in Python.

    Args:
        raw: the JSON.
        annotation: as ``annotations.type_of`` takes it.
        where: the name of the variable, for errors.
        fetch: what gets files and folders from where they are.

    Raises:
        TypeError, ValueError: it is not of the type.
    """
    return form_of(annotation, where).read(raw, where, fetch)
