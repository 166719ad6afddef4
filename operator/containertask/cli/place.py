"""Where a command works, and which task it means, from what was typed."""

from __future__ import annotations

import argparse
from typing import Final

from containertask.cli.errors import CommandError
from containertask.sdk.cluster import Cluster

RESOURCE: Final = "containertask.containertask.dev"
"""Before the name of a task, as kubectl writes it."""
_KINDS: Final = frozenset(
    {"ctask", "containertask", "containertasks", RESOURCE, "containertasks.containertask.dev"}
)


def cluster_of(given: argparse.Namespace) -> Cluster:
    """Return the cluster and namespace that are meant."""
    return Cluster(kubeconfig=given.kubeconfig, context=given.context, namespace=given.namespace)


def name_of(text: str) -> str:
    """Return the name of a task, also from ``ctask/NAME``. Raises CommandError."""
    kind, slash, name = text.rpartition("/")
    if (slash and kind.lower() not in _KINDS) or not name:
        raise CommandError("write the name of a task: NAME, ctask/NAME or containertask/NAME", exit_code=2)
    return name


def flags_of(given: argparse.Namespace) -> str:
    """Return what a further command has to be given for the same place, with a blank before it."""
    named = {"-n": given.namespace, "--context": given.context, "--kubeconfig": given.kubeconfig}
    return "".join(f" {flag} {value}" for flag, value in named.items() if value)
