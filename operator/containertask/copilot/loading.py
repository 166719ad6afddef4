"""Reading the manifest and the types in it, with a sentence for each way it can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from containertask.contract.manifest import Manifest, ManifestError, Values, digest
from containertask.contract.outcome import Outcome
from containertask.copilot import files
from containertask.copilot.journal import FailureError, Journal
from containertask.copilot.places import Places

if TYPE_CHECKING:
    from containertask.types.model import Type


def load_manifest(places: Places, journal: Journal) -> Manifest:
    """Read the manifest; raises FailureError or OSError."""
    journal.begin("read the manifest")
    text = _text(places.manifest)
    try:
        manifest = Manifest.decode(text)
    except ManifestError as error:
        raise FailureError(Outcome.COPILOT_FAILED, str(error)) from None
    journal.done(f"{len(text)} characters")
    return manifest


def load_values(places: Places, manifest: Manifest, journal: Journal) -> Values:
    """Return the values of the inputs from the manifest or their own file; raises as the above."""
    if manifest.values is not None:
        return manifest.values
    journal.begin("read the values of the inputs")
    text = _text(places.values)
    if digest(text) != manifest.values_sha256:
        raise FailureError(
            Outcome.COPILOT_FAILED,
            "the values of the inputs are not those of this task (their digest differs): somebody else's "
            "ConfigMap has the name of ours; delete that, or give the task another name",
        )
    try:
        values = Values.decode(text)
    except ManifestError as error:
        raise FailureError(Outcome.COPILOT_FAILED, str(error)) from None
    journal.done(f"{len(text)} characters")
    return values


def type_of(what: str, name: str, written: str) -> Type:
    """Return the type of an input or output; raises FailureError for one that is not known here."""
    from containertask.types.grammar import TypeSyntaxError, parse_type  # noqa: PLC0415 - see ``inputs``

    try:
        return parse_type(written)
    except TypeSyntaxError:
        message = f"{what} `{name}`: type {written} is not known to this version of the copilot"
        raise FailureError(Outcome.COPILOT_FAILED, message, name) from None


def _text(path: str) -> str:
    try:
        return files.read(path).decode()
    except UnicodeDecodeError:
        raise FailureError(Outcome.COPILOT_FAILED, f"{path} is not UTF-8") from None
