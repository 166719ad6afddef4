"""What Python writes as a template and as a reference to it comes to the spec of an ordinary task."""

from __future__ import annotations

import containertask as ct
from containertask.api.parse import parse_spec
from containertask.api.verifytemplates import parse_template
from containertask.core.blueprint import resolve

TASK = ct.ContainerTask("area", "alpine:3.22", ["true"], {"a": int, "b": ct.Input(str, "x")}, retries=3)


def test_a_task_written_as_a_template_is_a_valid_one() -> None:
    assert parse_template(TASK.to_template()["spec"]).image == "alpine:3.22"


def test_a_reference_with_values_and_overrides_runs_what_the_template_says_but_for_these() -> None:
    reference = TASK.override(ref=True, image="alpine:edge", retries=0).to_manifest(a=1)["spec"]
    found = resolve(reference, TASK.to_template()["spec"])
    assert isinstance(found, dict), found
    spec = parse_spec(found)
    assert (spec.image, spec.command) == ("alpine:edge", ["true"])
    assert spec.retries is not None
    assert spec.retries.limit == 0
    assert [(one.name, one.type, one.value, one.default) for one in spec.inputs or ()] == [
        ("a", "integer", 1, None),
        ("b", "string", None, "x"),
    ]
