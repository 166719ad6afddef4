"""Record how the Pods of real tasks end, and what the API server answers that takes none.

``hack/recordcluster.py up`` first; then ``PYTHONPATH=tests hack/cluster exec -- .venv/bin/python
hack/recordends.py [NAME …]`` with ``CONTAINERTASK_CLUSTER=containertask-ends``, where NAME may be the
beginning of several. Of each it prints what the operator said and what ``core`` says now.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Final

import recordcluster  # first: it says which cluster is meant
from recorded.ending import Ending, Stage, over
from recorded.endings import ENDS
from recorded.pods import Last, Pods, followed
from support import admission, cluster, tasks
from support.cluster import Json
from support.recordedends import told, view_of
from support.seen import Seen
from support.tasks import Tasks

FOLDER: Final = cluster.REPOSITORY / "tests/recorded"
KEPT_METADATA: Final = {
    *{"name", "namespace", "uid", "resourceVersion", "creationTimestamp"},
    *{"ownerReferences", "deletionTimestamp", "deletionGracePeriodSeconds"},
}


def main(prefixes: list[str]) -> None:
    """Record the scenes whose names begin so, or all."""
    wanted = [name for name in ENDS if not prefixes or any(name.startswith(one) for one in prefixes)]
    with tasks.namespace("privileged") as here, followed(here.namespace) as pods:
        for name in wanted:
            try:
                recording = played(here, pods, name, ENDS[name])
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                say(f"------- {name}: {str(error)[:600]}")
                continue
            write(FOLDER / f"ends/{name}.json", recording)


def played(here: Tasks, pods: Pods, name: str, scene: Ending) -> Json:
    """Create the task, do to it what is to be done, return its Pod as the scene wants it."""
    policy = admission.enforced(here.namespace, scene.policy) if scene.policy else nullcontext()
    for one in scene.needs:
        cluster.kubectl("apply", f"--namespace={here.namespace}", "--filename=-", stdin=json.dumps(one))
    tasks_of_mode = Tasks(here.core, here.namespace, scene.mode)
    with policy, scene.around(here):
        began = time.monotonic()
        tasks_of_mode.create(name, spec_of(scene))
        if scene.act is not None:
            scene.act(Stage(tasks_of_mode, name, _ready(tasks_of_mode, pods, name, scene)))
        last = pods.wait(name, lambda one: one.gone or (scene.shows or over)(one.pod), scene.patience)
        if scene.shows is None:
            tasks_of_mode.ended(name)
        if scene.shows is None or scene.later:
            time.sleep(scene.later or 1)
            last = pods.last(name) or last
        events = _events(here, last) if scene.events else {}
    task = next(tasks_of_mode.states(name), Seen({}))
    say(f"{time.monotonic() - began:6.1f} s  {name}: {task.reason or task.phase}; {_told(last)}")
    tasks_of_mode.delete(name)
    pods.end(here, name)
    return {"about": scene.about, **versions(here), "gone": last.gone, "pod": small(last.pod), **events}


def spec_of(scene: Ending) -> Json:
    """Return the task's spec, without retries where the cluster knows any."""
    known = "systemLimit" in cluster.kubectl(
        "get", "crd", "containertasks.containertask.dev", "--output=json"
    )
    return {**scene.spec, **({"retries": {"systemLimit": 0}} if known else {})}


def _ready(here: Tasks, pods: Pods, name: str, scene: Ending) -> Json:
    if scene.acted_when is None:
        here.printed(name, "ready")
        return here.pod(name)
    when = scene.acted_when
    return pods.wait(name, lambda one: when(one.pod), scene.patience).pod


def _told(last: Last) -> str:
    found = told(view_of(last.pod, gone=last.gone))
    return f"{'gone, ' if last.gone else ''}{found.how}, {found.reason}: {found.message[:250]}"


def _events(here: Tasks, last: Last) -> Json:
    uid = last.pod["metadata"]["uid"]
    found = here.core.list_namespaced_event(here.namespace, field_selector=f"involvedObject.uid={uid}")
    kept = [(one.type, one.reason, one.message) for one in found.items if one.type == "Warning"]
    return {"events": [dict(zip(("type", "reason", "message"), one, strict=True)) for one in kept]}


def versions(here: Tasks) -> Json:
    """Return the versions of the second node's kubelet and containerd."""
    info = here.core.read_node(recordcluster.FIRST).status.node_info
    runtime = info.container_runtime_version.removeprefix("containerd://")
    return {"kubernetes": info.kubelet_version.removeprefix("v"), "containerd": runtime.partition("+")[0]}


def small(pod: Json) -> Json:
    """Return the Pod with what the operator may read of it, and no more."""
    metadata = {name: value for name, value in pod["metadata"].items() if name in KEPT_METADATA}
    notes = {key: one for key, one in pod["metadata"].get("annotations", {}).items() if key.endswith("/stop")}
    spec = {"volumes": pod["spec"]["volumes"], "nodeName": pod["spec"].get("nodeName")}
    for part in ("initContainers", "containers"):
        each = pod["spec"].get(part, [])
        spec[part] = [
            {key: one[key] for key in ("name", "image", "restartPolicy") if key in one} for one in each
        ]
    status = {
        key: one for key, one in pod["status"].items() if key in {"phase", "reason", "message", "startTime"}
    }
    status["conditions"] = [_condition(one) for one in pod["status"].get("conditions", [])]
    for part in ("initContainerStatuses", "containerStatuses"):
        each = pod["status"].get(part, [])
        status[part] = [{"name": one["name"], "state": _anonymous(one.get("state", {}))} for one in each]
    parts = {"metadata": {**metadata, "annotations": notes}, "spec": spec, "status": status}
    return {part: {key: one for key, one in found.items() if one} for part, found in parts.items()}


def _condition(one: Json) -> Json:
    return {
        key: one[key] for key in ("type", "status", "reason", "message", "lastTransitionTime") if one.get(key)
    }


def _anonymous(state: Json) -> Json:
    return {
        kind: {key: one for key, one in found.items() if key != "containerID"}
        for kind, found in state.items()
    }


def write(file: Path, recording: Json) -> None:
    """Write a recording as a person can read it."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{json.dumps(recording, indent=2)}\n")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
