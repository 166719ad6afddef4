"""``ctask describe``: all that an object and its events tell people. No value of a variable or Secret."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from containertask.api.status import Timeline
from containertask.cli.place import cluster_of, name_of
from containertask.cli.shown import Table, age, now, one_line
from containertask.cli.why import event_time, events_of
from containertask.core.task import spec_that_runs
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster

Json = dict[str, Any]

_SPEC: Final = (
    "image",
    "storeRef",
    "templateRef",
    "resources",
    "accelerator",
    "retries",
    "timeout",
    "suspend",
    "cancel",
)
_STATUS: Final = ("phase", "reason", "message", "attempt", "exitCode", "duration", "podName", "nodeName")
_MORE: Final = ("waitingFor", "usage", "outputsURI", "logsURI")
_WIDTH: Final = 14


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    task, events = loop.run(_found(cluster_of(given), name_of(given.name)))
    sys.stdout.write("".join(f"{line}\n" for line in description(task, events, now())))
    return 0


async def _found(cluster: Cluster, name: str) -> tuple[Json, Sequence[Json]]:
    async with cluster.session() as session:
        task = await session.api.get(TASKS, cluster.namespace, name)
        return task, await events_of(session, task)


def description(task: Json, events: Sequence[Json], moment: datetime) -> Iterator[str]:
    """Yield the lines."""
    metadata, spec, status = task["metadata"], spec_that_runs(task), task.get("status") or {}
    yield from _pairs({"Name": metadata["name"], "Namespace": metadata["namespace"]})
    yield from _pairs({"Labels": _joined(metadata.get("labels") or {})})
    yield from _pairs(
        {"Created": f"{metadata['creationTimestamp']} ({age(metadata['creationTimestamp'], moment)} ago)"}
    )
    yield from _pairs(_template(status))
    yield from _pairs({_title(name): spec[name] for name in _SPEC if name in spec})
    command_line = [*(spec.get("command") or ()), *(spec.get("args") or ())]
    yield from _pairs(
        {"Command": one_line(json.dumps(command_line, ensure_ascii=False), 200)} if command_line else {}
    )
    yield from _pairs({"Environment": ", ".join(_variables(spec))})
    yield from _pairs({_title(name): status[name] for name in (*_STATUS, *_MORE) if name in status})
    yield from _section(
        "Inputs", ("NAME", "TYPE", "VALUE"), [_input(one) for one in spec.get("inputs") or ()]
    )
    yield from _section("Outputs", ("NAME", "TYPE", "VALUE"), list(_outputs(spec, status)))
    yield from _section(
        "Conditions",
        ("TYPE", "STATUS", "REASON", "MESSAGE"),
        [
            [one["type"], one["status"], one["reason"], one_line(one.get("message", ""))]
            for one in _list(status, "conditions")
        ],
    )
    yield from _history(status, events, moment)


def _template(status: Json) -> Json:
    """Return what the task runs of which template, as it stood when the task began."""
    found = status.get("template")
    if not found:
        return {}
    version = f"generation {found['generation']}, {found['digest'][:12]}"
    return {"Template": f"{found['kind']}/{found['name']} {version}"}


def _history(status: Json, events: Sequence[Json], moment: datetime) -> Iterator[str]:
    """Yield what happened, and when."""
    yield from _section(
        "Attempts",
        ("ATTEMPT", "REASON", "EXIT", "POD", "NODE"),
        [
            [one["attempt"], one["reason"], one.get("exitCode"), one.get("podName"), one.get("nodeName")]
            for one in _list(status, "attempts")
        ],
    )
    passed = status.get("timeline") or {}
    stations = [one.alias or name for name, one in Timeline.model_fields.items()]
    yield from _section(
        "Timeline", ("STATION", "TIME"), [[one, passed[one]] for one in stations if one in passed]
    )
    yield from _section(
        "Events",
        ("TYPE", "REASON", "AGE", "MESSAGE"),
        [
            [
                one.get("type"),
                one.get("reason"),
                age(event_time(one), moment),
                one_line(one.get("message", ""), 200),
            ]
            for one in events
        ],
    )


def _outputs(spec: Json, status: Json) -> Iterator[list[object]]:
    """Yield a row for each output that is declared or there."""
    found = {one["name"]: one for one in _list(status, "outputs")}
    declared = {one["name"]: one for one in spec.get("outputs") or ()}
    for name, one in {**declared, **found}.items():
        value = one_line(json.dumps(one["value"], ensure_ascii=False)) if "value" in one else one.get("uri")
        yield [name, one["type"], value if name in found else None]


def _input(item: Json) -> list[object]:
    if "uri" in item:
        return [item["name"], item.get("type"), item["uri"]]
    if "valueFrom" in item:
        return [item["name"], item.get("type"), one_line(item["valueFrom"])]
    value = item.get("value", item.get("default"))
    there = "value" in item or "default" in item
    return [
        item["name"],
        item.get("type"),
        one_line(json.dumps(value, ensure_ascii=False)) if there else None,
    ]


def _variables(spec: Json) -> Iterator[str]:
    """Yield the names of variables, and what Secrets bring; their values are in neither."""
    for one in spec.get("env") or ():
        yield str(one["name"])
    for one in spec.get("secrets") or ():
        yield f"{one.get('env') or one.get('file')} (key {one['key']} of Secret {one['name']})"


def _pairs(found: Mapping[str, object]) -> Iterator[str]:
    for name, value in found.items():
        if value not in ("", None):
            yield f"{name + ':':<{_WIDTH}} {one_line(value, 1000)}"


def _section(title: str, heading: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    if rows:
        yield f"{title}:"
        yield from (f"  {line}" for line in Table(heading).add(rows).splitlines())


def _title(name: str) -> str:
    return name[0].upper() + name[1:]


def _joined(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in labels.items())


def _list(status: Json, name: str) -> Sequence[Json]:
    return status.get(name) or ()
