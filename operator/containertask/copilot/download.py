"""The downloader: writes the inputs, brings the launcher, opens the gate.

As an init container it ends the Pod by whatever it says but ``Downloaded``. In Gated mode it starts beside
the others and has to abort the gate. It never reads what ``main`` can write.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

from containertask import contract
from containertask.codec.errors import CodecError
from containertask.contract.items import InputItem
from containertask.contract.manifest import Manifest, Mode, Values
from containertask.contract.outcome import Outcome
from containertask.contract.report import Figures, Report
from containertask.copilot import files
from containertask.copilot.control import abort_gate, make_exit_fifo, make_stream_fifos, open_gate
from containertask.copilot.inputs import ABSENT, Given, read_input, write_tree
from containertask.copilot.inputsfile import inputs_file
from containertask.copilot.journal import FailureError, Journal, now_ms, start_clock, stop_clock
from containertask.copilot.loading import load_manifest, load_values
from containertask.copilot.places import Places

if TYPE_CHECKING:
    from containertask.codec.trees import InputTree
    from containertask.copilot.fetching import Fetching
    from containertask.copilot.sources import Sources

_FOLDER_MODE: Final = 0o755
_LAUNCHER_MODE: Final = 0o755
_FETCHING: Final = "containertask.copilot.fetching"


def run(places: Places) -> int:
    """Do the downloader's whole work; return the process's exit code."""
    begun = time.monotonic()
    for asking in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asking, _end_at_once)
    journal = Journal("downloader")
    try:
        report = _download(places, journal, begun)
    except Exception as error:  # noqa: BLE001 - whatever it is, the operator gets a sentence
        report = journal.failure(error)
        abort_gate(places, journal)
    said = journal.last_word(places.message, report)
    code = 0 if said and report.outcome is Outcome.DOWNLOADED else 1
    if code and _FETCHING in sys.modules:
        os._exit(code)  # a worker may hang in a store, and the interpreter would wait for it
    return code


def _end_at_once(number: int, _frame: FrameType | None) -> NoReturn:
    """What is not renamed into place yet is no file yet."""
    os._exit(contract.EXIT_SIGNAL_BASE + number)


def _download(places: Places, journal: Journal, begun: float) -> Report:
    manifest = load_manifest(places, journal)
    if manifest.download_seconds is not None:
        start_clock(
            manifest.download_seconds - (time.monotonic() - begun),
            lambda: _expired(manifest.download_seconds),
            lambda report: _give_up(places, journal, report),
        )
    if manifest.mode is Mode.GATED:
        make_exit_fifo(places, journal)
    if manifest.streams:
        make_stream_fifos(places, manifest.streams, journal)
    moved = _write_inputs(places, manifest, load_values(places, manifest, journal), journal)
    stop_clock()  # the inputs are there, and behind the gate there is no way back
    match manifest.mode:
        case Mode.GATED:
            open_gate(places, journal)
        case Mode.INIT:
            make_exit_fifo(places, journal)
            _bring_launcher(places, journal)
            open_gate(places, journal)
        case Mode.SIGNAL:
            pass
    return Report(outcome=Outcome.DOWNLOADED, figures=Figures(inputs_ready_ms=now_ms(), bytes_in=moved))


def _give_up(places: Places, journal: Journal, report: Report) -> None:
    abort_gate(places, journal)
    journal.say(places.message, report)


def _expired(seconds: int | None) -> Report:
    message = f"the inputs were not there after {seconds} s: raise timeout.download"
    return Report(outcome=Outcome.DOWNLOAD_TIMEOUT, message=message)


def _write_inputs(places: Places, manifest: Manifest, values: Values, journal: Journal) -> int | None:
    """Write all inputs; return how many bytes were fetched for them, None if nothing had to be."""
    journal.begin("open the folder of the inputs")
    _make_folder(places.inputs)
    with files.opened(places.inputs, files.FOLDER) as folder:
        reading = _Reading(places, manifest, values, journal)
        given: dict[str, Given | None] = {}
        to_fetch: list[tuple[InputItem, InputTree]] = []
        for item in values.items:
            journal.begin(f"write input `{item.name}`")
            found = reading.read(item, values.inputs.get(item.name, ABSENT))
            tree = found.tree if found is not None else None
            if found is not None and found.sought and tree is not None:
                to_fetch.append((item, tree))
            else:
                journal.done("absent" if tree is None else write_tree(folder, item.name, tree))
            given[item.name] = found and found._replace(tree=None)
        if to_fetch:
            journal.begin("fetch the inputs")
            reading.fetching().fetch(folder, to_fetch)
            journal.done(f"{reading.moved} bytes")
        journal.begin("write the manifest of the inputs")
        later = frozenset(item.name for item in values.items if _is_later(item))
        name, data = inputs_file(manifest.metadata_format, given, values.pb, later)
        files.put(folder, name, data)
        journal.done(f"{name}, {len(data)} bytes")
    return reading.moved


class _Reading:
    """Takes the values of the inputs from where they are: the manifest, files of the user's, stores."""

    def __init__(self, places: Places, manifest: Manifest, values: Values, journal: Journal) -> None:
        self._places, self._manifest, self._journal = places, manifest, journal
        self._fetching: Fetching | None = None
        self._sources = _sources(places, values)
        self._documents: Mapping[str, bytes] = {}
        if any(item.document is not None for item in values.items):
            journal.begin("fetch values of inputs")
            self._documents = self.fetching().documents(values.items)
            journal.done(f"{self.moved} bytes")

    @property
    def moved(self) -> int | None:
        """Return how many bytes were fetched; None if nothing had to be."""
        return self._fetching.moved if self._fetching is not None else None

    def fetching(self) -> Fetching:
        """Return what fetches."""
        if self._fetching is None:
            from containertask.copilot.fetching import Fetching  # noqa: PLC0415 - few tasks need it

            self._fetching = Fetching(self._places, self._manifest, self._journal)
        return self._fetching

    def read(self, item: InputItem, raw: object) -> Given | None:
        """Read an input; None if it is absent. Raises FailureError and OSError."""
        data = self._documents.get(item.name)
        if self._sources is not None and item.file is not None:
            data = self._sources.read(item.name, item.file, optional=item.optional or raw is not ABSENT)
        try:
            found = read_input(item, raw, data, self._manifest.input_dir)
        except CodecError as error:
            message = f"input `{item.name}` of type {item.type}: {error}"
            raise FailureError(Outcome.INVALID_INPUT, message, item.name) from None
        if self._sources is not None:
            self._sources.count(item.name, found)
        return found


def _is_later(item: InputItem) -> bool:
    """Tell whether the operator did not know a value."""
    return item.file is not None or item.document is not None


def _sources(places: Places, values: Values) -> Sources | None:
    """Return the files that inputs take their values from; None if the values are all here."""
    if not any(map(_is_later, values.items)):
        return None
    from containertask.copilot.sources import Sources  # noqa: PLC0415 - few tasks need it

    return Sources(places.sources)


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path, _FOLDER_MODE)  # noqa: PTH102 - pathlib takes 5 ms to import
    except FileExistsError:
        return
    with files.opened(path, files.FOLDER) as folder:
        os.fchmod(folder, _FOLDER_MODE)


def _bring_launcher(places: Places, journal: Journal) -> None:
    """Put the launcher into the control volume; what is there from before is no matter."""
    journal.begin("copy the launcher")
    with files.opened(places.control, files.FOLDER) as folder:
        size = files.copy(places.launcher, folder, contract.LAUNCHER_NAME, _LAUNCHER_MODE)
    journal.done(f"{size} bytes")
