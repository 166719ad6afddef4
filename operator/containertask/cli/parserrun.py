"""The options of ``ctask run``."""

from __future__ import annotations

import argparse
import re
from typing import Final

from containertask.cli import options

_SECONDS: Final = {"h": 3600, "m": 60, "s": 1}
_DURATION: Final = re.compile(r"(?=.)(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?", re.ASCII)
_DETAILS: Final = """\
A value is read as the type that its input has. With --image: as the type that is
written with it (--in rate:float=3), else by its look: 3 is an integer, 0.5 a float,
true a boolean, @path and s3://, gs://, az:// a file, all else a string. @path of a
file takes its content along, up to 64 KiB.

exit codes with --wait: 0; that of the command, where it ended with one; 1 for other
failures; 124 if --wait-timeout is over; 130 after Ctrl-C (the task goes on)"""


def add_run(run: argparse.ArgumentParser) -> None:
    """Add them."""
    run.usage = "ctask run (FILE... | template/NAME | --image IMAGE) [options] [-- COMMAND...]"
    run.epilog, run.formatter_class = _DETAILS, _Raw
    run.add_argument(
        "sources",
        nargs="*",
        metavar="FILE",
        help="a manifest (- is stdin), template/NAME or clustertemplate/NAME",
    )
    run.add_argument("--task", metavar="NAME", help="the task of that name, of a file with several")
    run.add_argument("--name", metavar="NAME", help="of the new task")
    run.add_argument("--generate", action="store_true", help="a name of its own for each run: NAME-x7k2m")
    run.add_argument(
        "--in",
        dest="inputs",
        action="append",
        default=[],
        metavar="NAME[:TYPE]=VALUE",
        help="an input's value; @PATH takes a file or folder of this machine",
    )
    _add_image(run)
    _add_end(run)
    _add_local(run)
    run.add_argument("--dry-run", choices=["client", "server"], help="create nothing, print what would be")
    options.of_output(run)
    options.of_cluster(run)


def _add_image(run: argparse.ArgumentParser) -> None:
    group = run.add_argument_group("a task without a file")
    group.add_argument("--image", help="to run; the command is behind --, or else the image's own")
    group.add_argument(
        "--out", dest="outputs", action="append", default=[], metavar="NAME:TYPE[=PATH]", help="an output"
    )
    group.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="a variable")
    group.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="PLACE=SECRET/KEY",
        help="a key of a Secret; PLACE is a variable, or the absolute path of a file",
    )
    group.add_argument("--cpu", metavar="QUANTITY", help="how much to reserve, such as 500m")
    group.add_argument(
        "--memory", metavar="QUANTITY", help="how much to reserve and at most use, such as 2Gi"
    )
    group.add_argument("--timeout", metavar="DURATION", help="how long the command may take, such as 1h30m")
    group.add_argument("--retries", type=options.natural, metavar="N", help="how often to try again")


def _add_end(run: argparse.ArgumentParser) -> None:
    group = run.add_argument_group("its end")
    group.add_argument("--wait", action="store_true", help="wait for the end, and print the outputs")
    group.add_argument("--follow", action="store_true", help="the same, with the command's log on stdout")
    group.add_argument(
        "--wait-timeout", type=_duration, metavar="DURATION", help="wait no longer; the task goes on"
    )
    group.add_argument(
        "--output-dir", metavar="DIR", help="wait, and leave the outputs there: outputs.json, and files"
    )


def _add_local(run: argparse.ArgumentParser) -> None:
    group = run.add_argument_group("without a cluster")
    group.add_argument("--local", action="store_true", help="run it on this machine, and wait for its end")
    group.add_argument(
        "--runtime",
        choices=["auto", "docker", "podman", "process"],
        help="what runs it; process is no container; default: docker, else podman",
    )
    group.add_argument(
        "--logs",
        action=argparse.BooleanOptionalAction,
        help="show what the command writes, on stderr; default: --logs",
    )
    group.add_argument("--secrets", metavar="DIR", help="a folder for each Secret, with a file for each key")
    group.add_argument("--config-maps", metavar="DIR", help="the same of ConfigMaps")


class _Raw(argparse.RawDescriptionHelpFormatter):
    """Leaves the lines of the details as they are."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)


def _duration(text: str) -> int:
    """Read how many seconds."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("write hours, minutes and seconds, such as 90s or 1h30m")
    return sum(
        int(number or 0) * each for number, each in zip(found.groups(), _SECONDS.values(), strict=True)
    )
