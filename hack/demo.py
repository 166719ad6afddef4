"""The demo: two real tasks on a real node, one that succeeds and one that fails, as kubectl shows them.

``make demo`` makes the cluster, the image and the Helm release first.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
NAMESPACE = "demo"
STATIONS = (
    "podCreated",
    "scheduled",
    "inputsReady",
    "started",
    "finished",
    "uploaded",
    "completed",
)
NEXT = """
What to try next (`hack/cluster exec -- bash` opens a shell with kubectl and helm for this cluster):

  kubectl explain containertask.spec.inputs                  every field is documented
  kubectl -n demo describe ctask fails-on-purpose            status, conditions and events
  kubectl -n demo get ctask ellipse-area -o yaml             all of it
  kubectl -n demo patch ctask NAME --type=merge -p '{"spec":{"cancel":true}}'
  kubectl -n demo delete ctask --all                         Pods go with their tasks
  make cluster-down                                          the node goes, too
"""


def main() -> None:
    """Run both examples and show them."""
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")
    kubectl("create", "namespace", NAMESPACE)
    show("kubectl", "get", "pods", "-n", "containertask-system")
    run("ellipse-area", "Complete")
    show("kubectl", "-n", NAMESPACE, "logs", pod_of("ellipse-area"), "-c", "main")
    outputs("ellipse-area")
    timeline("ellipse-area")
    run("fails-on-purpose", "Failed")
    status = task("fails-on-purpose")["status"]
    say(f"\nwhy it failed:  {status['reason']}: {status['message']}")
    show("kubectl", "-n", NAMESPACE, "get", "containertasks,pods", "-o", "wide")
    show("kubectl", "-n", NAMESPACE, "get", "events", "--field-selector=involvedObject.kind=ContainerTask")
    say(NEXT)


def run(name: str, condition: str) -> None:
    """Apply an example and wait for its end."""
    show("kubectl", "-n", NAMESPACE, "apply", "-f", f"examples/{name}.yaml", "--server-side")
    show(
        "kubectl", "-n", NAMESPACE, "wait", f"--for=condition={condition}", f"ctask/{name}", "--timeout=120s"
    )


def outputs(name: str) -> None:
    """Print the typed outputs."""
    say(f"\noutputs of {name}:")
    for one in task(name)["status"]["outputs"]:
        say(f"  {one['name']:<10} {one['type']:<8} {json.dumps(one['value'])}")


def timeline(name: str) -> None:
    """Print when each station was passed, from the Pod's creation on."""
    found: dict[str, str] = task(name)["status"]["timeline"]
    begun = datetime.fromisoformat(found["podCreated"])
    say(f"\ntimeline of {name}, in seconds (the API server and the kubelet know whole ones only):")
    for station in STATIONS:
        if station in found:
            moment = datetime.fromisoformat(found[station])
            precision = 3 if moment.microsecond else 0
            say(f"  {station:<12} {(moment - begun).total_seconds():7.{precision}f}")


def task(name: str) -> dict[str, Any]:
    """Return a task as the API server has it."""
    found: dict[str, Any] = json.loads(kubectl("-n", NAMESPACE, "get", "ctask", name, "-o", "json"))
    return found


def pod_of(name: str) -> str:
    """Return the name of a task's Pod."""
    found: str = task(name)["status"]["podName"]
    return found


def show(*command: str) -> None:
    """Print a command and what it prints."""
    say(f"\n$ {' '.join(command)}")
    say(kubectl(*command[1:]))


def kubectl(*arguments: str) -> str:
    """Run kubectl; end the demo with its message if it fails."""
    done = subprocess.run(
        ["kubectl", *arguments], check=False, capture_output=True, text=True, cwd=EXAMPLES.parent
    )
    if done.returncode:
        sys.exit(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def say(text: str) -> None:
    """Print lines."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
