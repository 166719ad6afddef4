"""What must hold between the fields of a spec, in Python: for CLI, SDK and operator.

Every rule that the CRD states in CEL (but immutability) is restated here once, with the same message; so are
unique names, which the CRD states by its list keys. No value is looked at: that is the codec's matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Protocol

from containertask.api import inputs, specrules
from containertask.api.base import (
    DURATION_BOUNDS,
    KNOWN_TYPE,
    MAX_DURATION,
)
from containertask.api.clocks import Timeout, duration_seconds
from containertask.api.inputs import A_VALUE, DIGEST_OF_ONE, ONE_VALUE, Input
from containertask.api.outputs import (
    EXIT_CODE_IS_INTEGER,
    GLOB_INSIDE,
    GLOB_IS_A_LIST,
    GLOB_OR_PATH,
    NOT_THE_ERROR_FILE,
    ONLY_A_FILE_HAS_A_PATH,
    Output,
    OutputSource,
)
from containertask.api.pod import NAME_IS_NOT_OURS, ONE_SOURCE, EnvVar
from containertask.api.problem import Problem, broken
from containertask.api.spec import Recipe, Start
from containertask.api.storeparts import MAX_PREFIX, PREFIX_BYTES
from containertask.api.templates import TemplateInput
from containertask.api.verifyplacement import placement_of
from containertask.api.verifyretries import retries_of
from containertask.contract import ERROR_FILE
from containertask.types.grammar import TYPE_NAMES, TypeSyntaxError, parse_type
from containertask.types.leaves import BareType, SimpleType
from containertask.types.model import ListOf, OptionalOf, Type, present


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def verify(spec: Recipe) -> tuple[Problem, ...]:
    """Return everything that contradicts itself in a spec, or nothing.

    ``parse_spec`` does it already; this is for specs that were made in Python.
    """
    return (
        *_unique("imagePullSecrets", spec.image_pull_secrets),
        *_unique("env", spec.env),
        *_unique("inputs", spec.inputs),
        *_unique("outputs", spec.outputs),
        *(problem for one in spec.env or () for problem in _variable(one)),
        *(problem for one in spec.inputs or () for problem in _input(one)),
        *(problem for one in spec.outputs or () for problem in _output(one)),
        *_directories(spec),
        *_paths(spec),
        *_start(spec),
        *placement_of(spec),
        *_clocks(spec.timeout),
        *retries_of(spec),
        *_prefix(spec),
    )


def _prefix(spec: Recipe) -> Iterator[Problem]:
    if spec.store_prefix is not None and len(spec.store_prefix.encode()) > MAX_PREFIX:
        yield broken(PREFIX_BYTES, "spec.storePrefix")


def _unique(field: str, items: Sequence[_Named] | None) -> Iterator[Problem]:
    seen: set[str] = set()
    for item in items or ():
        if item.name in seen:
            yield Problem(f"spec.{field}[{item.name}].name", "this name is there twice: choose another one")
        seen.add(item.name)


def _variable(one: EnvVar) -> Iterator[Problem]:
    where = f"spec.env[{one.name}]"
    if one.value is not None and one.value_from is not None:
        yield broken(ONE_SOURCE, where)
    if one.name.startswith("CT_"):
        yield broken(NAME_IS_NOT_OURS, where)


def _input(one: Input) -> Iterator[Problem]:
    where, given = f"spec.inputs[{one.name}]", one.model_fields_set
    kind, problem = _type(where, one.type)
    yield from problem
    nothing = kind is None or isinstance(kind, (OptionalOf, BareType)) or isinstance(one, TemplateInput)
    if not {"value", "default", "uri", "value_from"} & given and not one.optional and not nothing:
        yield broken(A_VALUE, where)
    found = one.value_from
    if found is not None and (found.config_map_key_ref is None) == (found.task_output_ref is None):
        yield broken(inputs.ONE_SOURCE, f"{where}.valueFrom")
    sources = [source for source in (one.value, one.uri, one.value_from) if source is not None]
    if len(sources) > 1 or None not in (one.uri, one.default):
        yield broken(ONE_VALUE, where)
    if one.sha256 is not None and one.uri is None:
        yield broken(DIGEST_OF_ONE, where)


def _output(one: Output) -> Iterator[Problem]:
    where, source = f"spec.outputs[{one.name}]", one.source or OutputSource.FILE
    kind, problem = _type(where, one.type)
    yield from problem
    if source is not OutputSource.FILE and one.path is not None:
        yield broken(ONLY_A_FILE_HAS_A_PATH, where)
    if source is OutputSource.EXIT_CODE and kind is not SimpleType.INTEGER:
        yield broken(EXIT_CODE_IS_INTEGER, where)
    if one.name == ERROR_FILE:
        yield broken(NOT_THE_ERROR_FILE, where)
    if one.glob is not None and (one.path is not None or source is not OutputSource.FILE):
        yield broken(GLOB_OR_PATH, where)
    if one.glob is not None and (_climbs(one.glob) or one.glob == ERROR_FILE):
        yield broken(GLOB_INSIDE, where)
    if one.glob is not None and kind and not isinstance(present(kind), ListOf):
        yield broken(GLOB_IS_A_LIST, where)


def _type(where: str, written: str) -> tuple[Type | None, list[Problem]]:
    """Read a type; one that cannot be read is a problem, and breaks no other rule."""
    try:
        return parse_type(written), []
    except TypeSyntaxError as error:
        known = written.partition("[")[0].strip() in TYPE_NAMES
        return None, [Problem(f"{where}.type", str(error) if known else KNOWN_TYPE.message)]


def _directories(spec: Recipe) -> Iterator[Problem]:
    for field, folder in (("inputDir", spec.input_dir), ("outputDir", spec.output_dir)):
        if _climbs(folder):
            yield broken(specrules.normalised(field), "spec")
        if any(_within(folder, reserved) for reserved in specrules.RESERVED):
            yield broken(specrules.not_reserved(field), "spec")
    if _within(spec.input_dir, spec.output_dir) or _within(spec.output_dir, spec.input_dir):
        yield broken(specrules.APART, "spec")


def _paths(spec: Recipe) -> Iterator[Problem]:
    files: list[tuple[str, str]] = []
    for one in spec.outputs or ():
        path = one.path or f"{spec.output_dir}/{one.name}"
        where = f"spec.outputs[{one.name}].path"
        if _climbs(path) or not path.startswith(f"{spec.output_dir}/"):
            yield Problem(where, specrules.INSIDE.message)
        if one.path is not None and _within(path, f"{spec.output_dir}/{ERROR_FILE}"):
            yield Problem(where, specrules.NOT_THE_ERROR_PATH.message)
        if one.source in {None, OutputSource.FILE} and one.glob is None:
            files.append((one.name, path))
    for (name, first), (other, second) in combinations(files, 2):
        if name != other and (_within(first, second) or _within(second, first)):
            yield Problem(f"spec.outputs[{other}].path", specrules.PATHS_APART.message)


def _start(spec: Recipe) -> Iterator[Problem]:
    if spec.command is None and spec.start in {Start.GATED, Start.INIT}:
        yield broken(specrules.COMMAND_FOR_LAUNCHER, "spec")
    launched = spec.command is not None and spec.start is not Start.SIGNAL
    if not launched and any(one.source not in {None, OutputSource.FILE} for one in spec.outputs or ()):
        yield broken(specrules.LAUNCHER_FOR_SOURCES, "spec")


def _climbs(path: str) -> bool:
    return not {".", ".."}.isdisjoint(path.split("/"))


def _within(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/")


def _clocks(timeout: Timeout | None) -> Iterator[Problem]:
    if timeout is None:
        return
    for name in Timeout.model_fields:
        duration: str | None = getattr(timeout, name)
        if duration is not None and not 1 <= duration_seconds(duration) <= MAX_DURATION:
            yield broken(DURATION_BOUNDS, f"spec.timeout.{name}")
