"""Whatever a Pod says, and whatever our status said before: a plan is made that the API server takes."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from containertask.contract.exitrecord import Cause, Stop
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Figures, Report
from containertask.core.actions import DeletePod, Plan, StopPod
from containertask.core.mode import Cluster
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.plan import plan
from support.builders import CONFIG, PodBuilder, a_pod, a_task, at, rfc, seen
from support.builders.reports import said
from support.builders.tasks import TaskBuilder
from support.crdschema import faults_of_status

text = st.text(max_size=40) | st.text(st.characters(), min_size=900, max_size=1500)
int64 = st.integers(-(2**63), 2**63 - 1)
json_values = st.none() | st.booleans() | int64 | st.floats() | text | st.lists(text, max_size=2)
figures = st.builds(
    Figures,
    inputs_ready_ms=st.none() | int64,
    started_ms=st.none() | int64,
    finished_ms=st.none() | int64,
    uploaded_ms=st.none() | int64,
    cpu_milliseconds=st.none() | int64,
    memory_peak_bytes=st.none() | int64,
)
ends = st.builds(
    End,
    cause=st.sampled_from(Cause),
    exit_code=st.integers(0, 255),
    signal=st.none() | int64,
    stop=st.none() | st.sampled_from(Stop),
    oom_kills=st.none() | int64,
)
reports = st.builds(
    Report,
    outcome=st.sampled_from(Outcome),
    message=st.none() | text,
    origin=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=90),
    end=st.none() | ends,
    outputs=st.dictionaries(st.sampled_from(["x", "y", "other"]), json_values),
    figures=figures,
)
raw_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=1500)
MOMENTS = ("0", "1e999", "-1", "9" * 25)
notes = raw_text | st.sampled_from(
    [
        "null",
        "[]",
        "[" * 100_000,
        '{"reason":"Cancelled"}',
        '{"reason":[],"message":"","at":0}',
        *(f'{{"reason":"Cancelled","message":"\\ud800","at":{moment}}}' for moment in MOMENTS),
    ]
)


def _fits(report: Report) -> bool:
    try:
        return bool(said(report))
    except ValueError:
        return False


@st.composite
def messages(draw: st.DrawFn) -> str:
    """Return a report, whole or cut, or any text."""
    if draw(st.booleans()):
        return draw(raw_text)
    whole = said(draw(reports.filter(_fits)))
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole


reasons = st.sampled_from(
    [
        "Completed",
        "Error",
        "OOMKilled",
        "StartError",
        "ContainerStatusUnknown",
        "ImagePullBackOff",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "PodInitializing",
        "CrashLoopBackOff",
    ]
)
modes = st.sampled_from(Mode)
"""Of a Pod: one that was made while the cluster could more, or less, outlives that."""
clusters = st.builds(
    Cluster,
    gates=st.booleans(),
    failed_at=st.none() | st.integers(at(-7_200), at(400)),
    proven=st.sampled_from([frozenset(), frozenset({"node-1"})]),
)
words = raw_text | st.sampled_from(
    [
        f'Back-off pulling image "{CONFIG.image}"',
        'exec: "/ct/launcher/launcher": is a directory',
        'exec: "absent": executable file not found in $PATH',
        "no command specified",
    ]
)


@st.composite
def states(draw: st.DrawFn) -> dict[str, Any]:
    """Return any state that a kubelet could report."""
    times = {
        name: rfc(draw(st.integers(0, 100))) for name in ("startedAt", "finishedAt") if draw(st.booleans())
    }
    match draw(st.sampled_from(["none", "waiting", "running", "terminated", "terminated"])):
        case "none":
            return {}
        case "waiting":
            return {"waiting": {"reason": draw(reasons), "message": draw(words)}}
        case "running":
            return {"running": {name: value for name, value in times.items() if name == "startedAt"}}
        case _:
            code = draw(st.sampled_from([0, 0, 1, 125, 126, 127, 128, 137, 139, 143, 255]))
            end = {"exitCode": code, "reason": draw(reasons), "message": draw(messages() | words), **times}
            return {"terminated": end}


@st.composite
def pods(draw: st.DrawFn) -> PodBuilder:
    """Return a Pod in any state, likely or not."""
    task = a_task().with_output("x", "integer").with_output("y", "struct", optional=True)
    pod = a_pod(draw(st.integers(0, 2)), task, draw(modes))
    if draw(st.booleans()):
        pod = pod.scheduled().sandbox(ready=draw(st.booleans()))
    if draw(st.booleans()):
        pod = pod.at_work()
    if draw(st.booleans()):
        report = said(draw(reports.filter(_fits)))
        pod = pod.main_ended(draw(st.sampled_from([0, 1, 137]))).uploader_ended(report)
    for name in draw(st.lists(st.sampled_from([DOWNLOADER, MAIN, UPLOADER, "istio"]), unique=True)):
        pod = pod.state(name, draw(states()))
    if draw(st.booleans()):
        pod = pod.noted(draw(notes))
    if draw(st.booleans()):
        phase = draw(st.sampled_from(["Pending", "Running", "Succeeded", "Failed", "Unknown"]))
        reason = draw(st.sampled_from(["", "Evicted", "DeadlineExceeded", "OutOfcpu", "NodeLost"]))
        pod = pod.over(phase, reason, draw(raw_text))
    if draw(st.booleans()):
        pod = pod.disrupted(draw(st.sampled_from(["PreemptionByScheduler", "Odd"])), draw(raw_text))
    if draw(st.booleans()):
        pod = pod.deleting(draw(st.integers(0, 100)))
    return pod.gone() if draw(st.booleans()) else pod


wishes = st.fixed_dictionaries({}, optional={"cancel": st.booleans(), "suspend": st.booleans()})
TIMEOUTS: tuple[dict[str, str], ...] = ({}, {"total": "50s"}, {"queued": "50s"}, {"execution": "50s"})
starts = st.sampled_from([a_task(), a_task(start="Gated"), a_task(command=None)])


@st.composite
def tasks(draw: st.DrawFn) -> TaskBuilder:
    """Return a task with any wishes, clocks and start."""
    task = draw(starts).spec(**draw(wishes))
    task = task.with_output("x", "integer").with_output("y", "struct", optional=True)
    clocks = draw(st.sampled_from(TIMEOUTS))
    return task.timeout(**clocks) if clocks else task


@settings(max_examples=200)
@given(
    given_pods=st.lists(pods(), max_size=2, unique_by=lambda pod: pod.name),
    before=st.none() | pods(),
    task=tasks(),
    cluster=clusters,
    now=st.integers(0, 400),
)
def test_a_plan_is_made_for_any_pods_and_it_settles(
    given_pods: list[PodBuilder], before: PodBuilder | None, task: TaskBuilder, cluster: Cluster, now: int
) -> None:
    if before is not None:
        task = task.status(plan(seen(task, before), at(now), CONFIG).status)
    found = Plan()
    for _ in range(4):
        found = plan(seen(task, *given_pods, cluster=cluster), at(now), CONFIG)
        assert not (isinstance(found.action, StopPod | DeletePod) and found.status)
        assert found.again_in is None or found.again_in > 0
        if found.status is None:
            return
        assert faults_of_status(found.status) == []
        task = task.status(found.status)
    raise AssertionError(f"the status is written again and again: {found.status}")
