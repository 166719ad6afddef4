"""What can be asked of ``ctask``: its commands and their options. It imports nothing that a command needs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from containertask.cli import options
from containertask.cli.parserrun import add_run


class _Help(argparse.HelpFormatter):
    """Names a command's options in a column that all of ours fit in."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)


class _Parser(argparse.ArgumentParser):
    def __init__(self, **given: object) -> None:
        super().__init__(**{"formatter_class": _Help, "allow_abbrev": False, **given})  # type: ignore[arg-type]


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what was asked for; ends the program for a wrong call (2) and for ``--help`` (0)."""
    known, command = list(arguments), None
    if known[:1] == ["run"] and "--" in known:
        at = known.index("--")
        known, command = known[:at], known[at + 1 :]
    given = parser().parse_args(known)
    if known[:1] == ["run"]:
        given.argv = command
    return given


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    made = _Parser(
        prog="ctask", description="Container tasks with typed, verified inputs and outputs on Kubernetes."
    )
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)

    def add(name: str, text: str, module: str | None = None) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}."
        )
        one.set_defaults(module=module or name)
        return one

    add_run(add("run", "run a task: of a file, of a template, or of an image and a command"))
    _add_looks(add)
    _add_wishes(add)
    _add_offline(add)
    _add_help(add)
    return made


def _add_looks(add: options.Add) -> None:
    get = add("get", "list tasks, or print some")
    get.add_argument("names", nargs="*", metavar="NAME", help="of a task, also as ctask/NAME")
    get.add_argument("-w", "--watch", action="store_true", help="go on with each change, until Ctrl-C")
    options.of_kubectl(get)
    options.of_many(get)
    options.of_cluster(get)
    options.of_task(add("describe", "tell all about a task: inputs, outputs, attempts, timeline, events"))
    logs = add("logs", "print what a task's command wrote")
    logs.add_argument(
        "-f", "--follow", action="store_true", help="go on until it has ended, over all attempts"
    )
    logs.add_argument(
        "-c", "--container", default="main", metavar="NAME", help="downloader, main or uploader"
    )
    logs.add_argument("--tail", type=options.natural, metavar="N", help="only the last N lines")
    logs.add_argument("--attempt", type=options.natural, metavar="N", help="of attempt N, counted from 0")
    logs.add_argument("--timestamps", action="store_true", help="put its time before each line")
    options.of_task(logs)
    options.of_task(add("why", "say on one screen why a task waits or failed, and what to do"))
    cp = add("cp", "copy an output of a task to this machine")
    cp.add_argument("source", metavar="NAME:OUTPUT", help="the task, and its output")
    cp.add_argument("path", metavar="PATH", help="a file or folder; - is stdout")
    options.of_cluster(cp)
    top = add("top", "list the tasks that run, with what they use")
    top.add_argument("--sort-by", choices=["memory", "cpu", "name"], default="memory", help="default: memory")
    options.of_many(top)
    options.of_cluster(top)


def _add_wishes(add: options.Add) -> None:
    retry = add("retry", "run a task that has ended again, as a new task")
    retry.add_argument(
        "--more-memory",
        nargs="?",
        const="2x",
        metavar="2x|4Gi",
        help="with so many times the memory, or so much; alone: 2x",
    )
    options.of_output(retry)
    options.of_task(retry)
    options.of_tasks(add("cancel", "end tasks, keeping what they wrote so far", "wishes"))
    options.of_tasks(add("suspend", "stop tasks until they are resumed", "wishes"))
    options.of_tasks(add("resume", "let suspended tasks go on, by a new attempt", "wishes"))


def _add_offline(add: options.Add) -> None:
    lint = add("lint", "say what is wrong with manifests, by line; needs no cluster")
    lint.add_argument(
        "files", nargs="+", metavar="FILE", help="YAML, perhaps of several documents; - is stdin"
    )
    render = add("render", "print the Pod that a task becomes; needs no cluster")
    render.add_argument("files", nargs="+", metavar="FILE", help="tasks, and the stores that they use")
    render.add_argument("--task", metavar="NAME", help="only the task of that name")
    render.add_argument(
        "--attempt", type=options.natural, default=0, metavar="N", help="of attempt N, counted from 0"
    )
    render.add_argument(
        "--image", default="containertask/operator", help="the operator's image; default: %(default)s"
    )
    render.add_argument(
        "--gated", action="store_true", help="as where every node is known to mount image volumes"
    )


def _add_help(add: options.Add) -> None:
    report = add("report", "write what is known of a task into a zip file, without secrets and values")
    report.add_argument("-f", "--file", metavar="FILE", help="to write; default: NAME-report.zip")
    report.add_argument("--no-logs", action="store_true", help="leave out what its containers wrote")
    options.of_task(report)
    options.of_cluster(add("doctor", "look whether cluster, operator and your rights are as tasks need them"))
    add("version", "print the version")
    completion = add("completion", "print a script by which a shell completes what you type")
    completion.add_argument("shell", choices=["bash", "zsh", "fish"])


def commands_of() -> dict[str, list[str]]:
    """Return all options of each command."""
    found: dict[str, list[str]] = {}
    for action in parser()._actions:  # noqa: SLF001 - argparse says it nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            for name, one in action.choices.items():
                found[name] = [option for each in one._actions for option in each.option_strings]  # noqa: SLF001
    return found
