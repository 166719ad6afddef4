"""Record what this cluster's node and API server say when a Pod cannot start: tests/recorded/*.json.

Run it as ``PYTHONPATH=tests hack/cluster exec -- .venv/bin/python hack/record.py [NAME …]``, with the images
loaded. It prints after how many seconds each thing showed. Messages are stored as they came.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from contextlib import ExitStack
from typing import Final

from recorded.scenes import CONFIG_MAPS, SCENES, Question, Scene
from support import admission, cluster
from support.cluster import Json, Namespace

FOLDER: Final = cluster.REPOSITORY / "tests/recorded"
KEPT: Final = {
    "metadata": {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"},
    "spec": {"nodeName", "initContainers", "containers", "volumes"},
    "status": {
        *{"phase", "reason", "message", "startTime"},
        *{"conditions", "initContainerStatuses", "containerStatuses"},
    },
}
CONTAINER: Final = {"name", "image", "restartPolicy", "volumeMounts"}
CONTAINER_STATUS: Final = {"name", "state", "lastState", "ready", "restartCount"}
KEPT_OF_EACH: Final = {
    "initContainers": CONTAINER,
    "containers": CONTAINER,
    "conditions": {"type", "status", "reason", "message", "lastTransitionTime"},
    "initContainerStatuses": CONTAINER_STATUS,
    "containerStatuses": CONTAINER_STATUS,
}


def main(names: list[str]) -> None:
    """Record these scenes, or all."""
    with cluster.restricted_namespace("recorded") as namespace:
        for name, content in CONFIG_MAPS.items():
            launcher = {"launcher": base64.b64encode(content).decode()}
            body = {"metadata": {"name": name}, "binaryData": launcher}
            namespace.api.create_namespaced_config_map(namespace.name, body)
        versions = node_versions(namespace)
        for name in names or SCENES:
            scene = SCENES[name]
            found = played(namespace, name, scene) if isinstance(scene, Scene) else answered(namespace, scene)
            text = json.dumps({"about": scene.about, **versions, **found}, indent=2)
            (FOLDER / f"{name}.json").write_text(f"{text}\n")


def node_versions(namespace: Namespace) -> Json:
    """Return the versions of the node's kubelet and containerd."""
    info = namespace.api.list_node().items[0].status.node_info
    runtime = info.container_runtime_version.removeprefix("containerd://")
    return {"kubernetes": info.kubelet_version.removeprefix("v"), "containerd": runtime.partition("+")[0]}


def played(namespace: Namespace, name: str, scene: Scene) -> Json:
    """Create the Pod; return it when the scene shows."""
    pod = {**scene.pod, "metadata": {"name": name}}
    began = time.monotonic()
    namespace.create(pod)
    found = namespace.wait(name, scene.shows)
    say(f"{time.monotonic() - began:6.2f} s  {name}")
    if scene.later:
        time.sleep(scene.later)
        found = json.loads(cluster.kubectl("get", "pod", name, f"--namespace={namespace.name}", "-o=json"))
    namespace.delete(name)
    return {"pod": small(found)}


def answered(namespace: Namespace, question: Question) -> Json:
    """Return the API server's refusal of the Pod, or what it would make of it."""
    with ExitStack() as stack:
        if question.policy is not None:
            stack.enter_context(admission.enforced(namespace.name, question.policy))
        found = json.loads(posted(namespace, question.pod))
    if found["kind"] == "Pod":
        return {"pod": small(found)}
    say(f"{found['code']} {found['reason']}: {found['message']}")
    return {"refusal": {part: found[part] for part in ("code", "reason", "message")}}


def posted(namespace: Namespace, pod: Json) -> bytes:
    """Return the answer to a dry run with strict fields; the client itself takes only what it knows."""
    connection = namespace.api.api_client
    path = f"/api/v1/namespaces/{namespace.name}/pods?dryRun=All&fieldValidation=Strict"
    url, headers = f"{connection.configuration.host}{path}", {"Content-Type": "application/json"}
    answer: bytes = connection.rest_client.request("POST", url, headers=headers, body=pod).read()
    return answer


def small(pod: Json) -> Json:
    """Return the Pod with what the operator may read of it."""
    found = {part: only(pod.get(part, {}), names) for part, names in KEPT.items()}
    for part in found.values():
        for name in KEPT_OF_EACH.keys() & part.keys():
            part[name] = [only(one, KEPT_OF_EACH[name]) for one in part[name]]
    return found


def only(found: Json, names: set[str]) -> Json:
    """Return these fields of an object."""
    return {name: value for name, value in found.items() if name in names}


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
