"""The kind cluster: made, found healthy, made anew when dead, given images, taken down.

Its kubeconfig is a file of its own; the user's is neither read nor written.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from testbed import audit, cache, daemon, images, nodeimage, tools
from testbed.errors import TestbedError
from testbed.progress import say, step
from testbed.shell import output, run
from testbed.versions import Versions

_READY_SECONDS = 180


def name() -> str:
    """Return the cluster's name: ``CONTAINERTASK_CLUSTER``, else ``containertask``."""
    return os.environ.get("CONTAINERTASK_CLUSTER", "containertask")


def kubeconfig() -> Path:
    """Return where this cluster's kubeconfig is, or will be."""
    return _folder() / "kubeconfig"


def up(versions: Versions) -> None:
    """Make sure that a healthy cluster runs; cheap when it does."""
    daemon_is_new = daemon.ensure()
    with ThreadPoolExecutor() as pool:
        kind_and_helm = pool.submit(tools.prepare_kind_and_helm, versions)
        image = nodeimage.ensure(versions)
        kind_and_helm.result()
    tools.prepare_kubectl(versions, from_recipe=image.from_recipe)
    with cache.lock(f"cluster-{name()}"):
        if not daemon_is_new and healthy(image):
            say(f"cluster {name()} is up")
            return
        _delete()
        _create(image)


def down() -> None:
    """Delete the cluster, and end the Docker daemon if it was started for it."""
    if daemon.works():
        _delete()
    daemon.stop()
    shutil.rmtree(_folder(), ignore_errors=True)


def load(reference: str) -> None:
    """Bring an image of the local daemon to the node, unless the node has just that image."""
    wanted = images.image_id(reference)
    if wanted is None:
        raise TestbedError(f"image {reference} is not on this machine: build it first")
    node = _node_id()
    if node is None:
        raise TestbedError(f"cluster {name()} is not running: run `hack/cluster up` first")
    noted = _folder() / "loaded.json"
    with cache.lock(f"load-{name()}"):
        loaded = _read_json(noted).get(node, {})
        if loaded.get(reference) == wanted:
            return
        with step(f"loading {reference} into cluster {name()}"), tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "image.tar"
            run(["docker", "save", "--output", archive, reference])
            run([tools.tool("kind"), "load", "image-archive", archive, "--name", name()])
        _write_json(noted, {node: {**loaded, reference: wanted}})


def environment() -> dict[str, str]:
    """Return the variables with which a program reaches this cluster and leaves nothing in a home."""
    return {
        "KUBECONFIG": str(kubeconfig()),
        "KUBECACHEDIR": str(_folder() / "kubectl"),
        "PATH": f"{tools.folder()}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def _folder() -> Path:
    return cache.root() / "clusters" / name()


def _policy() -> Path:
    return _folder() / "audit.yaml"


def _node() -> str:
    return f"{name()}-control-plane"


def _node_id() -> str | None:
    return output(["docker", "container", "inspect", "--format", "{{.Id}}", _node()])


def _kubectl_command() -> list[str | Path]:
    return [tools.tool("kubectl"), "--kubeconfig", kubeconfig(), "--cache-dir", _folder() / "kubectl"]


def _kubectl(*arguments: str) -> str | None:
    return output([*_kubectl_command(), *arguments], timeout=15)


def _start_of_node() -> str | None:
    """Return which node runs and since when: one that was started again is another one."""
    state = "{{.State.Running}} {{.Config.Image}} {{.State.StartedAt}}"
    return output(["docker", "container", "inspect", "--format", state, _node()])


def healthy(image: nodeimage.NodeImage) -> bool:
    """Tell whether the node still runs as it would be made today, is Ready, and its API server answers.

    Other nodes do not count: a program that measures may have put fake ones beside it.
    """
    noted = _read_json(_folder() / "node.json")
    started = _start_of_node()
    if started is None or not started.startswith(f"true {image.reference} "):
        return False
    if noted != _note(image, started):
        return False
    ready = "{.status.conditions[?(@.type=='Ready')].status}"
    return _kubectl("get", "node", _node(), "--output", f"jsonpath={ready}") == "True"


def _note(image: nodeimage.NodeImage, started: str | None) -> dict[str, Any]:
    """Return what is written down of a node; a changed configuration or audit policy makes another one."""
    return {"started": started, "made_from": cache.key(json.dumps(configuration(image)), audit.POLICY)}


def _read_json(file: Path) -> dict[str, Any]:
    """Return a note of ours; one that is absent or broken says nothing."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_json(file: Path, content: dict[str, Any]) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(content))
    fresh.replace(file)


def _delete() -> None:
    if _node_id() is not None:
        with step(f"deleting cluster {name()}"):
            run(["docker", "rm", "--force", "--volumes", _node()])
    shutil.rmtree(_folder(), ignore_errors=True)


def _create(image: nodeimage.NodeImage) -> None:
    _folder().mkdir(parents=True, exist_ok=True)
    shutil.copy(audit.POLICY, _policy())
    config = _folder() / "kind.json"
    config.write_text(json.dumps(configuration(image)))
    with step(f"creating cluster {name()}"):
        create: list[str | Path] = [
            tools.tool("kind"),
            "create",
            "cluster",
            "--name",
            name(),
            "--config",
            config,
        ]
        run([*create, "--kubeconfig", kubeconfig(), "--wait", f"{_READY_SECONDS}s"])
    kubeconfig().chmod(0o600)
    _await_service_account()
    _write_json(_folder() / "node.json", _note(image, _start_of_node()))


def _await_service_account() -> None:
    """Wait until Pods can be created: the default service account appears a moment after the node."""
    arguments = ["wait", "--for=create", "serviceaccount/default", f"--timeout={_READY_SECONDS}s"]
    run([*_kubectl_command(), *arguments])


def configuration(image: nodeimage.NodeImage) -> dict[str, object]:
    """Return kind's configuration: one node, audited; cgroup v1 allowed (the line is harmless on v2)."""
    own_parts = {"networking": {"disableDefaultCNI": True, "kubeProxyMode": "none"}}
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        **(own_parts if image.from_recipe else {}),
        "nodes": [
            {"role": "control-plane", "image": image.reference, "extraMounts": [audit.mount(_policy())]}
        ],
        "kubeadmConfigPatches": ["kind: KubeletConfiguration\nfailCgroupV1: false\n", audit.patch()],
    }
