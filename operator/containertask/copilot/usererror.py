"""The error that a command reports by a file: ``_ERROR``, or Flyte's ``error.pb``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from containertask import contract
from containertask.codec.errors import CodecError
from containertask.codec.simple import MAX_BYTES
from containertask.contract.outcome import Outcome
from containertask.copilot.untrusted import Content, Fault, read_file


@dataclass(frozen=True, slots=True)
class UserError:
    """What the command says; ``final`` if another attempt would be no use."""

    text: str
    final: bool = False


def user_error(outputs: int, declared: Collection[str]) -> UserError | None:
    """Return the error that is reported in the output folder, if one is.

    ``declared`` are the paths of outputs: an output by the name of error.pb is no error.
    """
    match read_file(outputs, contract.ERROR_FILE, MAX_BYTES):
        case Content(data):
            text = data.decode(errors="replace").strip()
            return UserError(text or "the command reported an error without a text")
        case Fault(Outcome.OUTPUT_MISSING):
            return None if contract.ERROR_DOCUMENT in declared else _document(outputs)
        case Fault(_, text):
            return UserError(_unreadable(contract.ERROR_FILE, text))


def _document(outputs: int) -> UserError | None:
    match read_file(outputs, contract.ERROR_DOCUMENT, MAX_BYTES):
        case Content(data):
            return _said(data)
        case Fault(Outcome.OUTPUT_MISSING):
            return None
        case Fault(_, text):
            return UserError(_unreadable(contract.ERROR_DOCUMENT, text))


def _said(data: bytes) -> UserError:
    # Protobuf is loaded for this alone, and only where there is such a file.
    from containertask.codec.errordocument import read_error_document  # noqa: PLC0415

    try:
        found = read_error_document(data)
    except CodecError as error:
        return UserError(_unreadable(contract.ERROR_DOCUMENT, str(error)))
    text = ": ".join(part for part in (found.code, found.message.strip()) if part)
    return UserError(text or "the command reported an error without a text", final=not found.recoverable)


def _unreadable(file: str, text: str) -> str:
    return f"the command reported an error, but {file} cannot be read: {text}"
