"""``ctask lint``: what is wrong with manifests, by file and line, in the operator's own words."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from containertask.cli.documents import documents
from containertask.cli.errors import CommandError
from containertask.cli.offline import OURS, between, problems, task_of, templates_of
from containertask.cli.plain import plain
from containertask.core.task import KIND
from containertask.manifests.documents import Document


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    return lint(given.files)


def lint(files: Sequence[str]) -> int:
    """Print each problem as a line; return 1 if there is any. Raises CommandError."""
    found: list[tuple[Document, str, str]] = []
    ours = [one for file in files for one in documents(file) if one.kind in OURS]
    if not ours:
        raise CommandError(f"no {', '.join(OURS[:-1])} or {OURS[-1]} in {', '.join(files)}")
    templates, broken = templates_of(ours), set[int]()
    for document in ours:
        for problem in problems(document, templates):
            broken.add(id(document))
            found.append((document, problem.field, problem.message))
    tasks = [task_of(one, templates) for one in ours if one.kind == KIND and id(one) not in broken]
    found += [(document, problem.field, problem.message) for document, problem in between(tasks)]
    for document, field, message in sorted(found, key=_place):
        where = f"{document.file}:{document.line(field)}"
        sys.stdout.write(plain(f"{where}: {document.kind}/{document.name or '?'}: {field}: {message}") + "\n")
    if not found:
        sys.stdout.write(f"{len(ours)} {'manifest holds' if len(ours) == 1 else 'manifests hold'} together\n")
    return 1 if found else 0


def _place(found: tuple[Document, str, str]) -> tuple[str, int]:
    document, field, _ = found
    return document.file, document.line(field)
