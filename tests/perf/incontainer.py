"""Runs downloader and uploader again and again inside one container, and prints as JSON what they took.

Its text is the program of that container, in the product's image: standard library only, no import of ours.
Arguments: how often, the exit record to be the launcher with, and perhaps a port to be a store at.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

PYTHON = "/usr/bin/python3"
COPILOT = "/opt/containertask/copilot"
CONTROL, INPUTS, OUTPUTS = (Path("/ct") / name for name in ("control", "inputs", "outputs"))
FIFO = CONTROL / "exit"
WAITING = b": waiting for the launcher\n"
COUNTING = """
import os, sys
sys.path.append("/opt/containertask/lib")
if sys.argv[1:]:
    from containertask.copilot import main
    main()
os.write(2, f"modules {len(sys.modules)}\\n".encode())
"""

Took = dict[str, float]


def prepare(part: str) -> None:
    """Make the volumes as they are when this part begins."""
    for file in (*CONTROL.iterdir(), *INPUTS.iterdir()):
        file.unlink()
    if part == "upload":
        os.mkfifo(FIFO)
        FIFO.chmod(0o622)
        for name, text in {"x": "2.5", "n": "42", "s": "some text"}.items():
            (OUTPUTS / name).write_text(text)


def ask(command: list[str], server: socket.socket) -> Took:
    """Run the downloader until its first connection to a store, which is all that this one sees of it."""
    begun = time.perf_counter()
    quiet = (os.POSIX_SPAWN_OPEN, sys.stderr.fileno(), os.devnull, os.O_WRONLY, 0)
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[quiet])
    connection, _ = server.accept()
    took = (time.perf_counter() - begun) * 1000
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    cpu = sum(int(one.read_text().split()[0]) for one in threads) / 1e6
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    connection.close()
    return {"start": took, "start CPU": cpu, "all": took, "all CPU": cpu}


def run(command: list[str], record: bytes) -> tuple[Took, bytes]:
    """Run one part to its end; return milliseconds, and the last line that it logged.

    The first line comes when the manifest has been read: what comes before is the start.
    """
    reading, writing = os.pipe()
    begun = time.perf_counter()
    pid = os.posix_spawn(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writing, sys.stderr.fileno())]
    )
    os.close(writing)
    took: Took = {}
    line = b""
    with os.fdopen(reading, "rb", buffering=0) as log:
        for line in log:
            if not took:
                nanoseconds = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
                took = {"start": (time.perf_counter() - begun) * 1000, "start CPU": nanoseconds / 1e6}
            if line.endswith(WAITING):
                with FIFO.open("wb", buffering=0) as fifo:
                    fifo.write(record)
    _, status, used = os.wait4(pid, 0)
    took |= {"all": (time.perf_counter() - begun) * 1000, "all CPU": (used.ru_utime + used.ru_stime) * 1000}
    if status:
        sys.exit(f"{command} ended with status {status}: {line.decode()}")
    return took, line


def main() -> None:
    """Measure the interpreter alone, then both parts; the first run of each stands first."""
    count, record = int(sys.argv[1]), sys.argv[2].encode()
    found: dict[str, dict[str, object]] = {}
    if sys.argv[3:]:
        with socket.create_server(("127.0.0.1", int(sys.argv[3]))) as server:
            asks = [ask([COPILOT, "download"], server) for _ in range(count + 1)]
        sys.stdout.write(json.dumps({"first request": {"runs": asks, "modules": 0}}))
        return
    for part in ("", "download", "upload"):
        name, command = (part, [COPILOT, part]) if part else ("python", [PYTHON, "-IS", "-c", "pass"])
        runs = []
        for _ in range(count + 1):
            prepare(part)
            runs.append(run(command, record)[0])
        prepare(part)
        arguments = [part] if part else []
        _, last = run([PYTHON, "-IS", "-c", COUNTING, *arguments], record)
        found[name] = {"runs": runs, "modules": int(last.split()[1])}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
