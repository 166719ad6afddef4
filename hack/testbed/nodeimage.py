"""The node image: the published one where it is present or can be pulled, else built by the recipe.

The recipe: a Debian node with the kind module's own base files, Kubernetes and etcd as one static
binary, containerd, and the few images that kubeadm wants as an archive.
"""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from testbed import cache, gobuild, images
from testbed.progress import step
from testbed.shell import run
from testbed.versions import HERE, Versions

_LOCAL_NAME = "containertask.dev/kind-node"
_KUBEADM_IMAGES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
_KUBE_LINKS = ("kubelet", "kubeadm", "kubectl", "kube-proxy")


@dataclass(frozen=True, slots=True)
class NodeImage:
    """An image for ``kind create cluster``; a recipe image brings its own network and kube-proxy."""

    reference: str
    from_recipe: bool


def ensure(versions: Versions) -> NodeImage:
    """Return a node image that the daemon holds."""
    local = f"{_LOCAL_NAME}:v{versions.kubernetes}-{_recipe_key(versions)}"
    if images.image_id(local):
        return NodeImage(local, from_recipe=True)
    if images.present_or_pulled(versions.published_node_image):
        return NodeImage(versions.published_node_image, from_recipe=False)
    with cache.lock("node-image"):
        if not images.image_id(local):
            _build(versions, local)
    return NodeImage(local, from_recipe=True)


def _recipe_key(versions: Versions) -> str:
    return cache.key(HERE / "node", HERE / "kube", HERE / "pause", HERE / "nodeimage.py", repr(versions))


def _build(versions: Versions, tag: str) -> None:
    gobuild.require_go(versions, "the node image (kindest/node cannot be pulled)")
    images.require_base(versions)
    # The base image comes over the network while the compilers work.
    with ThreadPoolExecutor() as pool:
        base = pool.submit(images.ensure_base, versions)
        kube = pool.submit(gobuild.kubernetes, versions, "multicall")
        pause = pool.submit(gobuild.pause, versions)
        names = ("containerd", "ctr", "shim", "coredns")
        found = {name: pool.submit(gobuild.program, versions, name) for name in names}
        base.result()
        programs = {name: future.result() for name, future in found.items()}
        binaries = {"kube": kube.result(), "pause": pause.result(), **programs}
    with tempfile.TemporaryDirectory(prefix="containertask-node-") as folder:
        context = Path(folder)
        _lay_out(versions, context, binaries)
        images.build(tag, context, arguments={"KUBERNETES_VERSION": versions.kubernetes})


def _lay_out(versions: Versions, context: Path, binaries: dict[str, Path]) -> None:
    shutil.copytree(HERE / "node", context, dirs_exist_ok=True, ignore=shutil.ignore_patterns("images"))
    gobuild.kind_base_files(versions, context / "kind-base")
    for folder in ("bin", "kube", "images"):
        (context / folder).mkdir()
    for name in ("containerd", "ctr", "shim"):
        shutil.copy(binaries[name], context / "bin")
    shutil.copy(binaries["kube"], context / "kube/kube")
    _link(context / "kube", *_KUBE_LINKS)
    _save_kubeadm_images(versions, binaries, context / "images")


def _save_kubeadm_images(versions: Versions, binaries: dict[str, Path], into: Path) -> None:
    """Save our images under our own names, and beside them which names kubeadm knows them by.

    The names are given inside the node: on this machine they may belong to somebody's real images.
    """
    with tempfile.TemporaryDirectory(prefix="containertask-images-") as folder:
        context = Path(folder)
        shutil.copytree(HERE / "node/images", context, dirs_exist_ok=True)
        (context / "kube").mkdir()
        shutil.copy(binaries["kube"], context / "kube/kube")
        _link(context / "kube", *_KUBEADM_IMAGES, "etcd")
        for name in ("pause", "coredns"):
            shutil.copy(binaries[name], context)
        wanted = _kubeadm_names(versions)
        own = {target: f"{_LOCAL_NAME}-{target}:v{versions.kubernetes}" for target in set(wanted.values())}
        for target, tag in own.items():
            images.build(tag, context, target=target)
    with step("saving the images that kubeadm wants"):
        run(["docker", "save", "--output", into / "kube.tar", *own.values()])
    (into / "names").write_text("".join(f"{own[target]} {name}\n" for name, target in wanted.items()))


def _kubeadm_names(versions: Versions) -> dict[str, str]:
    """Return the names that kubeadm wants, and which of our images each one is."""
    return {
        **{f"registry.k8s.io/{name}:v{versions.kubernetes}": "kube" for name in _KUBEADM_IMAGES},
        f"registry.k8s.io/etcd:{versions.etcd}": "kube",
        f"registry.k8s.io/pause:{versions.pause}": "pause",
        f"registry.k8s.io/coredns/coredns:v{versions.coredns_image}": "coredns",
    }


def _link(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).symlink_to("kube")
