"""The schema of a task's spec as people write it: complete, or with ``templateRef`` and what may be beside.

``core.blueprint`` holds the same in Python, and says it of the finished spec, too.
"""

from __future__ import annotations

from typing import Any, Final

from containertask.api import secrets
from containertask.api.base import AT_FIRST, Rule
from containertask.api.inputs import A_VALUE
from containertask.api.specrules import MEMORY_TO_GROW
from containertask.api.structural import Schema, structural
from containertask.api.templates import OVERRIDES, TemplateRef

_RULES: Final = "x-kubernetes-validations"
_UNKNOWN: Final = frozenset({MEMORY_TO_GROW.message, secrets.APART.message})
"""Rules of spec that look at what may be the template's to say."""
_DESCRIPTION: Final = (
    "The template that the task runs, such as `{name: train}`, in place of the image, the command and all "
    "else that a template says. Beside it: values for its inputs, and fields that take the place of its own."
)
_SAYS_IT: Final = "beside templateRef the template says it: leave it out, or change the template"
_OF_INPUT: Final = ("name", "type", "value", "uri", "valueFrom", "sha256")
_IMAGE: Final = Rule(
    "has(self.templateRef) || has(self.image)",
    "image is missing: write that of the command, such as alpine:3.22; or name a template in templateRef",
    ".image",
)
_TYPES: Final = Rule(
    "has(self.templateRef) || !has(self.inputs) || self.inputs.all(i, has(i.type))",
    "an input has a type, such as float: write it",
    ".inputs",
)
_VALUES_ALONE: Final = Rule(
    "!has(self.templateRef) || !has(self.inputs) || "
    f"self.inputs.all(i, dyn(i).all(field, field in {list(_OF_INPUT)}))",
    "of an input, a task says beside templateRef name and value, uri (with sha256) or valueFrom alone: leave "
    "the rest out, or change the template",
    ".inputs",
)


def with_reference(spec: Schema) -> Schema:
    """Return the schema in which ``templateRef`` may take the place of what a template says."""
    fields: dict[str, Schema] = {**spec["properties"], "templateRef": _reference()}
    defaults = {name: field["default"] for name, field in fields.items() if "default" in field}
    rules = [_after_reference(rule) for rule in spec[_RULES]]
    return {
        **spec,
        "required": [name for name in spec["required"] if name != "image"],
        _RULES: [
            *(
                rule.at_first()
                for rule in (_IMAGE, _TYPES, _VALUES_ALONE, _beside(defaults), _as_filled(defaults))
            ),
            *rules,
        ],
        "properties": {**fields, "inputs": _inputs(fields["inputs"])},
    }


def without_default(spec: Schema, name: str) -> Schema:
    """Return the schema that fills in nothing there: what is absent is the template's, or the model's."""
    field = {key: value for key, value in spec["properties"][name].items() if key != "default"}
    return {**spec, "properties": {**spec["properties"], name: field}}


def _reference() -> Schema:
    return {**structural(TemplateRef), "description": _DESCRIPTION}


def _beside(defaults: dict[str, Any]) -> Rule:
    """Return the rule on the fields that are there: the API server has filled in the defaults before it."""
    allowed = sorted(OVERRIDES | defaults.keys() | {"templateRef", "inputs"})
    return Rule(
        f"!has(self.templateRef) || dyn(self).all(field, field in {allowed})", _SAYS_IT, ".templateRef"
    )


def _as_filled(defaults: dict[str, Any]) -> Rule:
    same = " && ".join(f"self.{name} == '{value}'" for name, value in sorted(defaults.items()))
    text = f"{', '.join(sorted(defaults))}: {_SAYS_IT}"
    return Rule(f"!has(self.templateRef) || ({same})", text, ".templateRef")


def _inputs(inputs: Schema) -> Schema:
    items = inputs["items"]
    rules = [_after_type(rule) for rule in items[_RULES]]
    required = [name for name in items["required"] if name != "type"]
    return {**inputs, "items": {**items, "required": required, _RULES: rules}}


def _after_reference(rule: dict[str, Any]) -> dict[str, Any]:
    return _guarded(rule, "has(self.templateRef)") if rule["message"] in _UNKNOWN else rule


def _after_type(rule: dict[str, Any]) -> dict[str, Any]:
    return _guarded(rule, "!has(self.type)") if rule["message"] == A_VALUE.message else rule


def _guarded(rule: dict[str, Any], guard: str) -> dict[str, Any]:
    """Put a condition before a rule that is held only at first."""
    return {**rule, "rule": f"{AT_FIRST}{guard} || {rule['rule'].removeprefix(AT_FIRST)}"}
