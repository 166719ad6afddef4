"""From a task that names a template, and that template's spec, to the spec of an ordinary task.

Pure: both come as they are written, and what comes out is written like them, so that all that reads a spec
reads this one, too. It knows neither where the template is nor whether it is there. What is wrong with the
finished spec, such as an input that got no value, is for ``api.parse`` to say.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from containertask.api.parse import SpecError, read_model
from containertask.api.problem import Problem
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import TemplateRecord
from containertask.api.templates import OVERRIDES, TemplateKind, TemplateRef
from containertask.words import kind, shown

Json = dict[str, Any]

MAX_TEMPLATE_BYTES: Final = 64 * 1024
"""How large a template's spec may be as JSON: it is kept in the status of every task that runs it."""
REFERENCE: Final = "templateRef"
_MEANWHILE: Final = {"image": "template"}
_CLOCKS: Final = frozenset({"timeout", "suspend", "cancel", "ttlSecondsAfterFinished", "podRetention"})
_SOURCES: Final = frozenset({"value", "uri", "valueFrom"})
_GIVEN: Final = _SOURCES | {"name", "type", "sha256"}


def resolve(spec: Mapping[str, Any], template: Mapping[str, Any]) -> Json | tuple[Problem, ...]:
    """Return the spec that a task runs, without its reference, or what of the task cannot be.

    An override takes the place of the template's field, whole. A field that is null is a field left out, as
    for the API server; of an input, a value that is null is one.
    """
    if problems := beside(spec):
        return problems
    given = spec.get("inputs")
    inputs = _merged([] if given is None else given, template.get("inputs") or [])
    if isinstance(inputs, tuple):
        return inputs
    overrides = {name: value for name, value in spec.items() if name in OVERRIDES and value is not None}
    return {**template, **overrides, **({"inputs": inputs} if inputs else {})}


def is_reference(spec: Mapping[str, Any]) -> bool:
    """Tell whether a task's spec names a template; null is a field left out."""
    return spec.get(REFERENCE) is not None


def key_of(spec: Json, namespace: str) -> tuple[str, str]:
    """Return namespace and name of the template that a task names; one of the cluster has no namespace."""
    ref = spec[REFERENCE]
    return ("" if ref.get("kind") == TemplateKind.CLUSTER_TEMPLATE.value else namespace), ref["name"]


def readable(spec: Json, record: TemplateRecord | None) -> Json:
    """Return a spec that can be read like any; while a template is not known, what holds in the meantime.

    Raises:
        SpecError: it does not fit its template, or none at all.
    """
    if not is_reference(spec):
        return {name: one for name, one in spec.items() if name != REFERENCE}
    read_model(TemplateRef, spec[REFERENCE], "write kind and name", f"spec.{REFERENCE}")
    found = beside(spec) if record is None else resolve(spec, record.spec)
    if isinstance(found, dict):
        return found
    if found:
        raise SpecError(found)
    return _MEANWHILE | {name: one for name, one in spec.items() if name in _CLOCKS} | _budgets(spec)


def _budgets(spec: Json) -> Json:
    """Return the retries, without what needs to know the memory."""
    said = spec.get("retries")
    if not isinstance(said, dict):
        return {} if said is None else {"retries": said}
    return {"retries": {name: one for name, one in said.items() if name != "onOOM"}}


def canonical(template: Mapping[str, Any]) -> str:
    """Return a template's spec as the one JSON text that equal specs have."""
    return json.dumps(template, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(template: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a template's spec, in hex."""
    return hashlib.sha256(canonical(template).encode("utf-8", "surrogatepass")).hexdigest()


def too_large(template: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return what is wrong with a template's spec if there is too much of it."""
    size = len(canonical(template).encode("utf-8", "surrogatepass"))
    if size <= MAX_TEMPLATE_BYTES:
        return ()
    text = (
        f"a template takes {size} bytes as JSON, at most {MAX_TEMPLATE_BYTES} do: have it fetch large values "
        "by uri, or keep them in a ConfigMap"
    )
    return (Problem("spec", text),)


def beside(spec: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return what is wrong with the fields of a task beside its reference."""
    return tuple(_refused(spec))


def _refused(spec: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in spec.items():
        if name in OVERRIDES | {REFERENCE, "inputs"} or value is None:
            continue
        if name not in _DEFAULTS or value != _DEFAULTS[name]:
            text = f"beside {REFERENCE} the template says it: leave it out, or change the template"
            yield Problem(f"spec.{shown(name)}", text)


def _defaults() -> Iterator[tuple[str, object]]:
    for field in ContainerTaskSpec.model_fields.values():
        if field.alias is not None and isinstance(field.default, str):
            yield field.alias, field.default.value if isinstance(field.default, enum.Enum) else field.default


_DEFAULTS: Final = dict(_defaults())
"""What the API server fills in by itself: nobody has meant it."""


def _merged(given: object, declared: list[Json]) -> list[Json] | tuple[Problem, ...]:
    if not isinstance(given, list):
        return (
            Problem("spec.inputs", f"{kind(given)} where a list is wanted: write name and value of each"),
        )
    inputs, problems, seen = {one["name"]: one for one in declared}, [], set[str]()
    for number, one in enumerate(given):
        name = one.get("name") if isinstance(one, Mapping) else None
        if not isinstance(name, str):
            problems.append(Problem(f"spec.inputs[{number}]", "an input has a name and a value: write both"))
            continue
        where = f"spec.inputs[{shown(name)}]"
        if name in seen:
            problems.append(Problem(f"{where}.name", "this name is there twice: choose another one"))
        elif name not in inputs:
            names = ", ".join(inputs) or "none at all"
            problems.append(Problem(where, f"the template declares no such input; it declares: {names}"))
        elif wrong := (*_wrong(where, one, inputs[name]),):
            problems += wrong
        else:
            inputs[name] = _given(one, inputs[name])
        seen.add(name)
    return tuple(problems) or list(inputs.values())


def _wrong(where: str, given: Mapping[str, Any], declared: Json) -> Iterator[Problem]:
    for field, value in given.items():
        if field not in _GIVEN and value is not None:
            text = "the template says it: give name and value, uri or valueFrom"
            yield Problem(f"{where}.{shown(field)}", text)
    written = given.get("type")
    if written is not None and written != declared["type"]:
        text = f"the template declares the type {declared['type']}: leave type out"
        yield Problem(f"{where}.type", text)


def _given(given: Mapping[str, Any], declared: Json) -> Json:
    """Return an input with what a task gives it; its sources go together, so no two of them are left."""
    said = {name: one for name, one in given.items() if name == "value" or one is not None}
    gone = _SOURCES | {"sha256"} if _SOURCES & said.keys() else set[str]()
    if "uri" in said:
        gone = gone | {"default"}
    return {**{name: one for name, one in declared.items() if name not in gone}, **said}
