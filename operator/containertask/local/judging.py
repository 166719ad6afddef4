"""From how the three parts ended to how the task did: by the operator's tables, of a Pod that never was."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.api.status import OutputValue, Phase
from containertask.codec import typed
from containertask.codec.trees import from_tree
from containertask.contract.report import Figures
from containertask.core.judge import judge
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.podview import Container, PodView, Terminated
from containertask.core.results import settled
from containertask.core.retry import excused
from containertask.core.stop import Stop
from containertask.core.verdict import Verdict
from containertask.local.localfiles import RESULTS, local_text, local_uri, local_value
from containertask.local.planned import Planned
from containertask.types.grammar import parse_type
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, needs_store, present

_DOCUMENT: Final = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """How the parts of a run ended; None of one that never was."""

    downloader: Terminated | None = None
    main: Terminated | None = None
    uploader: Terminated | None = None
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """How the attempt ended, with its outputs as JSON by name."""

    verdict: Verdict
    outputs: dict[str, Any]
    message: str

    @property
    def phase(self) -> Phase:
        """Return the task's phase."""
        if self.verdict.succeeded:
            return Phase.SUCCEEDED
        return Phase.CANCELLED if self.verdict.reason is Reason.CANCELLED else Phase.FAILED


def judged(planned: Planned, ends: Ends, kept: Path, *, contained: bool) -> Judged:
    """Return how the attempt ended; ``contained`` is whether the command's usage is known to be its own."""
    spec = planned.accepted.spec
    verdict = judge(_pod(planned, ends))
    if verdict is None:
        verdict = Verdict(reason=Reason.COPILOT_FAILED, message="the parts of the run did not come to an end")
    values, verdict = settled(spec, excused(spec, verdict), RESULTS)
    outputs = {one.name: _wire(one, kept) for one in values}
    if not contained:
        verdict = _without_usage(verdict)
    return Judged(verdict, outputs, _message(verdict.message, planned, kept))


def _pod(planned: Planned, ends: Ends) -> PodView:
    parts = {DOWNLOADER: ends.downloader, MAIN: ends.main, UPLOADER: ends.uploader}
    return PodView(
        namespace=planned.task.namespace,
        name=planned.pod,
        uid=planned.task.uid,
        resource_version=1,
        owner_uid=planned.task.uid,
        owner_name=planned.task.name,
        attempt=planned.attempt.number,
        mode=planned.attempt.mode,
        created=planned.task.created,
        deleting=False,
        deleting_until=None,
        grace=30,
        node=None,
        phase=Phase.FAILED.value,
        reason="",
        message="",
        started=planned.task.created,
        conditions={},
        containers=tuple(Container(name, end) for name, end in parts.items()),
        init_containers=(),
        stop=ends.stop,
        results=RESULTS,
        streams=bool(planned.manifest.streams),
    )


def _wire(one: OutputValue, kept: Path) -> object:
    """Return an output as a status has it: what had no room in the report is read from where it is kept."""
    kind = parse_type(one.type)
    if one.uri is None:
        return local_value(one.value, kept) if needs_store(kind) else one.value
    if isinstance(present(kind), StoredType | DatasetOf):
        return {"uri": local_uri(one.uri, kept)}
    data = (kept / one.uri.removeprefix(RESULTS)).read_bytes()
    if one.uri.endswith(_DOCUMENT):
        raw = json.loads(data)
        return local_value(raw, kept) if needs_store(kind) else raw
    return typed.to_json(kind, from_tree(kind, data))


def _without_usage(verdict: Verdict) -> Verdict:
    """Leave out what the launcher measured: without a container it is the whole machine's."""
    figures: Figures = replace(verdict.figures, cpu_milliseconds=None, memory_peak_bytes=None)
    return replace(verdict, figures=figures)


def _message(text: str, planned: Planned, kept: Path) -> str:
    """Return a message without the words for a cluster."""
    return local_text(text.removesuffix(f": see kubectl logs {planned.pod} --container {MAIN}"), kept)
