"""What of a spec may not change once the task exists, in CEL.

The API server runs every rule at every write, of the status too, and wherever a rule names a field it
copies the schema of all the fields beside it. So a field's value is compared by a rule on the field
itself, which names none. Such a rule does not run when the field comes or goes: that is seen from spec,
by the names that are there.
"""

from __future__ import annotations

from typing import Any, Final

from containertask.api.base import Rule
from containertask.api.specrules import MUTABLE
from containertask.api.structural import Schema

_RULES: Final = "x-kubernetes-validations"
_CURE: Final = "create another ContainerTask"
AS_MANY: Final = "size(dyn(self)) == size(dyn(oldSelf)) || "
"""Before a rule about fields that come or go: costs next to nothing, for the API server just counts them."""
NOT_AS_MANY: Final = AS_MANY.replace("==", "!=")
ORDER: Final = Rule(
    # A list with keys is equal in any order; that of env matters, as a variable may name an earlier one.
    "self.map(e, e.name) == oldSelf.map(e, e.name)",
    f"env cannot change once the task exists, nor its order: {_CURE}",
)
CANCEL: Final = Rule(
    "!(has(oldSelf.cancel) && oldSelf.cancel) || (has(self.cancel) && self.cancel)",
    f"a cancelled task stays cancelled: {_CURE}",
    ".cancel",
)


def fixed(spec: Schema) -> Schema:
    """Return spec with the rules that all but ``MUTABLE`` stays, and that cancel never goes back."""
    names = [name for name in spec["properties"] if name not in MUTABLE]
    always = {*spec["required"], *(name for name in names if "default" in spec["properties"][name])}
    optional = [name for name in names if name not in always]
    properties = {**spec["properties"], **{name: _kept(name, spec["properties"][name]) for name in names}}
    came_or_went = [_came_or_went(name).as_schema() for name in optional]
    return {
        **spec,
        _RULES: [*spec[_RULES], *came_or_went, _one_for_another(optional), CANCEL.as_schema()],
        "properties": properties,
    }


def _message(name: str) -> str:
    return f"{name} cannot change once the task exists: {_CURE}"


def _kept(name: str, field: Schema) -> Schema:
    kept = [Rule("self == oldSelf", _message(name)), *([ORDER] if name == "env" else [])]
    return {**field, _RULES: [*field.get(_RULES, []), *(rule.as_schema() for rule in kept)]}


def _came_or_went(name: str) -> Rule:
    return Rule(f"{AS_MANY}has(self.{name}) == has(oldSelf.{name})", _message(name), f".{name}")


def _one_for_another(optional: list[str]) -> dict[str, Any]:
    """Return the rule for what leaves the number of fields as it was."""
    mutable = sorted(MUTABLE)
    here, before = (f"dyn({one}).filter(name, !(name in {mutable}))" for one in ("self", "oldSelf"))
    rule = Rule(f"{NOT_AS_MANY}sets.equivalent({here}, {before})", _message("a field of spec"))
    names = " + ".join(f"(has(self.{name}) == has(oldSelf.{name}) ? '' : '{name} ')" for name in optional)
    said = f"({names}).trim().replace(' ', ', ') + '{_message('')}'"
    return {**rule.as_schema(), "messageExpression": said}
