"""How the files of an output are come by: at a path, by a pattern, or from a stream that was captured."""

from __future__ import annotations

from functools import partial

from containertask.contract import STDERR_STEM, STDOUT_STEM
from containertask.contract.exitrecord import ExitRecord
from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from containertask.copilot.logstreams import as_output
from containertask.copilot.outputs import Volumes
from containertask.copilot.storedfiles import matched, parts
from containertask.copilot.storedoutput import Opened
from containertask.copilot.typedoutputs import fitting
from containertask.copilot.untrusted import FaultError
from containertask.types.model import Type


def opening(kind: Type, item: OutputItem, volumes: Volumes, record: ExitRecord | None) -> Opened:
    """Return what begins to read the parts of an output, as often as it is called; raises FaultError."""
    if item.glob is not None:
        return partial(matched, kind, volumes.outputs, fitting(kind, item, volumes))
    match item.source:
        case Source.FILE:
            return partial(parts, kind, volumes.outputs, item.path or item.name)
        case Source.STDOUT | Source.STDERR if volumes.main is not None:
            of_stdout = item.source is Source.STDOUT
            seen = None
            if record is not None:
                seen = record.stdout if of_stdout else record.stderr
            return partial(as_output, kind, volumes.main, STDOUT_STEM if of_stdout else STDERR_STEM, seen)
    raise FaultError(Outcome.OUTPUT_MISSING, "nothing is captured without our launcher")
