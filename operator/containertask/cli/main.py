"""The program ``ctask``: its commands and their options. What a command takes is imported when it runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from containertask.cli.errors import CommandError

Run = Callable[[argparse.Namespace], int]

_BROKEN_PIPE: Final = 141
"""As of a program that SIGPIPE has ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0, 1 for what it has found wrong, 2 for a wrong call.

    141 if whoever reads its output does so no further.
    """
    given = _parser().parse_args(arguments)
    run: Run = given.run
    try:
        return run(given)
    except CommandError as error:
        sys.stderr.write(f"ctask {given.command}: {error}\n")
        return error.exit_code
    except BrokenPipeError:
        # Python flushes what is left at its end, and would complain of the pipe once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ctask", description="Container tasks with typed, verified inputs and outputs on Kubernetes."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    lint = commands.add_parser("lint", help="say what is wrong with manifests, by line; needs no cluster")
    lint.add_argument(
        "files", nargs="+", metavar="FILE", help="YAML, perhaps of several documents; - is stdin"
    )
    lint.set_defaults(run=_lint)
    render = commands.add_parser("render", help="print the Pod that a task becomes; needs no cluster")
    render.add_argument("files", nargs="+", metavar="FILE", help="tasks, and the stores that they use")
    render.add_argument("--task", metavar="NAME", help="only the task of that name")
    render.add_argument("--attempt", type=int, default=0, metavar="N", help="of attempt N, counted from 0")
    render.add_argument(
        "--image", default="containertask/operator", help="the operator's image; default: %(default)s"
    )
    render.add_argument(
        "--gated", action="store_true", help="as where every node is known to mount image volumes"
    )
    render.set_defaults(run=_render)
    version = commands.add_parser("version", help="print the version")
    version.set_defaults(run=_version)
    return parser


def _lint(given: argparse.Namespace) -> int:
    from containertask.cli.lint import lint  # noqa: PLC0415 - pydantic is slow to load

    return lint(given.files)


def _render(given: argparse.Namespace) -> int:
    from containertask.cli.render import Wanted, render  # noqa: PLC0415 - as above

    wanted = Wanted(task=given.task, attempt=given.attempt, image=given.image, gated=given.gated)
    return render(given.files, wanted)


def _version(_: argparse.Namespace) -> int:
    from importlib.metadata import version  # noqa: PLC0415 - as above

    sys.stdout.write(f"ctask {version('containertask')}\n")
    return 0
