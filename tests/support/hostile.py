"""What a command may leave where an output is wanted, to fool, flood or stall the uploader: one table.

Each entry is a script for ``sh`` with coreutils (perl for the socket), so that a container's command can do
the same; ``$X`` is the path it makes, relative to the output folder, in which it runs; ``$SECRET`` is a file
outside. For each way the uploader may come upon it the table says what becomes of it.
"""

from __future__ import annotations

import enum
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome


class Use(enum.StrEnum):
    """How the uploader comes upon it. The first five have an ``OutputItem``, the others need a store."""

    VALUE = "the file of a string"
    LIST = "the file or folder of a list"
    PART = "an item in the folder of a list"
    MATCH = "what fits a pattern"
    ERROR = "_ERROR"
    FILE = "a stored file"
    DIRECTORY = "a part of a stored directory"
    FILES = "an item in the folder of a list of stored files"


PLACES: Final = {
    Use.VALUE: "x",
    Use.LIST: "x",
    Use.PART: "x/0",
    Use.MATCH: "x/0",
    Use.ERROR: "_ERROR",
    Use.FILE: "x",
    Use.DIRECTORY: "x/0",
    Use.FILES: "x/0",
}
"""Where it is, below the output folder. What is above it is a folder that holds nothing else."""

ITEMS: Final = {
    Use.VALUE: OutputItem(name="x", type="string", path="x"),
    Use.LIST: OutputItem(name="x", type="list[string]", path="x"),
    Use.PART: OutputItem(name="x", type="list[string]", path="x"),
    Use.MATCH: OutputItem(name="x", type="list[string]", glob="x/**"),
    Use.ERROR: OutputItem(name="x", type="string", path="x", optional=True),
}
STORED: Final = {Use.FILE: "file", Use.DIRECTORY: "directory", Use.FILES: "list[file]"}
"""The types of the outputs that need a store, all at ``x``."""

Fate = tuple[Outcome, str]
"""What the report says: the outcome, and words of its message. Of what is taken, no words."""

TAKEN: Final[Fate] = (Outcome.UPLOADED, "")
_SPECIAL: Final = "`{place}` is {kind}: have the command write"
_IS_A_FOLDER: Final = (Outcome.OUTPUT_UNREADABLE, "is a folder: have the command write a file")
_ENTRIES: Final = (
    Outcome.OUTPUT_TOO_LARGE,
    "has more than 10000 files and folders: write it as JSON into one",
)
_DEEP: Final = (Outcome.OUTPUT_INVALID, "is deeper than 64 folders: have the command write fewer")
_NESTED: Final = (Outcome.OUTPUT_INVALID, "is nested deeper than 16 folders, which no type is")


def _user_error(text: str) -> Fate:
    return Outcome.USER_ERROR, text


def _special(kind: str) -> Mapping[Use, Fate]:
    """Return the fates of what is neither file nor folder: it is a fault by name in every place."""
    words = {use: _SPECIAL.format(place=place, kind=kind) for use, place in PLACES.items()}
    fates = {use: (Outcome.OUTPUT_UNREADABLE, text) for use, text in words.items()}
    return fates | {Use.ERROR: _user_error(words[Use.ERROR])}


def _folder(parts: Fate, match: Fate, directory: Fate) -> Mapping[Use, Fate]:
    """Return the fates of a folder: as parts of a value, by a pattern, in a directory; no file is one."""
    files = dict.fromkeys((Use.VALUE, Use.FILE, Use.FILES), _IS_A_FOLDER)
    error = _user_error("_ERROR cannot be read: `_ERROR` is a folder: have the command write a file")
    return files | {
        Use.LIST: parts,
        Use.PART: parts,
        Use.MATCH: match,
        Use.ERROR: error,
        Use.DIRECTORY: directory,
    }


def _file(value: Fate, listed: Fate, error: Fate, stored: Fate = TAKEN) -> Mapping[Use, Fate]:
    """Return the fates of a file: as a string, as JSON of a list, as an error's text, for a store."""
    return dict.fromkeys(STORED, stored) | {
        Use.VALUE: value,
        Use.PART: value,
        Use.MATCH: value,
        Use.LIST: listed,
        Use.ERROR: error,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """One of them. ``lasts`` where a process of it writes on until it is stopped, also when it is moved."""

    name: str
    script: str
    fates: Mapping[Use, Fate]
    needs_root: bool = field(default=False)
    lasts: bool = field(default=False)


_CHANGED: Final = (Outcome.OUTPUT_UNREADABLE, "changed while it was read: have the command end only when")
_HOLES: Final = (Outcome.OUTPUT_TOO_LARGE, "has 1099511627776 bytes")
_GROWS: Final = (Outcome.OUTPUT_TOO_LARGE, " bytes")
_LONG: Final = "n=$(printf '%0250d' 0)"
HOSTILE: Final = (
    Hostile(name="a link to a file outside", script='ln -s "$SECRET" "$X"', fates=_special("a link")),
    Hostile(name="a link to a folder outside", script='ln -s "${SECRET%/*}" "$X"', fates=_special("a link")),
    Hostile(
        name="a link to a file inside",
        script='echo 1 > inside; ln -s "$PWD/inside" "$X"',
        fates=_special("a link"),
    ),
    Hostile(name="a link to itself", script='ln -s "${X##*/}" "$X"', fates=_special("a link")),
    Hostile(name="a link to nothing", script='ln -s nowhere "$X"', fates=_special("a link")),
    Hostile(
        name="a hard link",
        script='echo 1 > inside; ln inside "$X"',
        fates=_file(TAKEN, (Outcome.OUTPUT_INVALID, "an integer is not a list[string]"), _user_error("1")),
    ),
    Hostile(name="a FIFO", script='mkfifo "$X"', fates=_special("a FIFO")),
    Hostile(
        name="a FIFO with an endless writer",
        script='mkfifo "$X"; exec 3<> "$X"; cat /dev/zero >&3 &',
        fates=_special("a FIFO"),
        lasts=True,
    ),
    Hostile(
        name="a socket",
        script="perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ENV{X}, Listen => 1) or die'",
        fates=_special("a socket"),
    ),
    Hostile(
        name="a device without end", script='mknod "$X" c 1 5', fates=_special("a device"), needs_root=True
    ),
    Hostile(
        name="a file of holes", script='truncate -s 1T "$X"', fates=_file(_HOLES, _HOLES, _user_error(""))
    ),
    Hostile(
        name="a file that grows",
        script='truncate -s 2M "$X"; exec 3>> "$X"; while :; do echo; done >&3 &',
        fates=_file(_GROWS, _GROWS, _user_error(""), _CHANGED),
        lasts=True,
    ),
    Hostile(
        name="100,000 files",
        script='mkdir "$X"; cd "$X"; seq 100000 | xargs touch',
        fates=_folder(_ENTRIES, (Outcome.OUTPUT_TOO_LARGE, "more than 10000 files"), TAKEN),
    ),
    Hostile(
        name="a name of two lines",
        script='mkdir "$X"; echo 1 > "$X/$(printf \'a\\nb\')"',
        fates=_folder(
            (Outcome.OUTPUT_INVALID, "it is not of type list[string]: "),
            TAKEN,
            (Outcome.OUTPUT_INVALID, "the name of `x/0/a?b` has a control character"),
        ),
    ),
    Hostile(
        name="a name that is not UTF-8",
        script='mkdir "$X"; echo 1 > "$X/$(printf \'a\\377\')"',
        fates=_folder(*[(Outcome.OUTPUT_INVALID, "/a?` is not UTF-8: have the command give it another")] * 3),
    ),
    Hostile(
        name="3,000 folders inside one another",
        script="mkdir -p \"$X/$(printf 'd/%.0s' $(seq 3000))\"",
        fates=_folder(_NESTED, _DEEP, _DEEP),
    ),
    Hostile(
        name="a path of 5,000 bytes",
        script=f'{_LONG}; mkdir "$X"; cd "$X"; for i in $(seq 20); do mkdir $n; cd -P $n; done; echo 1 > end',
        fates=_folder(_NESTED, TAKEN, TAKEN),
    ),
)


@contextmanager
def made(one: Hostile, place: Path, outputs: Path, secret: Path) -> Iterator[None]:
    """Run an entry's script in the output folder; what is left of it is gone afterwards."""
    process = subprocess.Popen(
        ["sh", "-ec", one.script],
        cwd=outputs,
        env={**os.environ, "X": str(place.relative_to(outputs)), "SECRET": str(secret)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        # The shell stays a zombie, so that its group cannot be anybody else's when it is killed.
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        assert ended.si_status == 0, f"{one.name} could not be made"
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # The interpreter's own way to remove a tree is too recursive for some.
        subprocess.run(["find", outputs, "-mindepth", "1", "-delete"], check=True)
