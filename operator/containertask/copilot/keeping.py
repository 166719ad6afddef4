"""Keeping outputs in a store: they are read and sent here, and told of in ``outputs.json``, the last of all.

Loaded for tasks with a store alone. What goes wrong with a store never hides how the command ended.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.contract import (
    MESSAGE_MAX,
    keptline,  # noqa: F401 - the report needs it, and would load it behind the wait
)
from containertask.contract.exitrecord import ExitRecord
from containertask.contract.items import OutputItem, Source
from containertask.contract.manifest import Manifest
from containertask.contract.outcome import Outcome
from containertask.contract.report import Report
from containertask.copilot import keptkeys, valuekeeping
from containertask.copilot.fitting import fit_some, unstored
from containertask.copilot.journal import Journal
from containertask.copilot.keepinglast import Attempt, finish
from containertask.copilot.loading import type_of
from containertask.copilot.logstreams import Streams
from containertask.copilot.outputs import TOO_LARGE, Found, Volumes, of_folder, read_output
from containertask.copilot.places import Places
from containertask.copilot.sentprogress import Progress
from containertask.copilot.shelves import Shelves, load
from containertask.copilot.storedoutput import StoredOutput, Tally, is_file, measured, send
from containertask.copilot.storedreading import opening
from containertask.copilot.storefaults import Trouble, fault_of, trouble_of
from containertask.copilot.stores import Stores
from containertask.copilot.transfer.crew import Crew, StoppedError
from containertask.copilot.transfer.errors import TransferError
from containertask.copilot.transfer.outgoing import Bytes, Sender
from containertask.copilot.typedoutputs import may_be_absent
from containertask.copilot.untrusted import Fault, FaultError, unreadable
from containertask.types.model import Type, needs_store

_MAX_VALUE: Final = 1 << 30
"""More than any value takes as JSON: here each is kept until it is known where it goes."""


class Keeper:
    """What is known so far of the outputs of one attempt, and of the trouble with their store."""

    def __init__(self, manifest: Manifest, results: str, places: Places, journal: Journal) -> None:
        self._manifest, self._results, self._journal = manifest, results, journal
        self._stores = Stores(manifest.stores, places.stores)
        self._shelves = Shelves(self._stores)
        self._progress = Progress(journal)
        self._trouble: Trouble | None = None
        self._senders: dict[str, Sender] = {}
        self._tallied: Tally | None = None
        self._attempt = Attempt(manifest, results, journal, self._progress)
        destinations = (one.destination for one in manifest.outputs if one.destination is not None)
        load(Stores(manifest.stores, places.stores), {results, *destinations})
        valuekeeping.load()

    @property
    def in_trouble(self) -> bool:
        """Tell whether a store has failed."""
        return self._trouble is not None

    def collect(
        self, volumes: Volumes, record: ExitRecord | None
    ) -> tuple[list[Found], list[tuple[str, Fault]]]:
        """Read all outputs, and send what is to be sent at once; return values and faults."""
        found: list[Found] = []
        faults: list[tuple[str, Fault]] = []
        try:
            target = self._stores.target(self._results)
            keptkeys.check(f"{target.at.key}{keptkeys.MANIFEST}")
            self._shelves.of(target)
        except Exception as error:  # noqa: BLE001 - as below
            self._is_in_trouble(error)
        crew = Crew()
        try:
            with crew:
                for item in self._manifest.outputs:
                    self._journal.begin(f"keep output `{item.name}`")
                    match self._read(crew, item, volumes, record):
                        case Fault(outcome) as fault:
                            faults.append((item.name, fault))
                            self._journal.done(outcome.value)
                        case Found() as value:
                            found.append(value)
                            self._journal.done(f"{value.size} bytes as JSON")
                        case said:
                            self._journal.done(said)
                self._journal.begin("send the outputs")
            if self._senders:
                self._journal.done(f"{self._progress.bytes} bytes")
        except Exception as error:  # noqa: BLE001 - whatever it is, the command's own end is told
            self._is_in_trouble(error)
        return found, faults

    def finish(
        self, report: Report, found: list[Found], volumes: Volumes, record: ExitRecord | None
    ) -> Report:
        """Send all else, and return the report with what fits, and with what is kept."""
        streams = Streams(volumes.main, record)
        if self._trouble is None:
            try:
                return finish(self._attempt, report, found, self._shelves, streams)
            except Exception as error:  # noqa: BLE001 - as above
                self._is_in_trouble(error)
        return fit_some(self._troubled(report), found, self._manifest.message_bytes)

    def _read(
        self, crew: Crew, item: OutputItem, volumes: Volumes, record: ExitRecord | None
    ) -> Found | Fault | str:
        """Read and send an output; return its value, what is wrong with it, or else what it is in words."""
        kind = type_of("output", item.name, item.type)
        self._attempt.kinds[item.name] = kind
        if needs_store(kind) and self._trouble is not None:
            return "not sent"
        if needs_store(kind):
            try:
                return self._read_stored(crew, item, kind, volumes, record)
            except FaultError as error:
                fault = of_folder(error.fault) if item.source is Source.FILE else error.fault
                absent = fault.outcome is Outcome.OUTPUT_MISSING and may_be_absent(kind, item)
                return "absent" if absent else fault
            except OSError as error:
                return unreadable(item.path or item.name, error).fault
            except TransferError as error:
                return fault_of(error)
            except StoppedError:
                return "not sent"
        match read_output(item, volumes, record, _MAX_VALUE):
            case None:
                return "absent"
            case Found() as value:
                return self._read_value(crew, item, kind, value)
            case fault:
                return fault

    def _read_value(self, crew: Crew, item: OutputItem, kind: Type, value: Found) -> Found | Fault:
        """Note the literal of a value, and send it at once if no message can hold it."""
        try:
            self._attempt.note_literal(item.name, typed.from_json(kind, value.value))
        except CodecError as error:  # as JSON it is more than a value may be, and nobody could read it again
            return Fault(Outcome.OUTPUT_TOO_LARGE, str(error))
        if value.size <= MESSAGE_MAX:
            return value
        if self._trouble is not None:
            return replace(value, value=TOO_LARGE)
        document = valuekeeping.document(item.name, kind, value.value)
        try:
            target = self._stores.target(self._results + document.key)
            sender = self._shelves.of(target).sender(crew, self._progress.moved)
            self._senders[item.name] = sender
            sender.send(Bytes(document.data), target.at.key, keptkeys.attributes(document.key))
            self._attempt.documents[item.name] = document.kept
        except StoppedError:
            pass
        return replace(value, value=TOO_LARGE)

    def _read_stored(
        self, crew: Crew, item: OutputItem, kind: Type, volumes: Volumes, record: ExitRecord | None
    ) -> str:
        crew.check()
        opened = opening(kind, item, volumes, record)
        target = self._stores.target(item.destination or f"{self._results}outputs/")
        tally = Tally(item, target.store, self._tallied)
        shape = measured(opened, tally)
        self._tallied = tally
        target = self._stores.target(keptkeys.output_uri(target.uri, item, single=is_file(shape)))
        self._attempt.hold_apart(target)
        shelf = self._shelves.of(target)
        sender = self._senders[item.name] = shelf.sender(crew, self._progress.moved, target.at.key)
        output = StoredOutput(item=item, kind=kind, target=target, shape=shape, sender=sender)
        output.hold()
        self._attempt.stored[item.name] = send(output, opened, shelf, crew)
        return f"{tally.files} files, {tally.size} bytes"

    def _is_in_trouble(self, error: Exception) -> None:
        match error:
            case TransferError():
                culprits = (name for name, one in self._senders.items() if one.failed is error)
                self._trouble = trouble_of(error, next(culprits, None))
            case _:
                said = self._journal.failure(error)
                text = (said.message or "").removeprefix(f"output `{said.origin}`: ")
                self._trouble = Trouble(said.outcome, text, said.origin)

    def _troubled(self, report: Report) -> Report:
        """Say that the outputs are not kept: as the outcome, or behind that of the command."""
        trouble = self._trouble
        if trouble is None:
            return report
        report = replace(report, figures=replace(report.figures, bytes_out=self._progress.bytes))
        if report.outcome is Outcome.UPLOADED:
            return replace(report, outcome=trouble.outcome, message=trouble.message, origin=trouble.origin)
        return unstored(report, trouble.message)
