"""The states of a task and what leads from one to the next, found by asking ``plan`` itself.

``PYTHONPATH=tests python -m support.lifecycle`` writes diagram and table of ``docs/lifecycle.md`` anew.
A story is a Pod's life in steps, as the kubelet tells it; a task is walked through each story, and again from
each of its steps as if the operator had been away until a later one. What the status says before and after a
pass is one arrow. Nothing here knows which phases there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from containertask.core.plan import plan
from containertask.core.snapshot import Refusal
from support.builders import CONFIG, NOW, PodBuilder, TaskBuilder, a_pod, a_task, quiet, refused, seen

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
_GENERATED: Final = re.compile(
    r"(<!-- {0} -->\n).*?(<!-- end of {0} -->)".replace("{0}", "diagram"), re.DOTALL
)
_LATER: Final = 400_000
"""Milliseconds: every back-off is over by then."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is seen of a task: its spec as it is now, its newest Pod, or why it has none."""

    task: TaskBuilder
    pod: PodBuilder | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, order=True)
class Arrow:
    """From one phase to another, and the reason that the status then gives.

    ``leap`` is set where the operator was away for a step, or the step was too short to be told.
    """

    before: str
    after: str
    reason: str
    leap: bool = False


TASK: Final = a_task(retries={"limit": 1, "systemLimit": 1})
_ONCE: Final = a_task()
_STAGES: Final = (
    a_pod(),
    a_pod().unschedulable(),
    a_pod().scheduled(),
    a_pod().scheduled().downloading(),
    a_pod().at_work(),
    a_pod().at_work().main_ended(),
)
_ENDS: Final = (
    a_pod().done().over("Succeeded"),
    a_pod().failed(3).over(),
    a_pod().at_work().disrupted("EvictionByEvictionAPI").over(),
    a_pod().scheduled().waiting("main", "InvalidImageName", "no").stopped("InvalidImageName").over(),
    a_pod().at_work().gone(),
)


def arrows() -> set[Arrow]:
    """Return every arrow that any story shows."""
    return {arrow for story in _stories() for arrow in _walked(story)}


def _stories() -> Iterator[tuple[Step, ...]]:
    quota = Step(TASK, refusal=refused(403, "exceeded quota: q", after=459))
    account = Step(TASK, refusal=refused(403, 'serviceaccount "x" not found', after=459))
    stages = tuple(Step(TASK, pod) for pod in _STAGES)
    for end in _ENDS:
        yield (Step(TASK), account, quota, *stages, Step(TASK, end))
        yield (Step(_ONCE), *(Step(_ONCE, pod) for pod in _STAGES), Step(_ONCE, end))
    yield (Step(TASK.with_input("n", "integer", "many")),)
    for wanted in (TASK.cancelled(), TASK.suspended()):
        reason = "Cancelled" if wanted.view().cancelled else "Suspended"
        stopped = tuple(Step(wanted, pod.stopped(reason).over()) for pod in _STAGES)
        for number, last in enumerate(stopped):
            yield (Step(TASK), quota, *stages[: number + 1], last)
        yield (Step(TASK), account, quota, Step(wanted))
    yield (Step(TASK.suspended()), Step(TASK.cancelled()))
    yield (Step(TASK.suspended()), Step(TASK), Step(TASK, a_pod()))


def _walked(story: tuple[Step, ...]) -> Iterator[Arrow]:
    """Walk a story from its beginning, and from each step to each later one."""
    statuses: list[TaskBuilder | None] = [None]
    for step in story:
        found: list[TaskBuilder | None] = []
        for before in statuses:
            arrow, after = _passed(before, step)
            if arrow is not None:
                yield replace(arrow, leap=before is not statuses[-1])
                found.append(after)
        for spent in found:
            yield from _next_attempt(spent, step)
        # The last one is where a step by step walk stands.
        statuses += found[-1:]


def _passed(before: TaskBuilder | None, step: Step) -> tuple[Arrow | None, TaskBuilder | None]:
    """Make one pass; return what it wrote, if that is another phase or another reason."""
    raw = before.raw.get("status", {}) if before else {}
    task = step.task.status(**raw) if raw else step.task
    if task.view().finished:
        return None, None
    pods = [step.pod] if step.pod else []
    trouble = quiet(step.pod, NOW + _LATER) if step.pod else None
    found = plan(seen(task, *pods, refusal=step.refusal, trouble=trouble), NOW + _LATER, CONFIG)
    if found.status is None:
        return None, None
    phase = str(raw.get("phase") or "Pending")  # as the CRD has it before anybody wrote
    status = found.status
    return Arrow(phase, str(status.phase), str(status.reason)), task.status(status)


def _next_attempt(task: TaskBuilder | None, step: Step) -> Iterator[Arrow]:
    """Walk from a status that speaks of an attempt to come to the first that speaks of its Pod."""
    number = (task.raw["status"].get("attempt") or 0) if task else 0
    if task is None or number == 0:
        return
    for pod in (a_pod(number), a_pod(number).at_work()):
        arrow, _ = _passed(task, Step(step.task, pod))
        if arrow is not None:
            yield arrow


def rendered() -> str:
    """Return the diagram of what happens step by step, and the table of every arrow."""
    reasons: dict[tuple[str, str], set[str]] = defaultdict(set)
    steps: set[tuple[str, str]] = set()
    for arrow in arrows():
        if arrow.before != arrow.after:
            reasons[arrow.before, arrow.after].add(arrow.reason)
            steps |= set() if arrow.leap else {(arrow.before, arrow.after)}
    last = sorted({other for _, other in reasons} - {one for one, _ in reasons})
    lines = [f"    {one} --> {other}" for one, other in [("[*]", "Pending"), *sorted(steps)]]
    ends = [f"    {one} --> [*]" for one in last]
    rows = [
        f"| {one} | {other} | {'' if (one, other) in steps else 'yes'} | "
        f"{', '.join(f'`{reason}`' for reason in sorted(found))} |"
        for (one, other), found in sorted(reasons.items())
    ]
    head = ["| from | to | leap | reasons |", "|---|---|---|---|"]
    diagram = ["```mermaid", "stateDiagram-v2", *lines, *ends, "```"]
    return "\n".join([*diagram, "", *head, *rows, ""])


def page() -> str:
    """Return the whole page with its generated part as it should be."""
    return _GENERATED.sub(lambda found: f"{found[1]}{rendered()}{found[2]}", PAGE.read_text())


if __name__ == "__main__":
    PAGE.write_text(page())
