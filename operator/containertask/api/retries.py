"""``spec.retries``: how often an attempt that failed is followed by another, and when."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import (
    ATOMIC,
    BY_NAME,
    MAX_QUANTITY,
    QUANTITY_PATTERN,
    ApiModel,
    Duration,
    Rule,
    first_rules,
)
from containertask.api.classification import RULED
from containertask.api.structural import PATTERN_MESSAGE

MAX_RETRIES: Final = 100
SYSTEM_LIMIT: Final = 3
_REASONS: Final = [reason.value for reason in RULED]


class RetryAction(enum.StrEnum):
    """What a rule does with an end."""

    RETRY = "Retry"
    FAIL = "Fail"
    SUCCEED = "Succeed"


RULE_SAYS_WHEN: Final = Rule(
    "!has(self.rules) || self.rules.all(r, has(r.exitCodes) || has(r.reasons))",
    "a rule says when it counts: set exitCodes, reasons or both",
    ".rules",
)
SUCCEED_BY_EXIT_CODE: Final = Rule(
    "!has(self.rules) || self.rules.all(r, r.action != 'Succeed' || (has(r.exitCodes) && !has(r.reasons)))",
    "action Succeed is for exit codes of the command: set exitCodes, and leave reasons out",
    ".rules",
)


class RetryRule(ApiModel):
    """What to do about some ends of an attempt. The first rule that fits decides."""

    exit_codes: Annotated[
        list[Annotated[int, Field(ge=1, le=255)]] | None,
        Field(
            min_length=1,
            max_length=255,
            json_schema_extra=ATOMIC,
            description="Exit codes of the command that it is for, such as `[75]`. Default: any end.",
        ),
    ] = None
    reasons: Annotated[
        list[Annotated[str, Field(max_length=64, json_schema_extra={"enum": _REASONS})]] | None,
        Field(
            min_length=1,
            max_length=len(_REASONS),
            json_schema_extra=ATOMIC,
            description="Reasons that it is for, such as `[Evicted, NodeLost]`. Default: any reason.",
        ),
    ] = None
    action: Annotated[
        RetryAction,
        BY_NAME,
        Field(
            description="`Retry`: try again as far as the budget goes, even what is not by default. `Fail`: "
            "the task fails now. `Succeed`: such an exit code is a success, if all outputs are there."
        ),
    ]


class Backoff(ApiModel):
    """How long to wait before the next attempt: `base`, then `factor` times as long each time, to `cap`."""

    base: Annotated[Duration, Field(description="Before the first retry. Default: `10s`.")] = "10s"
    factor: Annotated[
        int, Field(ge=1, le=10, description="By how much it grows; 1 is not at all. Default: 2.")
    ] = 2
    cap: Annotated[Duration, Field(description="The longest wait. Default: `5m`.")] = "5m"


class OnOOM(ApiModel):
    """More memory for the attempt after one that ran out of it."""

    memory_percent: Annotated[
        int,
        Field(
            ge=101, le=1000, description="Memory of the next attempt in percent of the last, such as `200`."
        ),
    ]
    max: Annotated[
        str,
        Field(
            max_length=MAX_QUANTITY,
            pattern=QUANTITY_PATTERN,
            json_schema_extra={PATTERN_MESSAGE: "write a quantity with a unit, such as 16Gi"},
            description="The most memory that an attempt may get, such as `16Gi`.",
        ),
    ]


MORE_THAN_ONE: Final = Rule(
    "!has(self.onOOM) || self.limit > 0",
    "onOOM gives the next attempt more memory, and limit 0 allows no other: set limit",
    ".onOOM",
)


class Retries(ApiModel):
    """Two budgets, the user's and the system's, neither of which is ever refilled."""

    model_config = ConfigDict(
        json_schema_extra=first_rules(RULE_SAYS_WHEN, SUCCEED_BY_EXIT_CODE, MORE_THAN_ONE)
    )

    limit: Annotated[
        int,
        Field(
            ge=0,
            le=MAX_RETRIES,
            description="How often an attempt that failed by the user's fault (exit code, memory, outputs, "
            "`timeout.execution`) is followed by another. Default: 0.",
        ),
    ] = 0
    system_limit: Annotated[
        int,
        Field(
            ge=0,
            le=MAX_RETRIES,
            description="The same for what the cluster does to an attempt (eviction, preemption, a lost "
            "node, a store that does not answer). Default: 3.",
        ),
    ] = SYSTEM_LIMIT
    backoff: Annotated[
        Backoff | None, Field(description="How long to wait before a retry, such as `{base: 30s}`.")
    ] = None
    rules: Annotated[
        list[RetryRule] | None,
        Field(
            max_length=16,
            json_schema_extra=ATOMIC,
            description="Exceptions, such as `[{exitCodes: [75], action: Retry}]`; the first that fits.",
        ),
    ] = None
    on_oom: Annotated[
        OnOOM | None,
        Field(
            alias="onOOM",
            description="More memory after an attempt that ran out of it: `{memoryPercent: 200, max: 16Gi}`.",
        ),
    ] = None
