"""The outputs of an attempt, as the status shows them; and what is missing of a success."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from containertask.api.outputs import Output
from containertask.api.reasons import Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import OutputValue
from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.codec.stored import Stored
from containertask.codec.text import compact
from containertask.codec.trees import to_leaf
from containertask.codec.typed import AnyValue
from containertask.contract.report import Kept
from containertask.core.names import UPLOADER
from containertask.core.verdict import Verdict
from containertask.types.grammar import parse_type
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, Type, present


def settled(
    spec: ContainerTaskSpec, verdict: Verdict, folder: str | None
) -> tuple[list[OutputValue], Verdict]:
    """Return the outputs, and the verdict: a success without one that has to be there is none.

    ``folder`` is the URI of the attempt's folder in a store, if it has one.
    """
    outputs, missing = _read(spec, verdict, folder)
    if not verdict.succeeded or not missing:
        return outputs, verdict
    names = ", ".join(missing)
    if verdict.excused:
        text = f"exit code {verdict.exit_code} counts as success by retries.rules, but it left no {names}"
        return outputs, replace(verdict, reason=Reason.OUTPUT_MISSING, message=text, container=UPLOADER)
    text = f"the uploader reported no value of the declared type for {names}"
    return outputs, replace(verdict, reason=Reason.MESSAGE_UNREADABLE, message=text, container=UPLOADER)


def _read(
    spec: ContainerTaskSpec, verdict: Verdict, folder: str | None
) -> tuple[list[OutputValue], list[str]]:
    """Return the outputs that arrived, and the names of those that should have or are not of their types."""
    found, missing = [], []
    for one in spec.outputs or ():
        kind = parse_type(one.type)
        if (kept := verdict.kept.get(one.name)) is not None and folder is not None:
            found.append(_kept(one, kept, folder))
            continue
        if one.name not in verdict.outputs:
            missing += [] if one.optional or typed.holds(kind, None) else [one.name]
            continue
        try:
            value = typed.from_json(kind, verdict.outputs[one.name])
        except CodecError:
            missing.append(one.name)
            continue
        if value is not None:
            found.append(_output(one, kind, value))
    return found, missing


def _kept(one: Output, kept: Kept, folder: str) -> OutputValue:
    """Return what lies in a store: below the folder of the attempt, or at a destination, which is a URI."""
    uri = kept.key if one.destination is not None and "://" in kept.key else f"{folder}{kept.key}"
    return OutputValue(name=one.name, type=one.type, uri=uri, size=kept.size, sha256=kept.sha256 or None)


def _output(one: Output, kind: Type, value: AnyValue) -> OutputValue:
    if isinstance(value, Stored) and isinstance(present(kind), StoredType | DatasetOf):
        return OutputValue(name=one.name, type=one.type, uri=value.uri)
    raw = typed.to_json(kind, value)
    content = compact(raw).encode() if isinstance(value, list | dict) else to_leaf(value)
    digest = hashlib.sha256(content).hexdigest()
    return OutputValue(name=one.name, type=one.type, value=raw, size=len(content), sha256=digest)
