"""The launcher on a real node, in Pods as a task has them, in a namespace that enforces *restricted*.

The stand-in uploader notes the nanosecond at which the end reached it. Launcher and uploader share
the node's clock, so that note minus the record's ``finishedMs`` is the delay that a task pays.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from containertask.contract.exitrecord import Cause
from support import cluster, shapes, standins
from support.cluster import Json, Namespace
from support.ending import ended, everything_ended, run
from support.shapes import Main

pytestmark = pytest.mark.alone  # delays of a few milliseconds, on a node that is busy with nothing else

ARRIVES_WITHIN_MS = 50
RUNNING = f"{shapes.OUTPUT_DIR}/running"

Shape = Callable[[str, Main], Json]
SHAPES: dict[str, Shape] = {"gated": shapes.gated, "init": shapes.init}
both_shapes = pytest.mark.parametrize("shape", SHAPES)


@both_shapes
@pytest.mark.parametrize("code", [0, 7])
def test_an_exit_code_arrives_at_the_uploader_at_once(namespace: Namespace, shape: str, code: int) -> None:
    name = f"exit-{code}-{shape}"
    end = run(namespace, name, SHAPES[shape](name, Main(command=("/probe", "exit", str(code)))))
    assert (end.record.cause, end.record.exit_code) == (Cause.EXITED, code)
    assert end.main["exitCode"] == code
    assert end.record.cpu_milliseconds is not None
    assert 0 <= end.delay_ms < ARRIVES_WITHIN_MS


@both_shapes
def test_a_command_that_dies_by_sigkill_is_told_apart_from_exit_137(namespace: Namespace, shape: str) -> None:
    name = f"killed-{shape}"
    end = run(namespace, name, SHAPES[shape](name, Main(command=("/probe", "signal", "9"))))
    assert (end.record.cause, end.record.signal, end.record.exit_code) == (Cause.SIGNALED, 9, 137)
    assert end.record.oom_kills == 0
    assert end.main["exitCode"] == 137
    assert 0 <= end.delay_ms < ARRIVES_WITHIN_MS


@both_shapes
def test_a_kill_by_the_kernel_for_memory_is_told_with_its_count(namespace: Namespace, shape: str) -> None:
    """On cgroup v2 the kubelet has the kernel kill the whole container: an end without a record."""
    name = f"hog-{shape}"
    end = run(namespace, name, SHAPES[shape](name, Main(command=("/probe", "hog"), memory="48Mi")))
    assert end.main["exitCode"] == 137
    if whole_container_dies_of_oom():
        assert (end.raw, end.main["reason"]) == ("", "OOMKilled")
        return
    assert (end.record.cause, end.record.exit_code) == (Cause.SIGNALED, 137)
    assert end.record.oom_kills is not None
    assert end.record.oom_kills >= 1
    assert end.record.memory_peak_bytes is not None
    assert end.record.memory_peak_bytes >= 40 * 1024 * 1024
    assert 0 <= end.delay_ms < ARRIVES_WITHIN_MS


def whole_container_dies_of_oom() -> bool:
    return cluster.on_node("stat --file-system --format=%T /sys/fs/cgroup") == "cgroup2fs"


@both_shapes
@pytest.mark.parametrize(
    ("command", "cause", "code"),
    [
        ("/no/such/program", Cause.COMMAND_NOT_FOUND, 127),
        ("/etc/hostname", Cause.COMMAND_NOT_EXECUTABLE, 126),
    ],
    ids=["not found", "not executable"],
)
def test_a_command_that_cannot_start_is_named(
    namespace: Namespace, shape: str, command: str, cause: Cause, code: int
) -> None:
    name = f"start-{code}-{shape}"
    end = run(namespace, name, SHAPES[shape](name, Main(command=(command,))))
    assert (end.record.cause, end.record.exit_code, end.main["exitCode"]) == (cause, code, code)
    assert command in (end.record.message or "")
    assert 0 <= end.delay_ms < ARRIVES_WITHIN_MS


@both_shapes
def test_a_launcher_killed_from_outside_gives_the_uploader_an_end_without_a_record(
    namespace: Namespace, shape: str
) -> None:
    name = f"outside-{shape}"
    command = ("sh", "-c", f"touch {RUNNING}; exec sleep 600")
    namespace.create(SHAPES[shape](name, Main(image=shapes.SHELL_IMAGE, command=command)))
    pod = namespace.wait(name, lambda pod: cluster.running(pod, "main"))
    await_command(namespace, name)
    killed_ns = int(cluster.on_node(f"pid={init_pid(pod)}; date +%s%N; kill -9 $pid"))
    end = ended(namespace, name)
    assert end.raw == ""
    assert end.main["exitCode"] == 137
    assert 0 <= (end.arrived_ns - killed_ns) / 1e6 < ARRIVES_WITHIN_MS


def await_command(namespace: Namespace, name: str) -> None:
    """Wait until the user's command itself runs, not only the launcher before it."""
    script = f"until [ -e {RUNNING} ]; do sleep 0.1; done"
    namespace.execute(name, "uploader", "timeout", "60", "sh", "-c", script)


def init_pid(pod: Json) -> int:
    """Return the node's number of main's PID 1, which is the launcher."""
    container = cluster.status(pod, "main")["containerID"].removeprefix("containerd://")
    return int(cluster.on_node(f"ctr -n k8s.io tasks ls | awk '$1 == \"{container}\" {{print $2}}'"))


def test_the_gate_holds_until_the_downloader_opens_it(namespace: Namespace) -> None:
    main = Main(command=("/probe", "write", f"{shapes.OUTPUT_DIR}/answer", "42"))
    namespace.create(shapes.gated("holds", main, downloader=standins.HOLDING_DOWNLOADER))
    everyone = ("downloader", "main", "uploader")
    namespace.wait("holds", lambda pod: all(cluster.running(pod, name) for name in everyone))
    assert namespace.execute("holds", "uploader", "ls", shapes.OUTPUT_DIR) == ""
    namespace.execute("holds", "downloader", "sh", "-c", f"echo go > {standins.GO_FIFO}")
    end = ended(namespace, "holds")
    told_ns = int((cluster.terminated(end.pod, "downloader") or {})["message"])
    gate_opened_ms, started_ms = end.record.gate_opened_ms, end.record.started_ms
    assert gate_opened_ms is not None
    assert started_ms is not None
    assert told_ns // 1_000_000 <= gate_opened_ms <= started_ms <= end.record.finished_ms
    assert end.record.exit_code == 0


def test_an_aborted_gate_ends_main_without_running_the_command(namespace: Namespace) -> None:
    main = Main(command=("/probe", "exit", "0"))
    pod = shapes.gated("aborted", main, downloader=standins.ABORTING_DOWNLOADER)
    end = run(namespace, "aborted", pod)
    assert (end.record.cause, end.record.exit_code) == (Cause.GATE_ABORTED, 125)
    assert end.record.started_ms is None
    assert end.main["exitCode"] == 125


def test_the_execution_clock_ends_a_command_and_says_so(namespace: Namespace) -> None:
    main = Main(
        image=shapes.SHELL_IMAGE, command=("sleep", "600"), launcher_flags=("--execution-timeout=1s",)
    )
    end = run(namespace, "clock", shapes.gated("clock", main))
    assert end.record.stop == "ExecutionTimeout"
    assert end.record.gate_opened_ms is not None
    assert 1000 <= end.record.finished_ms - end.record.gate_opened_ms < 2000


def test_streams_are_captured_and_still_in_kubectl_logs(namespace: Namespace) -> None:
    script = f"echo to the log; echo a complaint >&2; umask 077; echo 42 > {shapes.OUTPUT_DIR}/answer"
    main = Main(image=shapes.SHELL_IMAGE, command=("sh", "-c", script))
    reading = "cat /ct/main/stdout.0 /ct/main/stderr.0 /var/outputs/answer > /dev/termination-log\n"
    pod = shapes.gated("streams", main)
    pod["spec"]["containers"][2]["command"][2] = standins.UPLOADER + reading
    namespace.create(pod)
    ended_pod = namespace.wait("streams", everything_ended)
    uploader = cluster.terminated(ended_pod, "uploader") or {}
    assert uploader["message"] == "to the log\na complaint\n42\n"
    assert sorted(namespace.logs("streams", "main").splitlines()) == ["a complaint", "to the log"]


@pytest.mark.parametrize("code", [0, 7])
def test_in_signal_mode_an_untouched_entrypoint_ends_and_the_waiting_uploader_follows(
    namespace: Namespace, code: int
) -> None:
    name = f"signal-{code}"
    main = Main(image=shapes.ENTRYPOINT_IMAGE, args=("exit", str(code)))
    end = run(namespace, name, shapes.signal(name, main))
    assert end.main["exitCode"] == code
    assert (cluster.terminated(end.pod, "uploader") or {})["exitCode"] == 0


def test_in_signal_mode_the_waiting_uploader_takes_two_megabytes_at_most(namespace: Namespace) -> None:
    main = Main(image=shapes.SHELL_IMAGE, args=("sleep", "600"))
    namespace.create(shapes.signal("waiting", main))
    namespace.wait("waiting", lambda pod: cluster.running(pod, "main"))
    lines = namespace.execute("waiting", "uploader", "cat", "/proc/1/smaps_rollup").splitlines()
    resident = next(int(line.split()[1]) for line in lines if line.startswith("Rss:"))
    assert resident <= 2 * 1024
