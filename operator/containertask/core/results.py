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
from containertask.codec.text import compact
from containertask.codec.trees import to_leaf
from containertask.codec.typed import AnyValue
from containertask.core.names import UPLOADER
from containertask.core.verdict import Verdict
from containertask.types.grammar import parse_type
from containertask.types.model import Type


def settled(spec: ContainerTaskSpec, verdict: Verdict) -> tuple[list[OutputValue], Verdict]:
    """Return the outputs, and the verdict: a success without one that has to be there is none."""
    outputs, missing = _read(spec, verdict)
    if not verdict.succeeded or not missing:
        return outputs, verdict
    names = ", ".join(missing)
    if verdict.excused:
        text = f"exit code {verdict.exit_code} counts as success by retries.rules, but it left no {names}"
        return outputs, replace(verdict, reason=Reason.OUTPUT_MISSING, message=text, container=UPLOADER)
    text = f"the uploader reported no value of the declared type for {names}"
    return outputs, replace(verdict, reason=Reason.MESSAGE_UNREADABLE, message=text, container=UPLOADER)


def _read(spec: ContainerTaskSpec, verdict: Verdict) -> tuple[list[OutputValue], list[str]]:
    """Return the outputs that arrived, and the names of those that should have or are not of their types."""
    found, missing = [], []
    for one in spec.outputs or ():
        kind = parse_type(one.type)
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


def _output(one: Output, kind: Type, value: AnyValue) -> OutputValue:
    raw = typed.to_json(kind, value)
    content = compact(raw).encode() if isinstance(value, list | dict) else to_leaf(value)
    digest = hashlib.sha256(content).hexdigest()
    return OutputValue(name=one.name, type=one.type, value=raw, size=len(content), sha256=digest)
