"""What ``ctask get`` leaves to kubectl: the forms and flags that only kubectl has, for the same tasks."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from containertask.cli.errors import CommandError
from containertask.cli.options import FORMATS

_KIND: Final = "containertasks.containertask.dev"
_VALUES: Final = (
    "namespace",
    "context",
    "kubeconfig",
    "selector",
    "sort_by",
    "field_selector",
    "label_columns",
)
_FLAGS: Final = ("watch", "all_namespaces", "no_headers", "show_labels")
_OWN: Final = frozenset({"namespace", "context", "kubeconfig", "selector", "watch", "all_namespaces"})


def is_wanted(given: argparse.Namespace) -> bool:
    """Tell whether something is asked for that only kubectl does."""
    if given.output is not None and given.output not in FORMATS:
        return True
    return any(getattr(given, name) for name in (*_VALUES, *_FLAGS) if name not in _OWN)


def get(given: argparse.Namespace, names: Sequence[str]) -> int:
    """Have kubectl print the tasks; return its exit code. Raises CommandError where it is not there."""
    program = shutil.which("kubectl")
    if program is None:
        raise CommandError(
            f"kubectl prints that, and is not there: install it, or use -o {'|'.join(FORMATS)}"
        )
    flags = [f"{_flag(name)}={value}" for name in _VALUES if (value := getattr(given, name))]
    flags += [_flag(name) for name in _FLAGS if getattr(given, name)]
    flags += [f"--output={given.output}"] if given.output is not None else []
    sys.stdout.flush()
    return subprocess.run([program, "get", *flags, "--", _KIND, *names], check=False).returncode


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
