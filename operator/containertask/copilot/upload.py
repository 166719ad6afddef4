"""The uploader: waits for the end of the user's command, reads its outputs, says what became of them.

All that it needs is imported before it waits. In Signal mode there is nothing to wait for: it is started by
the end, of which nobody tells it. It trusts what ``main`` wrote for nothing but ``main``.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from containertask import contract
from containertask.contract.exitrecord import Cause, ExitRecord
from containertask.contract.manifest import Manifest, Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Figures, Report
from containertask.copilot import files
from containertask.copilot.control import make_exit_fifo, make_stream_fifos
from containertask.copilot.exitfifo import await_record, find_record, listening
from containertask.copilot.fitting import fit_all, fit_some, unstored
from containertask.copilot.journal import Journal, now_ms, start_clock
from containertask.copilot.loading import load_manifest
from containertask.copilot.outputs import Found, Volumes, declaring, load_readers, read_output, readable
from containertask.copilot.places import Places
from containertask.copilot.stops import Stops
from containertask.copilot.undeclared import listed, undeclared
from containertask.copilot.untrusted import Fault
from containertask.copilot.usererror import user_error

if TYPE_CHECKING:
    from containertask.copilot.keeping import Keeper
    from containertask.copilot.streaming import Streams

_GOOD = frozenset({Outcome.UPLOADED, Outcome.MAIN_FAILED, Outcome.USER_ERROR})
_NAMED_IN_MESSAGE = 5
_NAMED_IN_LOG = 20
_OTHERS_NAMED = 3


def run(places: Places, stops: Stops | None = None) -> int:
    """Do the uploader's whole work; return the process's exit code."""
    stops = stops or Stops()
    journal = Journal("uploader")
    upload = _Upload(places, journal)
    try:
        report = upload.work(stops)
    except Exception as error:  # noqa: BLE001 - whatever it is, the operator gets a sentence
        report = upload.complete(journal.failure(error))
    said = journal.last_word(places.message, report)
    upload.log_undeclared()
    code = 0 if said and report.outcome in _GOOD else 1
    if upload.in_trouble:
        os._exit(code)  # the interpreter would wait for them
    return code


class _Upload:
    """One upload: what is known so far of the task and of the command's end."""

    def __init__(self, places: Places, journal: Journal) -> None:
        self._places = places
        self._journal = journal
        self._manifest: Manifest | None = None
        self._record: ExitRecord | None = None
        self._keeper: Keeper | None = None
        self._streams: Streams | None = None
        self._said: Report | None = None  # once it is known that the command or its outputs are at fault

    @property
    def in_trouble(self) -> bool:
        """Tell whether somebody may hang in a store, or wait for a command that has ended."""
        return self._streams is not None or (self._keeper is not None and self._keeper.in_trouble)

    def work(self, stops: Stops) -> Report:
        """Wait, read, and return the report that fits the message."""
        self._manifest = manifest = load_manifest(self._places, self._journal)
        if manifest.mode is Mode.SIGNAL:
            self._load(manifest)
            stops.ignore()
            start_clock(manifest.upload_seconds, self._expired, self._tell)
            return self._read_what_is_there(manifest)
        if manifest.mode is Mode.GATED:
            make_exit_fifo(self._places, self._journal)
        if manifest.streams:
            make_stream_fifos(self._places, manifest.streams, self._journal)
        self._journal.begin("wait for the launcher")
        with listening(f"{self._places.control}/{contract.EXIT_FIFO}") as fifo:
            self._load(manifest)
            self._journal.note("waiting for the launcher")
            received = await_record(fifo, stops)
        stops.ignore()
        if received is None:
            message = "the Pod was stopped before the launcher had started"
            return Report(outcome=Outcome.NOT_STARTED, message=message)
        start_clock(manifest.upload_seconds, self._expired, self._tell)
        self._journal.begin("read the exit record")
        with files.opened(self._places.main, files.FOLDER) as main:
            self._record, problem = find_record(received, main)
            self._journal.done(self._record.cause.value if self._record else problem)
            self._journal.begin("open the output folder")
            with files.opened(self._places.outputs, files.FOLDER) as outputs:
                return self._judge(manifest, Volumes(outputs=outputs, main=main), problem)

    def _load(self, manifest: Manifest) -> None:
        """Load what outputs take, and feed what streams; a launcher may begin meanwhile."""
        load_readers(manifest.outputs)
        if manifest.results is not None:
            from containertask.copilot.keeping import Keeper  # noqa: PLC0415 - obstore is slow to load

            self._keeper = Keeper(manifest, manifest.results, self._places, self._journal)
        if manifest.streams:
            from containertask.copilot.streaming import Streams  # noqa: PLC0415 - few tasks have any

            self._streams = Streams(manifest, self._places, self._journal, self._give_up)
            self._streams.begin()

    def complete(self, report: Report) -> Report:
        """Add what the exit record says."""
        moved = self._streams.moved if self._streams is not None else None
        if (record := self._record) is None:
            return replace(report, figures=Figures(uploaded_ms=now_ms(), bytes_in=moved))
        figures = Figures(
            inputs_ready_ms=record.gate_opened_ms,
            started_ms=record.started_ms,
            finished_ms=record.finished_ms,
            uploaded_ms=now_ms(),
            cpu_milliseconds=record.cpu_milliseconds,
            memory_peak_bytes=record.memory_peak_bytes,
            bytes_in=moved,
        )
        return replace(report, end=End.of(record), figures=figures)

    def log_undeclared(self) -> None:
        """Name the files that no output declares in the log; no trouble with that matters."""
        sidecar = self._manifest is not None and self._manifest.mode is Mode.SIGNAL
        if self._record is None and not sidecar:
            return
        try:
            with files.opened(self._places.outputs, files.FOLDER) as folder:
                paths = self._undeclared(folder)
        except OSError as error:
            self._journal.note(f"could not look for undeclared files: {error.strerror}")
            return
        if paths:
            self._journal.note(f"no output declares {listed(paths, _NAMED_IN_LOG)}")

    def _judge(self, manifest: Manifest, volumes: Volumes, problem: str) -> Report:
        said = self._failed(manifest, volumes, problem)
        if self._keeper is not None:
            return self._keep(self._keeper, volumes, said)
        if said is not None and said.outcome is Outcome.USER_ERROR:
            return said
        found, faults = self._collect(manifest, volumes)
        if said is not None:
            return fit_some(said, found, manifest.message_bytes)
        if faults:
            return self.complete(self._faulty(faults, volumes.outputs))
        return fit_all(self.complete(Report(outcome=Outcome.UPLOADED)), found, manifest.message_bytes)

    def _failed(self, manifest: Manifest, volumes: Volumes, problem: str) -> Report | None:
        """Return how the command failed, whatever it left; what broke off before its eyes comes first."""
        if self._streams is not None and (broken := self._streams.failure) is not None:
            return self.complete(broken)
        record = self._record
        by_itself = record is not None and record.cause is Cause.EXITED and record.stop is None
        said = self._user_error(manifest, volumes.outputs) if by_itself else None
        if said is None and (not by_itself or record is None or record.exit_code != 0):
            message = record.message if record is not None else problem
            said = self.complete(Report(outcome=Outcome.MAIN_FAILED, message=message))
        return said

    def _keep(self, keeper: Keeper, volumes: Volumes, said: Report | None) -> Report:
        """Keep what there is in the store, also of a command that failed."""
        self._said = said
        found, faults = keeper.collect(volumes, self._record)
        if said is None and faults:
            self._said = said = self.complete(self._faulty(faults, volumes.outputs))
        report = said or self.complete(Report(outcome=Outcome.UPLOADED))
        return keeper.finish(report, found, volumes, self._record)

    def _read_what_is_there(self, manifest: Manifest) -> Report:
        """Report of a command whose exit code only the operator knows: what is there counts if it failed."""
        self._journal.begin("open the output folder")
        with readable(self._places.outputs) as outputs:
            said = self._user_error(manifest, outputs)
            if self._keeper is not None:
                return self._keep(self._keeper, Volumes(outputs=outputs), said)
            found, faults = self._collect(manifest, Volumes(outputs=outputs))
            if said is not None:
                report = said
            elif faults:
                report = self.complete(self._faulty(faults, outputs))
            else:
                report = self.complete(Report(outcome=Outcome.UPLOADED))
                report = fit_all(report, found, manifest.message_bytes)
                found = [one for one in found if one.name != report.origin]
        return fit_some(report, found, manifest.message_bytes)

    def _user_error(self, manifest: Manifest, outputs: int) -> Report | None:
        self._journal.begin("look for an error of the command's own")
        found = user_error(outputs, [item.path for item in manifest.outputs if item.path])
        if found is None:
            return None
        return self.complete(Report(outcome=Outcome.USER_ERROR, message=found.text, final=found.final))

    def _collect(self, manifest: Manifest, volumes: Volumes) -> tuple[list[Found], list[tuple[str, Fault]]]:
        """Read all outputs, one at a time."""
        found: list[Found] = []
        faults: list[tuple[str, Fault]] = []
        for item in manifest.outputs:
            self._journal.begin(f"read output `{item.name}`")
            match read_output(item, volumes, self._record):
                case None:
                    self._journal.done("absent")
                case Fault(outcome) as fault:
                    faults.append((item.name, fault))
                    self._journal.done(outcome.value)
                case Found() as output:
                    found.append(output)
                    self._journal.done(f"{output.size} bytes as JSON")
        return found, faults

    def _faulty(self, faults: list[tuple[str, Fault]], outputs: int) -> Report:
        """Report the first fault in the order of declaration; the others are named."""
        (origin, first), *others = faults
        message = f"output `{origin}`: {first.text}"
        if first.outcome is Outcome.OUTPUT_MISSING and (paths := self._undeclared(outputs)):
            message += f"; no output declares {listed(paths, _NAMED_IN_MESSAGE)}"
        if others:
            message += f"; also wrong: {listed([name for name, _ in others], _OTHERS_NAMED)}"
        return Report(outcome=first.outcome, message=message, origin=origin)

    def _undeclared(self, outputs: int) -> list[str]:
        items = self._manifest.outputs if self._manifest is not None else ()
        return undeclared(outputs, declaring(items))

    def _expired(self) -> Report:
        seconds = self._manifest.upload_seconds if self._manifest is not None else None
        message = f"the outputs were not read after {seconds} s: raise timeout.upload"
        expired = self.complete(Report(outcome=Outcome.UPLOAD_TIMEOUT, message=message))
        return expired if self._said is None else unstored(self._said, message)

    def _give_up(self, report: Report) -> None:
        self._tell(report)
        os._exit(1)

    def _tell(self, report: Report) -> None:
        self._journal.say(self._places.message, report)
