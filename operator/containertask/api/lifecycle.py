"""The fields of ``spec`` that say how long a task may take, how often it is tried, and when it is over."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import Field

from containertask.api.base import BY_NAME, ApiModel
from containertask.api.clocks import Timeout
from containertask.api.retries import Retries


class PodRetention(enum.StrEnum):
    """Whether the Pod stays when the task has ended."""

    ALWAYS = "Always"
    ON_FAILURE = "OnFailure"
    NEVER = "Never"


class Lifecycle(ApiModel):
    """How often a task is tried, how long it may take, and what is left of it."""

    retries: Annotated[
        Retries | None,
        Field(
            description="How often an attempt that failed is followed by another, such as `{limit: 2}`. "
            "Default: never for the user's failures, three times for the cluster's."
        ),
    ] = None
    interruptible: Annotated[
        bool | None,
        Field(
            description="True lets attempts run on nodes that can be taken away (what these are is for the "
            "operator's chart to say); the last that `retries.systemLimit` allows does not. Default: false."
        ),
    ] = None
    timeout: Annotated[Timeout | None, Field(description="Limits in time, such as `{execution: 1h}`.")] = None
    ttl_seconds_after_finished: Annotated[
        int | None,
        Field(
            ge=0,
            le=2**31 - 1,
            description="Seconds after its end at which the task is deleted, with its status, such as "
            "`3600`. Default: the operator's, seven days unless its chart says otherwise. May change.",
        ),
    ] = None
    pod_retention: Annotated[
        PodRetention,
        BY_NAME,
        Field(
            description="Whether the Pod stays when the task has ended: `Always`, `OnFailure` or `Never`. "
            "Its log goes with it. Default: Always."
        ),
    ] = PodRetention.ALWAYS


class Steering(ApiModel):
    """What is said to one task while it is there: no two runs share it."""

    suspend: Annotated[
        bool | None,
        Field(description="While true, no Pod lives; false again starts the next attempt. May change."),
    ] = None
    cancel: Annotated[
        bool | None,
        Field(description="True ends the task as Cancelled, keeping what was written so far. Never back."),
    ] = None
