"""Specs that are refused for what they say of retries."""

from __future__ import annotations

from support.refusals import Refusal
from support.specs import Json

WHEN = "a rule says when it counts: set exitCodes, reasons or both"
SUCCEED = "action Succeed is for exit codes of the command: set exitCodes, and leave reasons out"
LIMIT = "onOOM gives the next attempt more memory, and limit 0 allows no other: set limit"
MEMORY = "onOOM raises resources.limits.memory, and there is none: set it"
DURATION = "write a duration in hours, minutes and seconds, such as 30s, 5m or 1h30m"
BOUNDS = "a duration is at least 1s and at most ten years (87600h)"


def retries(**fields: object) -> Json:
    return {"retries": fields}


def rule(**fields: object) -> Json:
    return retries(rules=[fields])


def more(limit: int = 1, largest: str = "4Gi") -> Json:
    return {
        "resources": {"limits": {"memory": "1Gi"}},
        **retries(limit=limit, onOOM={"memoryPercent": 200, "max": largest}),
    }


RETRIES: dict[str, Refusal] = {
    "a retry rule for nothing": Refusal(rule(action="Fail"), "spec.retries.rules", WHEN),
    "a retry rule that calls every end a success": Refusal(
        rule(reasons=["Evicted"], action="Succeed"), "spec.retries.rules", SUCCEED
    ),
    "a success that is also bound to a reason": Refusal(
        rule(exitCodes=[3], reasons=["NonZeroExit"], action="Succeed"),
        "spec.retries.rules",
        SUCCEED,
    ),
    "more memory without another attempt": Refusal(more(limit=0), "spec.retries.onOOM", LIMIT),
    "more memory where none is set": Refusal(
        retries(limit=1, onOOM={"memoryPercent": 200, "max": "4Gi"}), "spec.retries.onOOM", MEMORY
    ),
    "a largest memory that is no quantity": Refusal(
        more(largest="lots"), "spec.retries.onOOM.max", "write a quantity with a unit, such as 16Gi"
    ),
    "a back-off without a unit": Refusal(
        retries(backoff={"base": "10"}), "spec.retries.backoff.base", DURATION
    ),
    "a back-off of nothing": Refusal(retries(backoff={"cap": "0s"}), "spec.retries.backoff.cap", BOUNDS),
}
