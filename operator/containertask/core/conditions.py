"""Conditions of a task: what scripts and ``kubectl wait`` read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from containertask.api.reasons import Reason
from containertask.api.status import Condition, ConditionStatus
from containertask.core.instants import from_ms
from containertask.core.texts import cut

ACCEPTED: Final = "Accepted"
SUSPENDED: Final = "Suspended"
INPUTS_READY: Final = "InputsReady"
STARTED: Final = "Started"
OUTPUTS_UPLOADED: Final = "OutputsUploaded"
FINISHED: Final = "Finished"
COMPLETE: Final = "Complete"
FAILED: Final = "Failed"
READY: Final = "Ready"
"""Of a store, or of a template: its spec holds together."""
_OF_ATTEMPT: Final = frozenset({INPUTS_READY, STARTED, OUTPUTS_UPLOADED})


@dataclass(frozen=True, slots=True)
class Fact:
    """What is now known of one aspect."""

    type: str
    holds: bool
    reason: Reason
    message: str = ""


def without_attempt(old: Sequence[Condition] | None) -> list[Condition]:
    """Return the conditions without those that speak of one attempt: the next begins with none."""
    return [one for one in old or () if one.type not in _OF_ATTEMPT]


def with_facts(
    old: Sequence[Condition] | None, facts: Sequence[Fact], now: int, generation: int
) -> list[Condition]:
    """Return the conditions with the facts in them; the time of a status that stays the same stays too."""
    found = {one.type: one for one in old or ()}
    for fact in facts:
        status = ConditionStatus.TRUE if fact.holds else ConditionStatus.FALSE
        before = found.get(fact.type)
        since = before.last_transition_time if before and before.status is status else from_ms(now)
        found[fact.type] = Condition(
            type=fact.type,
            status=status,
            reason=fact.reason.value,
            message=cut(fact.message),
            last_transition_time=since,
            observed_generation=generation,
        )
    return list(found.values())


def holds(conditions: Sequence[Condition] | None, kind: str) -> bool:
    """Tell whether a condition is there and True."""
    return any(one.type == kind and one.status is ConditionStatus.TRUE for one in conditions or ())
