"""Options that several commands share, under the names that kubectl has for them."""

from __future__ import annotations

import argparse
from typing import Final, Protocol

FORMATS: Final = ("json", "yaml", "name", "wide")
_KUBECTLS: Final = (
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "custom-columns",
    "custom-columns-file",
    "go-template",
    "go-template-file",
)
"""Forms that kubectl prints for `get`, each with a value."""


class Add(Protocol):
    """Adds a command."""

    def __call__(self, name: str, text: str, module: str | None = None) -> argparse.ArgumentParser:
        """Return its parser; ``module`` of this package has its ``command``, by default that of its name."""


def of_cluster(parser: argparse.ArgumentParser) -> None:
    """Add what says which cluster, and where in it."""
    group = parser.add_argument_group("cluster, as for kubectl")
    group.add_argument("-n", "--namespace", metavar="NAME", help="of the tasks; default: the context's")
    group.add_argument("--context", metavar="NAME", help="of the kubeconfig; default: the current one")
    group.add_argument("--kubeconfig", metavar="FILE", help="default: KUBECONFIG, else ~/.kube/config")


def of_output(parser: argparse.ArgumentParser) -> None:
    """Add in which form objects are printed."""
    parser.add_argument("-o", "--output", type=_format, metavar="FORMAT", help=f"one of {', '.join(FORMATS)}")


def of_kubectl(parser: argparse.ArgumentParser) -> None:
    """Add the forms and flags of ``kubectl get`` that kubectl itself does."""
    group = parser.add_argument_group("done by kubectl")
    text = f"one of {', '.join(FORMATS)}; by kubectl also {', '.join(_KUBECTLS[::2])}, ...=VALUE"
    parser.add_argument("-o", "--output", type=_any_format, metavar="FORMAT", help=text)
    group.add_argument("--sort-by", metavar="PATH", help="by a field, such as .status.usage.bytesOut")
    group.add_argument("--field-selector", metavar="FIELDS", help="only with these, such as metadata.name=a")
    group.add_argument("-L", "--label-columns", metavar="KEYS", help="labels as columns")
    group.add_argument("--show-labels", action="store_true", help="all labels as a column")
    group.add_argument("--no-headers", action="store_true", help="without names of columns")


def of_many(parser: argparse.ArgumentParser) -> None:
    """Add what chooses among tasks."""
    parser.add_argument("-l", "--selector", metavar="LABELS", help="only with these labels, such as a=b")
    parser.add_argument("-A", "--all-namespaces", action="store_true", help="of all namespaces")


def of_task(parser: argparse.ArgumentParser) -> None:
    """Add the one task that a command is about."""
    parser.add_argument("name", metavar="NAME", help="of the task, also as ctask/NAME")
    of_cluster(parser)


def of_tasks(parser: argparse.ArgumentParser) -> None:
    """Add the tasks that a command is about."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="of a task, also as ctask/NAME")
    of_cluster(parser)


def _format(text: str) -> str:
    if text not in FORMATS:
        raise argparse.ArgumentTypeError(f"write one of {', '.join(FORMATS)}")
    return text


def _any_format(text: str) -> str:
    form, equals, value = text.partition("=")
    if form in _KUBECTLS and equals and value:
        return text
    if form in _KUBECTLS:
        raise argparse.ArgumentTypeError(f"write {form}=VALUE, as for kubectl")
    if text not in FORMATS:
        raise argparse.ArgumentTypeError(f"write one of {', '.join((*FORMATS, *_KUBECTLS))}")
    return text


def natural(text: str) -> int:
    """Read a whole number from 0."""
    if not text.isascii() or not text.isdecimal():
        raise argparse.ArgumentTypeError("write a whole number, such as 10")
    return int(text)
