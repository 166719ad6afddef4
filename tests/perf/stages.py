"""Where the time of a run goes: its stations, from reports with milliseconds and from arrivals.

``LEGEND`` says where each station's moment comes from. Reads what ``perf.arrivals`` kept; asks nobody.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from containertask.core.podview import mode_in
from perf.arrivals import Arrival, Run
from perf.figures import middle, ninetieth, print_table
from support import cluster
from support.cluster import Json

LEGEND: Final = """\
Where the moments come from. Arrival: a watch of this client had the event. Told: status.timeline.
  task created          arrival of the task's ADDED
  Pod created           arrival of the Pod's ADDED
  scheduled             arrival of the first state of the Pod with a node
  sandbox               arrival of the kubelet's first Event about a container of the Pod
  gate open             told (inputsReady); else arrival of the Pod with the downloader ended
  main started          told (started); else arrival of the kubelet's Event Started of main
  main ended            told (finished); else arrival of the Pod with main ended
  uploaded              told (uploaded)
  seen by the operator  arrival of the Pod with the uploader ended: the operator's watch has it, too
  decided               told (completed): the operator's clock when it made the last status
  status written        arrival of the task's last state
  Pod Succeeded         arrival of the Pod in that phase
  Job Complete          arrival of the Job with that condition
Told times without milliseconds are not used. A step is taken within each run, from the station above."""

_CONTAINER: Final = re.compile(r"\{([^}]+)\}")
_CONTAINER_REASONS: Final = frozenset({"Pulling", "Pulled", "Created", "Started"})
_ENDS: Final = frozenset({"Succeeded", "Failed", "Cancelled"})


# --- Arrivals ----------------------------------------------------------------------------------


def is_end(arrival: Arrival) -> bool:
    """Tell whether it is the end of its run: of the task, the Job, or the Pod that is nobody's."""
    status = arrival.raw.get("status", {})
    match arrival.kind:
        case "ContainerTask":
            return status.get("phase") in _ENDS
        case "Job":
            return _condition(status, "Complete") or _condition(status, "Failed")
        case "Pod":
            return arrival.raw["metadata"]["name"] == arrival.owner and status.get("phase") in _ENDS
        case _:
            return False


def is_gone(arrival: Arrival) -> bool:
    """Tell whether the Pod of the run is there no more."""
    return (arrival.kind, arrival.change) == ("Pod", "DELETED")


def end_of(run: Run) -> Json:
    """Return the status with which a run ended."""
    status: Json = next(one for one in run.arrivals if is_end(one)).raw["status"]
    return status


def trouble(run: Run, mode: str) -> str:
    """Return why a run does not count; empty if it did what it should, in this mode if one is named."""
    status = end_of(run)
    if status.get("phase") != "Succeeded" and not _condition(status, "Complete"):
        return f"it failed: {json.dumps(status)}"
    pod = next(one.raw for one in run.arrivals if one.kind == "Pod")
    ran = mode_in(pod["spec"]).value if mode else ""
    return "" if ran == mode else f"its Pod was made for mode {ran}"


def _condition(status: Json, kind: str) -> bool:
    return any((one["type"], one["status"]) == (kind, "True") for one in status.get("conditions", []))


def _first(run: Run, kind: str, condition: Callable[[Json], bool]) -> float | None:
    """Return when the first state of such an object arrived, seconds after the submission."""
    moments = (one.at for one in run.arrivals if one.kind == kind and condition(one.raw))
    return next((at - run.submitted for at in moments), None)


def _ended(run: Run, container: str) -> float | None:
    return _first(run, "Pod", lambda pod: cluster.terminated(pod, container) is not None)


def _about_container(event: Json) -> bool:
    return event["reason"] in _CONTAINER_REASONS and event["source"].get("component") == "kubelet"


def container_events(run: Run) -> dict[str, float]:
    """Return when the kubelet's Events arrived, seconds after the submission, by container and reason."""
    found: dict[str, float] = {}
    for one in run.arrivals:
        if one.kind == "Event" and _about_container(one.raw):
            place = one.raw["involvedObject"].get("fieldPath", "")
            name = _CONTAINER.search(place)
            found.setdefault(f"{name[1] if name else 'Pod'} {one.raw['reason']}", one.at - run.submitted)
    return found


# --- Stations ----------------------------------------------------------------------------------


def _timeline(run: Run) -> dict[str, float]:
    """Return what the task's last status tells with milliseconds, seconds after the submission."""
    told: dict[str, str] = end_of(run).get("timeline", {})
    moments = {name: datetime.fromisoformat(text) for name, text in told.items()}
    return {
        name: moment.timestamp() - run.offset - run.submitted
        for name, moment in moments.items()
        if moment.microsecond
    }


def stations(run: Run) -> dict[str, float]:
    """Return the stations that the run passed, in order, in seconds after the submission."""
    told, events = _timeline(run), container_events(run)
    task = any(one.kind == "ContainerTask" for one in run.arrivals)
    main_ended = "main ended" if task else "main's end seen"
    found = {
        "task created": _first(run, "ContainerTask", bool),
        "Pod created": _first(run, "Pod", bool),
        "scheduled": _first(run, "Pod", lambda pod: "nodeName" in pod["spec"]),
        "sandbox": min(events.values(), default=None),
        "gate open": told.get("inputsReady", _ended(run, "downloader")),
        "main started": told.get("started", events.get("main Started")),
        main_ended: told.get("finished", _ended(run, "main")),
        "uploaded": told.get("uploaded"),
        "seen by the operator": _ended(run, "uploader"),
        "decided": told.get("completed"),
        "status written": _first(
            run, "ContainerTask", lambda one: one.get("status", {}).get("phase") == "Succeeded"
        ),
    }
    if not task:
        found["Pod Succeeded"] = _first(run, "Pod", lambda pod: pod["status"]["phase"] == "Succeeded")
        found["Job Complete"] = _first(run, "Job", lambda job: _condition(job.get("status", {}), "Complete"))
    return {name: moment for name, moment in found.items() if moment is not None}


# --- Tables ------------------------------------------------------------------------------------


def show_stages(title: str, runs: Sequence[Run]) -> None:
    """Print where the time of these runs went, station by station."""
    _show_course(f"{title}: stages", [stations(run) for run in runs])


def show_containers(title: str, runs: Sequence[Run]) -> None:
    """Print when the kubelet's Events arrived, one by one, in the order of their medians."""
    each = [container_events(run) for run in runs]
    moments = _by_name(each)
    order = sorted(moments, key=lambda name: middle(moments[name]))
    _show_course(
        f"{title}: the kubelet's Events", [{name: one[name] for name in order if name in one} for one in each]
    )


def _by_name(each: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for one in each:
        for name, moment in one.items():
            found[name].append(moment)
    return found


def _show_course(title: str, each: Sequence[Mapping[str, float]]) -> None:
    steps = _by_name([_steps(one) for one in each])
    rows = {
        name: [
            str(len(moments)),
            *(f"{value * 1000:.0f}" for value in (middle(steps[name]), ninetieth(steps[name]))),
            f"{middle(moments) * 1000:.0f}",
        ]
        for name, moments in _by_name(each).items()
    }
    print_table(title, ["n", "step p50", "step p90", "since submit p50"], rows, "ms")


def _steps(moments: Mapping[str, float]) -> dict[str, float]:
    course = [("", 0.0), *moments.items()]
    return {name: moment - before for (_, before), (name, moment) in pairwise(course)}
