"""Whatever the CRD takes as an input is refused with a reason, or stands in the files of its type."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from containertask.codec import trees, typed
from containertask.codec.trees import Tree
from containertask.contract.items import Layout
from containertask.contract.manifest import Values
from containertask.copilot import files
from containertask.copilot.inputs import ABSENT, read_input, write_tree
from containertask.copilot.inputsfile import inputs_file
from containertask.core.accept import Accepted, Refused, accept
from containertask.types.model import Type
from support.builders.tasks import a_task
from support.typedvalues import certain_types, filed_types, stored_types, value_types, with_value
from support.values import json_values

FORMATS = {"JSON": "inputs.json", "YAML": "inputs.yaml", "PROTO": "inputs.pb"}
any_type = st.one_of(value_types, filed_types, stored_types)


def accepted(kind: Type, raw: object, **spec: str) -> Accepted | Refused:
    mode = {"mode": "Reference"} if "uri" in str(raw) else {}
    one = {"name": "x", "type": str(kind), "value": raw, **mode}
    return accept(a_task(inputs=[one], **spec).view())


def written(found: Accepted, written_as: str, root: Path) -> Tree | None:
    """Do with the one input what the downloader does; return what there is of it then."""
    values = Values.decode(found.document.text)
    (item,) = values.items
    (root / "inputs").mkdir()
    with files.opened(str(root / "inputs"), files.FOLDER) as folder:
        given_input = read_input(item, values.inputs.get("x", ABSENT), None, "/var/inputs")
        if given_input is not None and given_input.tree is not None:
            write_tree(folder, "x", given_input.tree)
        name, data = inputs_file(written_as, {"x": given_input}, values.pb, frozenset())
        files.put(folder, name, data)
    assert [path.name for path in root.iterdir()] == ["inputs"]
    assert {path.name for path in (root / "inputs").iterdir()} <= {"x", FORMATS[written_as]}
    return tree(root / "inputs" / "x")


def tree(path: Path) -> Tree | None:
    if path.is_dir():
        return {one.name: below for one in path.iterdir() if (below := tree(one)) is not None}
    return path.read_bytes() if path.exists() else None


@given(any_type, json_values, st.sampled_from(Layout), st.sampled_from(sorted(FORMATS)))
def test_any_value_of_any_type_is_refused_in_words_or_written(
    kind: Type, raw: object, layout: Layout, written_as: str
) -> None:
    found = accepted(kind, raw, fileInputLayout=layout.value, metadataFormat=written_as)
    if isinstance(found, Refused):
        assert found.message.startswith("spec.")
        return
    with tempfile.TemporaryDirectory() as folder:
        written(found, written_as, Path(folder))


@given(with_value(st.one_of(certain_types, filed_types, stored_types)))
def test_what_is_written_are_the_files_of_the_value(typed_value: tuple[Type, Any]) -> None:
    kind, value = typed_value
    found = accepted(kind, typed.to_json(kind, value))
    assert isinstance(found, Accepted), found
    with tempfile.TemporaryDirectory() as folder:
        assert written(found, "JSON", Path(folder)) == trees.to_tree(kind, value)
