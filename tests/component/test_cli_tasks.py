"""``ctask get``, ``logs``, ``why`` and the wishes against a server: exactly what is asked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import yaml

from containertask.kube.resources import TASKS
from support.cli import NAMESPACE, Shell, put, put_pod
from support.fakeapi import Answer, FakeApi, Request, with_api

PATH = f"/apis/containertask.dev/v1alpha1/namespaces/{NAMESPACE}/containertasks"
WISHES = {
    "cancel": ({"cancel": True}, "cancelled"),
    "suspend": ({"suspend": True}, "suspended"),
    "resume": ({"suspend": False}, "resumed"),
}


@pytest.mark.parametrize(("command", "spec", "done"), [(one, *WISHES[one]) for one in WISHES])
@with_api
async def test_a_wish_is_one_patch_for_each_task(
    api: FakeApi, tmp_path: Path, command: str, spec: dict[str, bool], done: str
) -> None:
    put(api, "a")
    put(api, "b")
    found = await Shell(api, tmp_path)(command, "a", "ctask/b")
    assert (found.code, found.err) == (0, "")
    assert found.out == "".join(f"containertask.containertask.dev/{one} {done}\n" for one in "ab")
    assert api.requests == [
        Request(method="PATCH", path=f"{PATH}/{one}", body={"spec": spec}) for one in "ab"
    ]


@with_api
async def test_a_wish_for_a_task_that_has_ended_or_is_not_there_is_an_error(
    api: FakeApi, tmp_path: Path
) -> None:
    put(api, "done", phase="Succeeded")
    put(api, "other")
    found = await Shell(api, tmp_path)("cancel", "done", "gone", "other")
    assert found.code == 1
    assert found.out == "containertask.containertask.dev/other cancelled\n"
    first, second = found.err.splitlines()
    assert first == "ctask cancel: done has ended already: Succeeded"
    assert second.startswith("ctask cancel: ")
    assert '"gone" not found' in second


@with_api
async def test_get_has_the_columns_of_kubectl(api: FakeApi, tmp_path: Path) -> None:
    put(api, "a", phase="Succeeded", reason="Succeeded", attempt=1, duration="3s")
    put(api, "b")
    shell = Shell(api, tmp_path)
    heading, first, second = (await shell("get")).out.splitlines()
    assert heading.split() == ["NAME", "PHASE", "REASON", "ATTEMPT", "DURATION", "AGE"]
    assert first.split()[:5] == ["a", "Succeeded", "Succeeded", "1", "3s"]
    assert second.split()[:3] == ["b", "Pending", "<none>"]
    wide = (await shell("get", "-A", "-o", "wide")).out.splitlines()[0].split()
    assert (wide[0], wide[-2:]) == ("NAMESPACE", ["POD", "NODE"])
    assert (await shell("get", "b", "-o", "name")).out == "containertask.containertask.dev/b\n"
    assert json.loads((await shell("get", "b", "-o", "json")).out) == api.get(TASKS, NAMESPACE, "b")
    assert len(yaml.safe_load((await shell("get", "-o", "yaml")).out)["items"]) == 2


@with_api
async def test_get_asks_for_labels_by_a_selector(api: FakeApi, tmp_path: Path) -> None:
    found = await Shell(api, tmp_path)("get", "-l", "a=b", "-n", "elsewhere")
    assert (found.code, found.out, found.err) == (0, "", "there are no tasks in namespace elsewhere\n")
    (asked,) = api.requests
    assert asked.path == PATH.replace(NAMESPACE, "elsewhere")
    assert asked.query["labelSelector"] == "a=b"


@with_api
async def test_get_shows_what_there_is_beside_what_there_is_not(api: FakeApi, tmp_path: Path) -> None:
    put(api, "a")
    found = await Shell(api, tmp_path)("get", "a", "gone")
    assert found.code == 1
    assert found.out.splitlines()[1].startswith("a ")
    assert found.err == f"ctask get: there is no task gone in namespace {NAMESPACE}\n"


@with_api
async def test_get_watch_goes_on_with_each_change_until_the_server_refuses(
    api: FakeApi, tmp_path: Path
) -> None:
    put(api, "a")
    watching = asyncio.ensure_future(Shell(api, tmp_path)("get", "-w"))
    await api.until(lambda: any(one.verb == "WATCH" for one in api.requests))
    api.set_status(TASKS, NAMESPACE, "a", {"phase": "Running", "reason": "MainRunning"})
    api.faults.add("GET", PATH, Answer(code=403, reason="Forbidden"))
    api.watches.end()
    found = await watching
    assert found.code == 1
    assert [line.split()[1] for line in found.out.splitlines()] == ["PHASE", "Pending", "Running"]


@with_api
async def test_logs_are_those_of_main_and_of_the_last_attempt(api: FakeApi, tmp_path: Path) -> None:
    pod = put_pod(api, put(api, phase="Failed", attempt=1), log="one\ntwo")
    found = await Shell(api, tmp_path)("logs", "demo", "--tail", "2")
    assert (found.code, found.out) == (0, "one\ntwo\n")
    asked = api.requests[-1]
    assert asked.path.endswith(f"/pods/{pod['metadata']['name']}/log")
    assert (asked.query["container"], asked.query["tailLines"]) == ("main", "2")


@with_api
async def test_logs_of_an_attempt_come_as_they_are(api: FakeApi, tmp_path: Path) -> None:
    put_pod(api, put(api, phase="Running", attempt=0), log="t one\n")
    shell = Shell(api, tmp_path)
    found = await shell("logs", "demo", "--attempt", "0", "--timestamps", "-c", "uploader")
    assert (found.code, found.out) == (0, "t one\n")
    assert (api.requests[-1].query["timestamps"], api.requests[-1].query["container"]) == ("true", "uploader")
    gone = await shell("logs", "demo", "--attempt", "7")
    assert (gone.code, gone.err) == (1, "ctask logs: demo: there is no Pod of attempt 7, or no more\n")


@with_api
async def test_logs_with_times_are_followed_over_all_attempts(api: FakeApi, tmp_path: Path) -> None:
    running = [{"name": "main", "state": {"running": {}}}]
    first = put(api, phase="Running", attempt=0)
    put_pod(api, first, log="t0 one\n", phase="Failed", containerStatuses=running)
    following = asyncio.ensure_future(Shell(api, tmp_path)("logs", "demo", "-f", "--timestamps"))
    await api.until(lambda: any(one.path.endswith("/log") for one in api.requests))
    api.set_status(TASKS, NAMESPACE, "demo", {"phase": "Running", "attempt": 1})
    second = api.get(TASKS, NAMESPACE, "demo")
    put_pod(api, second, log="t1 two\n", phase="Running", containerStatuses=running)
    await api.until(lambda: len([one for one in api.requests if one.path.endswith("/log")]) == 2)
    api.set_status(TASKS, NAMESPACE, "demo", {"phase": "Succeeded"})
    found = await following
    assert (found.code, found.out) == (0, "t0 one\nt1 two\n")
    asked = [one.query for one in api.requests if one.path.endswith("/log")]
    assert [(one["timestamps"], one["follow"]) for one in asked] == [("true", "true")] * 2


@with_api
async def test_why_shows_the_log_and_asks_for_events_of_task_and_pod(api: FakeApi, tmp_path: Path) -> None:
    owner = put(api, phase="Failed", reason="NonZeroExit", exitCode=3, message="it ended with 3")
    pod = put_pod(api, owner, log="boom\n")
    found = await Shell(api, tmp_path)("why", "demo", "-n", NAMESPACE)
    assert (found.code, found.err) == (0, "")
    assert "    | boom\n" in found.out
    assert f"`ctask logs demo -n {NAMESPACE} --kubeconfig" in found.out
    fields = [one.query["fieldSelector"] for one in api.requests if one.path.endswith("/events")]
    assert fields == [f"involvedObject.uid={one['metadata']['uid']}" for one in (owner, pod)]


@with_api
async def test_why_shows_the_log_of_an_attempt_that_is_followed_by_another(
    api: FakeApi, tmp_path: Path
) -> None:
    put_pod(api, put(api, phase="Pending", reason="Retrying"), log="boom\n")
    assert "    | boom\n" in (await Shell(api, tmp_path)("why", "demo")).out


@with_api
async def test_why_tells_what_it_may_see(api: FakeApi, tmp_path: Path) -> None:
    put_pod(api, put(api, phase="Queued", reason="Unschedulable"))
    api.faults.add("GET", "/api/v1/", Answer(code=403, reason="Forbidden"), times=None)
    found = await Shell(api, tmp_path)("why", "demo")
    assert found.code == 0
    assert found.out.startswith("Task demo waits: Unschedulable (for ")


@with_api
async def test_an_error_of_the_cluster_is_one_line(api: FakeApi, tmp_path: Path) -> None:
    found = await Shell(api, tmp_path)("why", "demo")
    assert found.code == 1
    assert found.err.startswith("ctask why: ")
    assert found.err.count("\n") == 1


@with_api
async def test_a_name_of_something_else_is_a_wrong_call(api: FakeApi, tmp_path: Path) -> None:
    found = await Shell(api, tmp_path)("why", "pod/demo")
    assert (found.code, api.requests) == (2, [])
    assert found.err.startswith("ctask why: write the name of a task: ")
