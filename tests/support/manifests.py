"""Manifests of tasks and stores, as users write them."""

from __future__ import annotations

HEAD = """\
apiVersion: containertask.dev/v1alpha1
kind: ContainerTask
metadata: {name: demo}
"""
STORE = """\
apiVersion: containertask.dev/v1alpha1
kind: ArtifactStore
metadata: {name: default}
"""
GOOD = f"{HEAD}spec: {{image: alpine, command: [sh]}}\n"
SOURCE = f"""\
{HEAD.replace("demo", "train")}spec:
  image: alpine
  command: [sh]
  outputs: [{{name: model, type: file, destination: "s3://b/m"}}]
"""


def needing(task: str, output: str, kind: str) -> str:
    """Return a task that takes an output of another."""
    return f"""\
{HEAD}spec:
  image: alpine
  command: [sh]
  inputs:
    - name: m
      type: {kind}
      valueFrom: {{taskOutputRef: {{name: {task}, output: {output}}}}}
"""
