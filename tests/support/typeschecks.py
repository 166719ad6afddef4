"""What is to be true of a row in each kind of table in ``docs/types.md``; a table's header says its kind."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from containertask.api.crd import container_task
from containertask.codec import simple, text, trees, typed
from containertask.codec.errors import CodecError
from containertask.contract import MAX_URI
from containertask.contract.manifest import (
    MAX_DOCUMENT_BYTES,
    MAX_INPUT_FILES,
    MAX_SOURCE_BYTES,
    MAX_VALUES_BYTES,
)
from containertask.contract.report import message_budget
from containertask.copilot.outputtree import MAX_ENTRIES
from containertask.core.accept import Accepted, accept
from containertask.core.manifest import CONTAINERS
from containertask.types.grammar import MAX_DEPTH, MAX_LENGTH, TypeSyntaxError, parse_type
from containertask.types.model import needs_store
from support.builders import a_task
from support.copilot import temporary_pod
from support.typescells import code, from_yaml, tree, ways
from support.typespage import Section
from support.typesruns import task_in

Row = Mapping[str, str]

_literals = importlib.import_module("flyteidl.core.literals_pb2")

_MANIFEST: Final = ("inputs.json", "inputs.yaml", "inputs.pb")
_IN_A_STORE: Final = "*in a store*"
_NONE_MARK: Final = "%none"


def checked(section: Section, header: tuple[str, ...], cells: tuple[str, ...]) -> str | None:
    """Return what is wrong with a row, and what would be right."""
    row = dict(zip(header, cells, strict=True))
    check = _CHECKS.get(tuple(one for one in header if one != "Type" or header == ("Type", "Message")))
    assert check is not None, f"no test knows of tables with the header {header}"
    if "Type" not in row and (field := _FIELDS.get(header[0])) is not None:
        row["Type"] = f"`{from_yaml(section.examples[0].blocks['yaml task'])[field][0]['type']}`"
    found, said = check(row), row[header[-1]]
    return None if found is None else f"{' | '.join(cells)}: not {said}, but {found}"


def uses_manifest(header: tuple[str, ...]) -> bool:
    """Tell whether a table is of the manifests."""
    return header[-len(_MANIFEST) :] == _MANIFEST


def manifest_cells(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Have the downloader write the manifests of the inputs that the rows give; return their cells."""
    inputs = [_input(f"x{at}", code(row[0]), from_yaml(code(row[1]))) for at, row in enumerate(rows)]
    written = {}
    for name, form in zip(_MANIFEST, ("JSON", "YAML", "PROTO"), strict=True):
        with temporary_pod() as pod:
            run = task_in(pod, {"inputs": inputs, "metadataFormat": form})
            written[name] = run.found()[name] or b""
    in_json = json.loads(written["inputs.json"])
    in_yaml = dict(line.split(": ", 1) for line in written["inputs.yaml"].decode().splitlines())
    in_pb = _literals.LiteralMap.FromString(written["inputs.pb"]).literals
    names = [one["name"] for one in inputs]
    cells = ((text.compact(in_json[one]), in_yaml[f'"{one}"'], _path(in_pb[one])) for one in names)
    return [
        tuple(f"`{cell.replace(f'/{name}', '/x')}`" for cell in each)
        for name, each in zip(names, cells, strict=True)
    ]


def _input(name: str, kind: str, value: object) -> dict[str, Any]:
    by_reference = isinstance(value, dict) and needs_store(parse_type(kind))
    return {"name": name, "type": kind, "value": value} | ({"mode": "Reference"} if by_reference else {})


def _path(literal: Any) -> str:
    """Return which field of a literal is set, down to the value."""
    path = []
    while literal.DESCRIPTOR.name in {"Literal", "Scalar", "Primitive"}:
        path.append(literal.WhichOneof("value"))
        literal = getattr(literal, path[-1])
        if not hasattr(literal, "DESCRIPTOR"):
            break
    return ".".join(path)


def _grammar(row: Row) -> str | None:
    try:
        return f"a type: {parse_type(code(row['Type']))}"
    except TypeSyntaxError as error:
        return _unless_said(str(error), row)


def _overview(row: Row) -> str | None:
    wrong = _found(row)
    if not needs_store(parse_type(code(row["Type"]))):
        value = typed.from_json(parse_type(code(row["Type"])), from_yaml(code(row["In YAML"])))
        return wrong or _value({**row, "Value": f"`{_json(row, value)}`"})
    found = accept(a_task(outputs=[{"name": "x", "type": code(row["Type"])}]).view())
    kept = isinstance(found, Accepted) and found.needs.lacks is not None
    return wrong or (None if kept and row["Written"] == _IN_A_STORE else _IN_A_STORE)


def _found(row: Row) -> str | None:
    kind = parse_type(code(row["Type"]))
    found = trees.to_tree(kind, typed.from_json(kind, from_yaml(code(row["In YAML"]))))
    return None if found == tree(row["Found"]) else repr(found)


def _value(row: Row) -> str | None:
    kind = parse_type(code(row["Type"]))
    values = {_json(row, trees.from_tree(kind, one)) for one in ways(row["Written"])}
    return None if values == {code(row["Value"])} else repr(values)


def _json(row: Row, value: object) -> str:
    return text.compact(typed.to_json(parse_type(code(row["Type"])), value))


def _refused_yaml(row: Row) -> str | None:
    return _refused(row, lambda kind: typed.from_json(kind, from_yaml(code(row["In YAML"]))))


def _refused_files(row: Row) -> str | None:
    return _refused(row, lambda kind: trees.from_tree(kind, tree(row["Written"])))


def _refused(row: Row, read: Callable[[Any], object]) -> str | None:
    try:
        return f"taken: {read(parse_type(code(row['Type'])))}"
    except CodecError as error:
        return _unless_said(str(error), row)


def _unless_said(message: str, row: Row) -> str | None:
    cell = row["Message"]
    said = code(cell) if cell.startswith("``") else cell
    return None if said == message else message


def _key(row: Row) -> str | None:
    key = "" if row["Key"] == "*empty*" else code(row["Key"])
    name = trees.to_name(key)
    return None if (code(row["File"]), trees.from_name(name)) == (name, key) else name


def _limit(row: Row) -> str | None:
    right = f"{_LIMITS.get(row['Limit'], 'no test of it')}"
    return None if row["At most"].replace(",", "") == right else right


def _spec(field: str) -> int:
    schema = container_task()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    found: int = schema["properties"]["spec"]["properties"][field]["maxItems"]
    return found


_LIMITS: Final = {
    "Bytes of one value, as a file, or as JSON where it has parts": simple.MAX_BYTES,
    "Bytes of the values of all inputs, as JSON": MAX_VALUES_BYTES,
    "Inputs of a task": _spec("inputs"),
    "The same with their names and types and, for PROTO, `inputs.pb`": MAX_DOCUMENT_BYTES,
    "Bytes of the values that all inputs take from ConfigMaps": MAX_SOURCE_BYTES,
    "Files and folders of all inputs of a task": MAX_INPUT_FILES,
    "Outputs of a task": _spec("outputs"),
    "Files and folders of one output": MAX_ENTRIES,
    "Bytes of the message in which all outputs travel, as JSON": message_budget(CONTAINERS),
    "Types inside one another": MAX_DEPTH,
    "Characters of a type": MAX_LENGTH,
    "Levels of a struct": text.MAX_DEPTH,
    "Characters of a URI": MAX_URI,
    "Bytes of a key of a map, as a file's name": trees.MAX_NAME - len(_NONE_MARK),
}
_FIELDS: Final = {"In YAML": "inputs", "Written": "outputs"}
_CHECKS: Final[Mapping[tuple[str, ...], Callable[[Row], str | None]]] = {
    ("Type", "Message"): _grammar,
    ("In YAML", "Found", "Written"): _overview,
    ("In YAML", "Found"): _found,
    ("In YAML", "Message"): _refused_yaml,
    ("Written", "Value"): _value,
    ("Written", "Message"): _refused_files,
    ("Key", "File"): _key,
    ("Limit", "At most"): _limit,
    ("In YAML", *_MANIFEST): lambda _: None,  # all of its rows have a test of their own
}
