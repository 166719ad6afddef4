"""The command line of ``hack/cluster``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from testbed import cluster, daemon, gobuild, images, versions
from testbed.errors import TestbedError
from testbed.progress import say


def main() -> int:
    """Run one sub-command; return the exit code."""
    given = _parser().parse_args()
    return reporting(lambda: _run(given))


def reporting(work: Callable[[], None]) -> int:
    """Do the work; turn what a person can mend into one message and an exit code."""
    try:
        work()
    except TestbedError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hack/cluster", description="A real kind cluster for the tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="make the cluster, or find it healthy")
    commands.add_parser("down", help="delete the cluster; end Docker if it was started for it")
    load = commands.add_parser("load", help="bring locally built images to the node")
    load.add_argument("image", nargs="+")
    build = commands.add_parser("build", help="build an image; the Debian base is made where it must be")
    build.add_argument("tag")
    build.add_argument("context", type=Path)
    build.add_argument("--target", help="the Dockerfile's stage")
    program = commands.add_parser("program", help="build a Go program, or find it built; print its path")
    program.add_argument("module", metavar="package@version")
    commands.add_parser("kubeconfig", help="print the path of the cluster's kubeconfig")
    execute = commands.add_parser("exec", help="run a command with PATH and KUBECONFIG of the cluster")
    execute.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- command …")
    return parser


def _run(given: argparse.Namespace) -> None:
    match given.command:
        case "up":
            cluster.up(versions.load())
        case "down":
            cluster.down()
        case "load":
            for image in given.image:
                cluster.load(image)
        case "build":
            daemon.ensure()
            images.ensure_base(versions.load())
            images.build(given.tag, given.context, target=given.target)
        case "program":
            sys.stdout.write(f"{gobuild.installed(versions.load(), given.module)}\n")
        case "kubeconfig":
            sys.stdout.write(f"{cluster.kubeconfig()}\n")
        case "exec":
            _execute(given.argv)


def _execute(argv: list[str]) -> None:
    command = argv[1:] if argv[:1] == ["--"] else argv
    if not command:
        raise TestbedError("hack/cluster exec: name a command after --")
    try:
        os.execvpe(command[0], command, {**os.environ, **cluster.environment()})
    except OSError as error:
        raise TestbedError(f"{command[0]}: {error.strerror}") from None
