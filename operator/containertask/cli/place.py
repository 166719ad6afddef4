"""Where a command works, and which task it means, from what was typed."""

from __future__ import annotations

import argparse
import re
import shlex
from typing import Final

from containertask.cli.errors import CommandError
from containertask.sdk.cluster import Cluster

RESOURCE: Final = "containertask.containertask.dev"
"""Before the name of a task, as kubectl writes it."""
_KINDS: Final = frozenset(
    {"ctask", "containertask", "containertasks", RESOURCE, "containertasks.containertask.dev"}
)

_NAMESPACE: Final = re.compile(r"(?=.{1,63}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def cluster_of(given: argparse.Namespace) -> Cluster:
    """Return the cluster and namespace that are meant. Raises CommandError."""
    if given.namespace is not None and not _NAMESPACE.fullmatch(given.namespace):
        text = "-n: write at most 63 small letters, digits and `-`, with a letter or digit at both ends"
        raise CommandError(text, exit_code=2)
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
    return "".join(f" {flag} {shlex.quote(value)}" for flag, value in named.items() if value)
