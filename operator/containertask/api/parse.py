"""From a user's YAML to the model: every problem at once, in the words of YAML.

Nothing of pydantic's own wording reaches a user: what is said comes from the schema that the CRD has too.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from containertask.api.base import ApiModel
from containertask.api.problem import Problem
from containertask.api.spec import ContainerTaskSpec
from containertask.api.structural import PATTERN_MESSAGE, Schema, annotated
from containertask.api.verify import verify
from containertask.words import kind, shown

Place = tuple[int | str, ...]
Model = TypeVar("Model", bound=ApiModel)

_LINES: Final = 10
_UNION: Final = "x-kubernetes-int-or-string"
_WANTED: Final = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "an integer",
    "object": "an object",
    "string": "a string",
}
_WRITE: Final = {"string": "put it in quotes", "object": "write its fields, each with a value"}


class SpecError(ValueError):
    """A spec cannot be a task's; ``problems`` says for each field what is wrong and what would do."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems, and write them as lines."""
        lines, more = [*map(str, problems[:_LINES])], len(problems) - _LINES
        super().__init__("\n".join([*lines, f"and {more} more"] if more > 0 else lines))
        self.problems: Final = tuple(problems)


def parse_spec(raw: object) -> ContainerTaskSpec:
    """Read ``spec`` of a ContainerTask as it stands in YAML or JSON, and verify it.

    As for the API server, a field that is null is a field left out, but for the values of inputs.

    Raises:
        SpecError: everything that is wrong with it; what verify finds only if nothing else is wrong.
    """
    spec = read_model(ContainerTaskSpec, raw, "write image, command, …")
    if problems_between := verify(spec):
        raise SpecError(problems_between)
    return spec


def read_model(model: type[Model], raw: object, cure: str, at: str = "spec") -> Model:
    """Read ``spec`` of any kind, or what is at ``at``, as its model; rules between fields are not looked at.

    Raises:
        SpecError: everything that is wrong with it.
    """
    schema = _schema(model)
    if not isinstance(raw, Mapping):
        raise SpecError([Problem(at, f"{kind(raw)} where an object is wanted: {cure}")])
    wanted = _without_nulls(raw, schema)
    try:
        return model.model_validate(wanted, by_alias=True, by_name=False)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        problems = {_problem(one["type"], one["loc"], wanted, schema, at): None for one in found}
        raise SpecError(tuple(problems)) from None


@functools.cache
def _schema(model: type[ApiModel]) -> Schema:
    return annotated(model)


def _without_nulls(raw: object, schema: Schema) -> Any:  # noqa: ANN401 - any JSON, as it came
    if isinstance(raw, Mapping) and ("properties" in schema or "additionalProperties" in schema):
        return {
            name: _without_nulls(value, _inner(name, schema))
            for name, value in raw.items()
            if value is not None or not _inner(name, schema) or _inner(name, schema).get("nullable")
        }
    if isinstance(raw, list) and "items" in schema:
        return [_without_nulls(item, schema["items"]) for item in raw]
    return raw


def _problem(error: str, place: Place, raw: object, schema: Schema, at: str) -> Problem:
    """Turn one error of pydantic, by its kind and place alone, into one of ours."""
    path, missing, key, whole = [at], False, None, schema
    for told in place:
        if told == "[key]":
            return Problem("".join(path), f"{kind(key)} as a name: put it in quotes")
        if schema.get(_UNION):
            break
        step = key = _key(told, raw)
        path.append(_step(step, raw, schema))
        missing = isinstance(raw, Mapping) and step not in raw
        raw = None if missing else raw[step]  # type: ignore[index]
        schema = _inner(step, schema)
    where = "".join(path)
    if missing:
        return Problem(where, f"is missing: {schema['description']}")
    if error in {"extra_forbidden", "invalid_key"}:
        return Problem(where, _unknown(place, _at(place[:-1], whole)))
    return Problem(where, _message(error, raw, schema))


def _key(step: int | str, raw: object) -> int | str:
    """Return the key that a step means: of an integer beyond 64 bits pydantic tells the digits."""
    if isinstance(raw, Mapping) and step not in raw:
        return next((key for key in raw if isinstance(key, int) and str(key) == step), step)
    return step


def _step(step: int | str, raw: object, schema: Schema) -> str:
    if isinstance(step, str) and "properties" in schema:
        return f".{shown(step)}"
    if isinstance(raw, list) and "x-kubernetes-list-map-keys" in schema:
        item = raw[int(step)]
        name = item.get("name") if isinstance(item, Mapping) else None
        return f"[{shown(name)}]" if isinstance(name, str) and name else f"[{step}]"
    return f"[{shown(step)}]"


def _at(place: Place, schema: Schema) -> Schema:
    for step in place:
        schema = _inner(step, schema)
    return schema


def _inner(step: object, schema: Schema) -> Schema:
    inner: Schema = schema.get("items") or schema.get("additionalProperties") or {}
    return schema["properties"].get(step, {}) if "properties" in schema else inner


def _unknown(place: Place, schema: Schema) -> str:
    fields = sorted(schema["properties"])
    near = difflib.get_close_matches(str(place[-1])[:64], fields, n=1)
    return (
        f"is no field; did you mean {near[0]}?" if near else f"is no field; fields are: {', '.join(fields)}"
    )


def _message(error: str, raw: object, schema: Schema) -> str:
    match raw:
        case str() if "enum" in schema:
            return f"`{shown(raw)}` is none of {', '.join(schema['enum'])}"
        case str() if error == "string_unicode":
            return "half a surrogate pair is no character: remove it"
        case str() if error == "string_too_long":
            return f"{len(raw)} characters: at most {schema['maxLength']}"
        case str() if PATTERN_MESSAGE in schema and schema["type"] == "string":
            return f"`{shown(raw)}`: {schema[PATTERN_MESSAGE]}"
        case list() if error == "too_long":
            return f"{len(raw)} items: at most {schema['maxItems']}"
        case list() if error == "too_short":
            return f"an empty list: {schema['description']}"
        case dict() if error == "too_long":
            return f"{len(raw)} entries: at most {schema['maxProperties']}"
        case int() if error in {"greater_than_equal", "less_than_equal"}:
            return f"{shown(raw)} is not within {schema['minimum']} to {schema['maximum']}"
    return f"{kind(raw)} where {_wanted(schema)} is wanted: {_cure(schema)}"


def _wanted(schema: Schema) -> str:
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    return "a number or a string" if schema.get(_UNION) else _WANTED[schema["type"]]


def _cure(schema: Schema) -> str:
    if schema.get(_UNION):
        rule: Mapping[str, str] = schema["x-kubernetes-validations"][0]
        return rule["message"]
    said: str = schema.get(PATTERN_MESSAGE) or schema.get("description") or _WRITE[schema["type"]]
    return said
