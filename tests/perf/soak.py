"""Many runs of the launcher: no record is lost, none is wrong, nothing hangs.

``make soak`` runs it; it fails if one run of all was not as it should be. Pods of which the node itself
could not start a container say nothing about the launcher: they are counted apart.
"""

from __future__ import annotations

import collections
import sys
from concurrent.futures import ThreadPoolExecutor

from support import cluster, shapes
from support.cluster import Json
from support.ending import everything_ended, read_ending
from support.launcher import run_once
from support.shapes import Main

HOST_RUNS = 5000
HOST_AT_ONCE = 16
NODE_RUNS = 100
NODE_AT_ONCE = 20
NOT_STARTED = "a container not started by the node"


def host_run(number: int) -> str:
    """Run a command that ends within a millisecond; say what went wrong, or ``right``."""
    code = number % 100
    outcome = run_once("sh", "-c", f"exit {code}")
    if not outcome.fifo:
        return "lost record"
    return "right" if outcome.record.exit_code == outcome.exit_code == code else "wrong record"


def node_run(namespace: cluster.Namespace, number: int) -> str:
    """Run a Pod whose command ends within a millisecond; say what went wrong, or ``right``."""
    code = number % 100
    shape = shapes.gated if number % 2 else shapes.init
    name = f"soak-{number}"
    namespace.create(shape(name, Main(command=("/probe", "exit", str(code)))))
    pod = namespace.wait(name, lambda pod: everything_ended(pod) or never_started(pod), seconds=180)
    namespace.delete(name)
    if never_started(pod):
        return NOT_STARTED
    end = read_ending(pod)
    if not end.raw:
        return "lost record"
    return "right" if end.record.exit_code == end.main["exitCode"] == code else "wrong record"


def never_started(pod: Json) -> bool:
    """Tell whether the node failed to start a container: runc's "unable to freeze" on a busy cgroup v1."""
    ends = (cluster.terminated(pod, name) or {} for name in ("downloader", "main", "uploader"))
    return any(end.get("reason") == "StartError" for end in ends)


def main() -> int:
    """Run both series and print the counts."""
    with ThreadPoolExecutor(HOST_AT_ONCE) as pool:
        on_host = collections.Counter(pool.map(host_run, range(HOST_RUNS)))
    with cluster.restricted_namespace("soak") as namespace, ThreadPoolExecutor(NODE_AT_ONCE) as pool:
        futures = [pool.submit(node_run, namespace, number) for number in range(NODE_RUNS)]
        on_node = collections.Counter(future.result() for future in futures)
    sys.stdout.write(f"on this machine: {dict(on_host)}\non the node: {dict(on_node)}\n")
    return 0 if set(on_host) == {"right"} and set(on_node) <= {"right", NOT_STARTED} else 1


if __name__ == "__main__":
    sys.exit(main())
