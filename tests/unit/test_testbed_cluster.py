"""The test bed's cluster: when the one that runs will do, how it is made and how it is reached."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from support import machine
from support.machine import put
from testbed import audit, cache, cluster, tools
from testbed.nodeimage import NodeImage


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return machine.of_its_own(tmp_path, monkeypatch)


@pytest.mark.parametrize("note", ["", "{", "[]", "null"])
def test_a_note_that_was_cut_off_says_nothing(note: str, own_machine: Path) -> None:
    put(own_machine, "docker", "exit 1")
    folder = cluster.kubeconfig().parent
    folder.mkdir(parents=True)
    (folder / "node.json").write_text(note)
    assert not cluster.healthy(NodeImage("x", from_recipe=True))


DOCKER_WITH_A_NODE = """
case "$*" in
  *StartedAt*) echo true x today ;;
  *) exit 1 ;;
esac
"""


@pytest.mark.parametrize(
    ("made_from", "healthy"), [("today's", True), ("an older one", False), ("no digest", False)]
)
def test_a_node_with_another_configuration_or_audit_policy_is_made_anew(
    made_from: str, own_machine: Path, *, healthy: bool
) -> None:
    image = NodeImage("x", from_recipe=True)
    put(own_machine, "docker", DOCKER_WITH_A_NODE)
    tools.folder().mkdir(parents=True)
    put(tools.folder(), "kubectl", "echo True")
    note = {"started": "true x today", "made_from": made_from}
    if made_from == "today's":
        note["made_from"] = cache.key(json.dumps(cluster.configuration(image)), audit.POLICY)
    elif made_from == "no digest":
        del note["made_from"]
    (folder := cluster.kubeconfig().parent).mkdir(parents=True)
    (folder / "node.json").write_text(json.dumps(note))
    assert cluster.healthy(image) is healthy


def test_fake_nodes_beside_the_real_one_do_not_make_a_cluster_unhealthy(own_machine: Path) -> None:
    image = NodeImage("x", from_recipe=True)
    put(own_machine, "docker", DOCKER_WITH_A_NODE)
    tools.folder().mkdir(parents=True)
    put(tools.folder(), "kubectl", "case $* in *'node containertask-control-plane'*) echo True ;; esac")
    made_from = cache.key(json.dumps(cluster.configuration(image)), audit.POLICY)
    (folder := cluster.kubeconfig().parent).mkdir(parents=True)
    (folder / "node.json").write_text(json.dumps({"started": "true x today", "made_from": made_from}))
    assert cluster.healthy(image)


@pytest.mark.parametrize("from_recipe", [True, False], ids=["recipe", "published"])
def test_every_node_is_audited(*, from_recipe: bool) -> None:
    made: Any = cluster.configuration(NodeImage("x", from_recipe=from_recipe))
    (node,) = made["nodes"]
    (mount,) = node["extraMounts"]
    (server,) = [json.loads(one) for one in made["kubeadmConfigPatches"] if "ClusterConfiguration" in one]
    arguments = server["apiServer"]["extraArgs"]
    assert mount["containerPath"] == arguments["audit-policy-file"]
    assert arguments["audit-log-path"] == audit.LOG
    seen = {volume["mountPath"] for volume in server["apiServer"]["extraVolumes"]}
    assert seen == {str(Path(mount["containerPath"]).parent), str(Path(audit.LOG).parent)}


def test_only_a_recipe_node_replaces_kinds_network() -> None:
    recipe = cluster.configuration(NodeImage("x", from_recipe=True))
    published = cluster.configuration(NodeImage("y", from_recipe=False))
    assert recipe["networking"] == {"disableDefaultCNI": True, "kubeProxyMode": "none"}
    assert "networking" not in published


def test_the_cluster_is_reached_by_its_own_kubeconfig_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/users/own")
    environment = cluster.environment()
    assert environment["KUBECONFIG"] == str(cache.root() / "clusters/containertask/kubeconfig")
    assert environment["PATH"].startswith(f"{tools.folder()}{os.pathsep}")
