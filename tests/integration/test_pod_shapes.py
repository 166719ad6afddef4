"""What a real API server says of the three Pod shapes, in a namespace that enforces *restricted*."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kubernetes.client import ApiException

from support import shapes
from support.cluster import Json, Namespace
from support.shapes import Main

SHAPES: dict[str, Callable[[str, Main], Json]] = {
    "gated": shapes.gated,
    "init": shapes.init,
    "signal": shapes.signal,
}
every_shape = pytest.mark.parametrize("shape", SHAPES)
MAIN = Main(command=("/probe", "exit", "0"))


def refusal(namespace: Namespace, pod: Json) -> str:
    with pytest.raises(ApiException) as caught:
        namespace.dry_run(pod)
    body: Any = caught.value.body
    return str(body)


@every_shape
def test_a_restricted_namespace_takes_the_shape(namespace: Namespace, shape: str) -> None:
    namespace.dry_run(SHAPES[shape]("taken", MAIN))


@every_shape
def test_a_restricted_namespace_refuses_a_main_that_may_gain_privileges(
    namespace: Namespace, shape: str
) -> None:
    main = Main(command=("/probe",), security={"allowPrivilegeEscalation": True})
    message = refusal(namespace, SHAPES[shape]("refused", main))
    assert "violates PodSecurity" in message
    assert "allowPrivilegeEscalation" in message
    assert "main" in message


@every_shape
def test_a_restricted_namespace_refuses_a_main_that_runs_as_root(namespace: Namespace, shape: str) -> None:
    message = refusal(namespace, SHAPES[shape]("refused", Main(command=("/probe",), uid=0)))
    assert "runAsUser=0" in message


def test_strict_validation_names_a_field_that_does_not_exist(namespace: Namespace) -> None:
    pod = shapes.gated("misspelt", MAIN)
    pod["spec"]["containers"][1]["comand"] = ["/probe"]
    with pytest.raises(AssertionError, match=r'unknown field "spec\.containers\[1\]\.comand"'):
        namespace.apply(pod, "--dry-run=server", "--validate=strict")
