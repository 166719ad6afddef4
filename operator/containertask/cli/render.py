"""``ctask render``: the Pod that a task becomes, and the ConfigMap beside it, as the operator makes them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from containertask.cli.documents import documents
from containertask.cli.errors import CommandError
from containertask.cli.offline import STORES, TEMPLATES, Task, problems, store_of, task_of, templates_of
from containertask.core.accept import Refused
from containertask.core.attempt import Attempt
from containertask.core.blueprint import key_of
from containertask.core.config import Config
from containertask.core.mode import Cluster, mode_of
from containertask.core.podspec import build_pod, build_values
from containertask.core.stores import StoreView
from containertask.core.storeuse import Use, use_of
from containertask.core.task import KIND
from containertask.core.unbuildable import UnbuildableError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted to be seen: of which task, None for all, which attempt, by which image."""

    task: str | None = None
    attempt: int = 0
    image: str
    gated: bool = False


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    wanted = Wanted(task=given.task, attempt=given.attempt, image=given.image, gated=given.gated)
    return render(given.files, wanted)


def render(files: Sequence[str], wanted: Wanted) -> int:
    """Print the objects as YAML documents. Raises CommandError."""
    read = [one for file in files for one in documents(file)]
    stores = [store_of(one) for one in read if one.kind in STORES and not problems(one)]
    templates = templates_of(read)
    chosen = [one for one in read if one.kind == KIND and wanted.task in {None, one.name}]
    if not chosen:
        raise CommandError(f"no {KIND} {wanted.task or ''}".rstrip() + f" in {', '.join(files)}")
    tasks = [task_of(one, templates) for one in chosen]
    lacking = any(one.view.unresolved for one in tasks)
    for document in (*(one for one in read if lacking and one.kind in TEMPLATES), *chosen):
        if found := problems(document, templates):
            where = f"{document.file}:{document.line(found[0].field)}"
            raise CommandError(f"{where}: {found[0]}: see `ctask lint`")
    objects = [made for one in tasks for made in _objects(one, stores, wanted)]
    yaml.safe_dump_all(objects, sys.stdout, sort_keys=False, width=110, explicit_start=True)
    return 0


def _objects(task: Task, stores: Sequence[StoreView], wanted: Wanted) -> list[Json]:
    """Return what the operator would create for one attempt; raises CommandError."""
    found, who = task.found, f"task {task.view.name}"
    if isinstance(found, Refused):
        raise CommandError(f"{who}: {found.message}")
    if task.view.unresolved:
        namespace, name = key_of(task.view.spec, task.view.namespace)
        text = f"{who} runs template {name}{f' of namespace {namespace}' if namespace else ' of the cluster'}"
        raise CommandError(f"{text}, which is not known here: give the template's manifest, too")
    if found.awaits:
        names = ", ".join(sorted({one.name for one in found.awaits.values()}))
        raise CommandError(f"{who} waits for {names}, and what that gives is not known here")
    known = [one for one in stores if one.of_cluster or one.namespace == task.view.namespace]
    use = use_of(task.view, found.spec, known, found.needs)
    if not isinstance(use, Use):
        raise CommandError(f"{who}: {use.message}; give the store's manifest, too")
    mode = mode_of(found.spec, Cluster(gates=wanted.gated), 0, fetches=found.fetches)
    attempt = Attempt(number=wanted.attempt, mode=mode, use=use)
    try:
        pod = build_pod(task.view, found, attempt, Config(image=wanted.image))
    except UnbuildableError as error:
        raise CommandError(f"{who}: {error.message}") from None
    values = build_values(task.view, found)
    return [*([values] if values is not None else []), pod]
