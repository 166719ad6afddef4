"""The demo: a task's Pod on the real node, Gated shape, with stand-ins for downloader and uploader.

It shows what stands so far: the launcher holds the user's command at the gate, runs it untouched, and
the uploader knows the outcome before the kubelet does. ``make demo`` runs it.
"""

from __future__ import annotations

import json
import sys
import time

from support import cluster, shapes
from support.ending import run
from support.shapes import Main

SCRIPT = "echo hello from $(hostname); echo 42 > /var/outputs/answer"


def main() -> None:
    """Run one Pod and tell its story."""
    with cluster.restricted_namespace("demo") as namespace:
        command = ("sh", "-c", SCRIPT)
        say(f"running `{SCRIPT}` in image {shapes.SHELL_IMAGE}, namespace enforces restricted")
        begun = time.time()
        end = run(namespace, "demo", shapes.gated("demo", Main(image=shapes.SHELL_IMAGE, command=command)))
        reported = time.time()
        say(f"kubectl logs:     {namespace.logs('demo', 'main').strip()}")
        say(f"exit record:      {json.dumps(json.loads(end.raw))}")
        say(f"uploader told:    {end.arrived_ns / 1e9 - begun:.2f} s after the Pod was created,")
        say(f"                  {end.delay_ms:.1f} ms after the command's end")
        say(f"kubelet reported: {reported - begun:.2f} s after the Pod was created")


def say(text: str) -> None:
    """Print one line."""
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
