"""The generator of structural schemas: what it turns into what, and what it refuses to let through."""

from __future__ import annotations

import enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from containertask.api.base import AnyJson, ApiModel, FreeObject, Quantities
from containertask.api.structural import NotStructuralError, structural

Short = Annotated[str, Field(max_length=8)]


class Inner(ApiModel):
    """An inner model."""

    some_name: Short


class Colour(enum.StrEnum):
    """Colours."""

    RED = "Red"


def schema_of(annotation: object, **field: Any) -> dict[str, Any]:
    """Return the schema of one field of this type."""
    model = type("Model", (BaseModel,), {"__annotations__": {"x": annotation}, "x": Field(**field)})
    properties: dict[str, dict[str, Any]] = structural(model)["properties"]
    return properties["x"]


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Short, {"type": "string", "maxLength": 8}),
        (Short | None, {"type": "string", "maxLength": 8}),
        (int, {"type": "integer"}),
        (Colour, {"type": "string", "enum": ["Red"], "description": "Colours."}),
        (Literal["a"], {"type": "string", "enum": ["a"]}),
        (AnyJson, {"x-kubernetes-preserve-unknown-fields": True, "nullable": True}),
        (FreeObject, {"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
    ],
    ids=["string", "optional string", "integer", "enum", "constant", "any JSON", "free object"],
)
def test_what_becomes_of_a_type(annotation: object, schema: dict[str, Any]) -> None:
    assert schema_of(annotation) == schema


def test_models_are_put_in_place_with_camel_case_names() -> None:
    assert schema_of(Inner | None, description="Outer text.") == {
        "type": "object",
        "description": "Outer text.",
        "properties": {"someName": {"type": "string", "maxLength": 8}},
        "required": ["someName"],
    }


def test_a_quantity_is_a_number_or_a_string() -> None:
    values = schema_of(Quantities)["additionalProperties"]
    assert values["x-kubernetes-int-or-string"] is True
    assert "type" not in values


class Recursive(BaseModel):
    """A model that contains itself."""

    again: list[Recursive] = Field(max_length=3)


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (int | Short, "no anyOf"),
        (int | Short | None, "a union"),
        (tuple[int, str], "no prefixItems"),
        (Any, "has no type"),
        (list[int], "a list without maxItems"),
        (Annotated[dict[str, Any], Field(max_length=3)], "an object of any shape|has no type"),
        (str, "a string without maxLength"),
        (dict[str, int], "a map without maxProperties"),
        (Recursive, "contains itself"),
        (Annotated[int, Field(gt=0)], "no exclusiveMinimum"),
        (Annotated[set[int], Field(max_length=3)], "no uniqueItems"),
    ],
)
def test_what_kubernetes_would_refuse_raises_and_names_the_place(annotation: object, message: str) -> None:
    with pytest.raises(NotStructuralError, match=rf"^Model\.x.*({message})"):
        schema_of(annotation)
