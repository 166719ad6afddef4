"""Which nodes can start tasks Gated, and what an administrator reads about the first that cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.core.gating import NO_NODE, Survey

Json = dict[str, Any]
NEW = "v1.36.3"
CONTAINERD = "containerd://2.3.4"


def node(
    name: str = "a",
    *,
    kubelet: object = NEW,
    runtime: object = CONTAINERD,
    ready: object = "True",
    system: object = "linux",
) -> Json:
    info = {"kubeletVersion": kubelet, "containerRuntimeVersion": runtime, "operatingSystem": system}
    conditions = [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": ready}]
    return {"metadata": {"name": name}, "status": {"conditions": conditions, "nodeInfo": info}}


def survey(*nodes: Json) -> Survey:
    return Survey().with_nodes(nodes)


@pytest.mark.parametrize(
    ("kubelet", "runtime"),
    [
        (NEW, CONTAINERD),
        ("v1.36.0", "containerd://2.2.0"),
        ("v1.36.0-eks-abc", "containerd://2.2.1-0ubuntu1"),
        ("v1.37.0-gke.1200", "containerd://2.10.0"),
        ("v1.36.1-rc.0", "containerd://3.0.0"),
        ("v1.36.1+k0s", "containerd://v2.3.4"),
        ("v2.0.0", "cri-o://1.35.0"),
        ("v1.36.2", "cri-o://1.33.0"),
        ("v1.36.2", "cri-o://1.36.0-3.rhaos4.23.git0123abc.el9"),
        ("1.36", "containerd://2.2"),
    ],
)
def test_a_node_that_is_new_enough_can_gate(kubelet: str, runtime: str) -> None:
    found = survey(node(kubelet=kubelet, runtime=runtime))
    assert (found.all_gate, found.why_not) == (True, "")


UNKNOWN = "is not known to mount image volumes"
CANNOT: dict[str, tuple[Json, str]] = {
    "an old kubelet": (node(kubelet="v1.35.9"), "node a: kubelet v1.35.9 is older than 1.36"),
    "a minor version that is no fraction": (node(kubelet="v1.4.0"), "kubelet v1.4.0 is older than 1.36"),
    "a kubelet of another kind": (node(kubelet="v1.19.10-vk-azure-aci-1.6.2"), "is older than 1.36"),
    "a kubelet of kwok": (node(kubelet="kwok-v0.7.0"), "kubelet kwok-v0.7.0 has no version that can be read"),
    "a kubelet that is garbage": (node(kubelet="v1.x"), "kubelet v1.x has no version that can be read"),
    "no kubelet's version": (node(kubelet=None), "kubelet '' has no version that can be read"),
    "a version that runs into letters": (node(kubelet="v1.36abc"), "no version that can be read"),
    "a version longer than any": (node(kubelet=f"v1.{'9' * 5000}"), "no version that can be read"),
    "a version in other digits": (
        node(kubelet="v\N{ARABIC-INDIC DIGIT ONE}.36"),
        "no version that can be read",
    ),
    "containerd that leaves the subPath out": (
        node(runtime="containerd://2.1.9"),
        "node a: runtime containerd://2.1.9 is older than 2.2",
    ),
    "old CRI-O": (node(runtime="cri-o://1.32.4"), "runtime cri-o://1.32.4 is older than 1.33"),
    "containerd without a version": (node(runtime="containerd://Unknown"), UNKNOWN),
    "Docker": (node(runtime="docker://29.6.2"), f"runtime docker://29.6.2 {UNKNOWN}"),
    "a runtime of kwok": (node(runtime="kwok-v0.7.0"), UNKNOWN),
    "a version of no runtime": (node(runtime="2.3.4"), UNKNOWN),
    "no runtime": (node(runtime=None), f"runtime '' {UNKNOWN}"),
    "k3s": (node(kubelet="v1.36.1+k3s1"), f"node a: v1.36.1+k3s1 {UNKNOWN} (github.com/k3s-io/k3s/issues"),
    "RKE2": (node(kubelet="v1.36.1+rke2r1"), f"node a: v1.36.1+rke2r1 {UNKNOWN}"),
    "k3s' containerd": (node(runtime="containerd://2.3.4-k3s1"), f"containerd://2.3.4-k3s1 {UNKNOWN}"),
    "RKE2's containerd": (node(runtime="containerd://2.3.4+rke2"), f"containerd://2.3.4+rke2 {UNKNOWN}"),
}


@pytest.mark.parametrize(("one", "says"), CANNOT.values(), ids=CANNOT.keys())
def test_a_node_that_is_not_known_to_gate_is_named_with_what_is_wrong(one: Json, says: str) -> None:
    found = survey(node("fine"), one, node("fine-too"))
    assert not found.all_gate
    assert says in found.why_not
    assert found.why_not.startswith("node a: ")


def test_the_first_node_that_cannot_is_named_whichever_page_it_is_on() -> None:
    found = survey(node("fine")).with_nodes([node("b", runtime="docker://1.0")])
    assert found.with_nodes([node("c", kubelet="v1.30.0")]) == found
    assert found.why_not.startswith("node b: ")


@pytest.mark.parametrize("ready", ["False", "Unknown", None, True])
def test_a_node_that_is_not_ready_does_not_count(ready: object) -> None:
    old = node("old", kubelet="v1.30.0", ready=ready)
    assert survey(old, node()).all_gate
    assert (survey(old).all_gate, survey(old).why_not) == (False, NO_NODE)


def test_a_node_of_another_system_does_not_count() -> None:
    windows = node("w", kubelet="v1.30.0", system="windows")
    assert survey(windows, node()).all_gate
    assert survey(windows).why_not == NO_NODE


def test_the_label_says_of_what_system_a_node_is_that_does_not_say_it_itself() -> None:
    windows, linux, neither = (node(name, kubelet="v1.30.0", system=None) for name in "wln")
    windows["metadata"]["labels"] = {"kubernetes.io/os": "windows"}
    linux["metadata"]["labels"] = {"kubernetes.io/os": "linux"}
    assert survey(windows).why_not == NO_NODE
    assert survey(linux).why_not.startswith("node l: ")
    assert survey(neither).why_not.startswith("node n: "), "one of an unknown system counts"


def test_a_node_that_takes_no_new_pods_counts() -> None:
    """It may take some again before the next look."""
    assert not survey(node() | {"spec": {"unschedulable": True}}, node(kubelet="v1.30.0")).all_gate


def test_without_any_node_tasks_cannot_gate() -> None:
    assert (survey().all_gate, survey().why_not) == (False, NO_NODE)


@pytest.mark.parametrize("field", ["kubelet", "runtime"])
def test_what_a_node_says_of_itself_stays_one_short_line(field: str) -> None:
    found = survey(node(**{field: "x\nERROR all is lost\u2028" + "x" * 5000}))
    assert len(found.why_not.splitlines()) == 1
    assert "x\\nERROR" in found.why_not
    assert len(found.why_not) < 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
versions = st.from_regex(r"(v|cri-o://|containerd://)?[0-9]{0,5}\.?[0-9]{0,5}([-+.]\w*)?") | json_values
statuses = st.fixed_dictionaries(
    {},
    optional={
        "conditions": json_values
        | st.lists(json_values | st.just({"type": "Ready", "status": "True"}), max_size=3),
        "nodeInfo": json_values
        | st.fixed_dictionaries({"kubeletVersion": versions, "containerRuntimeVersion": versions}),
    },
)
nodes = st.fixed_dictionaries({}, optional={"metadata": json_values, "status": json_values | statuses})


@given(st.lists(nodes, max_size=4))
def test_whatever_is_in_a_node_there_is_an_answer_and_it_has_a_reason(found: list[Json]) -> None:
    seen = survey(*found)
    assert seen.all_gate == (not seen.why_not)
    assert len(seen.why_not.splitlines()) <= 1
    one_by_one = Survey()
    for each in found:
        one_by_one = one_by_one.with_nodes([each])
    assert one_by_one == seen


@given(st.lists(nodes, max_size=4))
def test_a_node_that_cannot_gate_is_never_outvoted(found: list[Json]) -> None:
    assert not survey(*found, node(kubelet="v1.35.0")).all_gate
