"""The end of keeping outputs: what is left of values, the logs, ``outputs.pb``, and then ``outputs.json``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from containertask.codec.errors import CodecError
from containertask.codec.typed import AnyValue
from containertask.contract.manifest import Manifest
from containertask.contract.outcome import Outcome
from containertask.contract.report import Kept, Report
from containertask.copilot import keptkeys, keptmanifest, valuekeeping
from containertask.copilot.fitting import fit_kept, fit_some
from containertask.copilot.journal import Journal, now_ms
from containertask.copilot.keptmanifest import Entry
from containertask.copilot.logstreams import Streams
from containertask.copilot.outputs import TOO_LARGE, Found, found
from containertask.copilot.sentprogress import Progress
from containertask.copilot.shelves import Shelves
from containertask.copilot.storedoutput import StoredOutput
from containertask.copilot.stores import Target
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import ExistsError
from containertask.copilot.transfer.outgoing import Bytes
from containertask.copilot.untrusted import FaultError
from containertask.copilot.valuekeeping import Document
from containertask.types.model import Type

_SHA256: Final = "0" * 64
_MOST: Final = 10**15
_MAX_LITERALS: Final = 32 << 20
"""Bytes of ``outputs.pb``, which is held in memory. Flyte reads 2 MiB, if it is not told otherwise."""


@dataclass(slots=True)
class Attempt:
    """What has been read of the outputs of an attempt, and of what is sent where it is.

    Attributes:
        stored: outputs that are files, each sent or being sent.
        documents: values that no message can hold, which are sent already.
        literals: the outputs in ``outputs.pb``; None if one of them cannot be there.
    """

    manifest: Manifest
    results: str
    journal: Journal
    progress: Progress
    kinds: dict[str, Type] = field(default_factory=dict)
    stored: dict[str, StoredOutput] = field(default_factory=dict)
    documents: dict[str, Kept] = field(default_factory=dict)
    literals: dict[str, bytes] | None = field(default_factory=dict)

    def note_literal(self, name: str, value: AnyValue) -> None:
        """Note what ``outputs.pb`` has of an output; None for one that is absent."""
        if self.literals is None:
            return
        try:
            self.literals[name] = valuekeeping.literal(name, self.kinds[name], value)
        except CodecError:
            self.journal.note(
                f"no outputs.pb: output `{name}` has a value that no literal of Flyte's can hold"
            )
            self.literals = None
            return
        if sum(map(len, self.literals.values())) > _MAX_LITERALS:
            self.journal.note(f"no outputs.pb: it would have more than {_MAX_LITERALS} bytes")
            self.literals = None

    def hold_apart(self, target: Target) -> None:
        """Raise FaultError if another output is where this one would be: one of them would be lost."""
        other = next((name for name, one in self.stored.items() if one.target.uri == target.uri), None)
        if other is not None:
            text = f"would lie where output `{other}` does: give it a destination of its own"
            raise FaultError(Outcome.OUTPUT_INVALID, text)

    def values(self, read: Sequence[Found]) -> list[Found]:
        """Return all values in the order of declaration, those with URIs in them, too."""
        by_name = {one.name: one for one in read}
        for name, output in self.stored.items():
            if not output.is_single:
                by_name[name] = found(name, output.to_json(), _MOST)
        return [by_name[one.name] for one in self.manifest.outputs if one.name in by_name]

    def fitted(self, report: Report, values: Sequence[Found], kept: Mapping[str, Kept]) -> Report:
        """Return the report with what fits, as if all else of it were known already."""
        single = {name: one.kept(self.results) for name, one in self.stored.items() if one.is_single}
        figures = replace(report.figures, bytes_out=_MOST)
        whole = replace(report, stored=_SHA256, figures=figures, kept=single)
        budget = self.manifest.message_bytes
        if (fitting := fit_kept(whole, values, kept, budget)) is not None:
            return fitting
        text = f"the outputs are too many for a report of {budget} bytes: split the task"
        if report.outcome is Outcome.UPLOADED:
            whole = replace(whole, outcome=Outcome.OUTPUT_TOO_LARGE, message=text)
        return fit_some(replace(whole, kept={}), values, budget)

    def entries(self, inline: Mapping[str, object], kept: Mapping[str, Kept]) -> Iterator[Entry]:
        """Yield what ``outputs.json`` says of each output that is there."""
        for one in self.manifest.outputs:
            if (entry := self._entry(one.name, one.type, inline, kept)) is not None:
                yield entry

    def _entry(
        self, name: str, kind: str, inline: Mapping[str, object], kept: Mapping[str, Kept]
    ) -> Entry | None:
        output = self.stored.get(name)
        if output is not None and output.is_single:
            _, size, sha256 = output.kept(self.results)
            entry = Entry(name=name, type=kind, uri=output.target.uri, size=size, sha256=sha256)
            return replace(entry, files=output.files(), folders=output.folders) if output.is_folder else entry
        if name in inline:
            entry = Entry(name=name, type=kind, value=inline[name])
        elif name in kept:
            key, size, sha256 = kept[name]
            entry = Entry(name=name, type=kind, uri=self.results + key, size=size, sha256=sha256)
        else:
            return None
        if output is None:
            return entry
        return replace(entry, folder=output.target.uri, files=output.files(), folders=sorted(output.folders))


def finish(
    attempt: Attempt,
    report: Report,
    read: Sequence[Found],
    shelves: Shelves,
    streams: Streams,
) -> Report:
    """Send what is left, and return the report.

    Raises TransferError, StoppedError, FailureError.
    """
    results = shelves.target(attempt.results)
    shelf = shelves.of(results)
    values = attempt.values(read)
    documents = _documents(attempt, values)
    kept = {name: one.kept for name, one in documents.items()} | attempt.documents
    report = attempt.fitted(report, values, kept)
    inline, complete = report.outputs or {}, report.outcome is Outcome.UPLOADED
    attempt.journal.begin("send values and logs")
    with Crew() as crew:
        sender = shelf.sender(crew, attempt.progress.moved)
        for name, one in documents.items():
            if name not in inline:
                sender.send(Bytes(one.data), results.at.key + one.key, keptkeys.attributes(one.key))
        if complete and (data := _literals(attempt)) is not None:
            key = keptkeys.LITERALS
            sender.send(Bytes(data), results.at.key + key, keptkeys.attributes(key))
        logs = streams.send(sender, results.at.key, attempt.journal)
    attempt.journal.begin("write the manifest of the outputs")
    there = {one.key: one for one in sender.sent}
    told = {name: replace(one, sent=there[one.sent.key]) for name, one in logs.items()}
    entries = attempt.entries(inline, kept)
    data = keptmanifest.encoded(attempt.manifest, attempt.results, entries, told, complete=complete)
    _put_last(shelves, results, data)
    attempt.journal.done(f"{len(data)} bytes, complete" if complete else f"{len(data)} bytes, incomplete")
    figures = replace(report.figures, bytes_out=attempt.progress.bytes + len(data), uploaded_ms=now_ms())
    return replace(report, stored=hashlib.sha256(data).hexdigest(), figures=figures)


def _put_last(shelves: Shelves, results: Target, data: bytes) -> None:
    key = keptkeys.MANIFEST
    try:
        with Crew() as crew:
            for one in shelves.all():
                crew.ask(one.settle)
            shelf = shelves.of(results)
            shelf.put_new(crew, results.at.key + key, data, keptkeys.attributes(key))
    except ExistsError as error:
        text = "and tells of other outputs: somebody else writes to the folder of this attempt"
        raise ExistsError(f"{error} {text}") from None


def _documents(attempt: Attempt, values: Sequence[Found]) -> dict[str, Document]:
    """Return the documents that the values would be, but for those that are sent already."""
    return {
        one.name: valuekeeping.document(one.name, attempt.kinds[one.name], one.value)
        for one in values
        if one.value is not TOO_LARGE
    }


def _literals(attempt: Attempt) -> bytes | None:
    for one in attempt.manifest.outputs:
        if attempt.literals is not None and one.name not in attempt.literals:
            output = attempt.stored.get(one.name)
            attempt.note_literal(one.name, output.value() if output is not None else None)
    found = attempt.literals
    return None if found is None else b"".join(found[name] for name in sorted(found))
