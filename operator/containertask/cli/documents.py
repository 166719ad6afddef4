"""The files that a command is given."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from containertask.cli.errors import CommandError
from containertask.manifests.documents import Document, ManifestError, read

_STDIN: Final = "-"


def documents(file: str) -> Iterator[Document]:
    """Yield the documents of a file that are not empty. Raises CommandError."""
    try:
        text = sys.stdin.read() if file == _STDIN else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file}: {(error.strerror or 'unknown error').lower()}", exit_code=2) from None
    except UnicodeDecodeError:
        raise CommandError(f"{file}: it is not UTF-8", exit_code=2) from None
    try:
        yield from read(text, file)
    except ManifestError as error:
        raise CommandError(str(error)) from None
