"""``ContainerTask.status``: what the operator writes and people, scripts and other tasks read."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import Field

from containertask.api.base import AnyJson, FreeObject, StatusModel, list_map
from containertask.contract import MAX_URI

Text = Annotated[str, Field(max_length=1024)]
Reason = Annotated[str, Field(max_length=64, pattern=r"^[A-Z][A-Za-z0-9]*$")]
Time = Annotated[str, Field(max_length=32, json_schema_extra={"format": "date-time"})]


MAX_DEPENDENCIES: Final = 200
"""How many other tasks one may take outputs of: a status has at most 32 KiB."""
MAX_RECORDS: Final = 10
"""How many ended attempts a status tells of."""


class Phase(enum.StrEnum):
    """Where a task stands, in one word, for people. Scripts read conditions."""

    PENDING = "Pending"
    QUEUED = "Queued"
    INITIALIZING = "Initializing"
    RUNNING = "Running"
    UPLOADING = "Uploading"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


class ConditionStatus(enum.StrEnum):
    """Value of a condition."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Condition(StatusModel):
    """One aspect of the task's state, as in metav1.Condition."""

    type: Annotated[str, Field(max_length=64, description="Aspect, such as `Complete` or `InputsReady`.")]
    status: Annotated[ConditionStatus, Field(description="Whether it holds.")]
    reason: Annotated[Reason, Field(description="Why, in one CamelCase word.")]
    message: Annotated[Text, Field(description="Why, for people.")] = ""
    last_transition_time: Annotated[Time, Field(description="When status last changed.")]
    observed_generation: Annotated[int | None, Field(description="Generation of spec it speaks about.")] = (
        None
    )


class TaskError(StatusModel):
    """What went wrong, and where."""

    code: Annotated[str, Field(max_length=64, description="The reason, such as `OutputInvalid`.")]
    kind: Annotated[str, Field(max_length=16, description="`User`, `System` or `Permanent`.")]
    origin: Annotated[str | None, Field(max_length=64, description="Input or output at fault.")] = None
    message: Annotated[Text, Field(description="What happened and what to do.")]
    container: Annotated[str | None, Field(max_length=63, description="Container that said so.")] = None


class OutputValue(StatusModel):
    """One output as it was read back."""

    name: Annotated[str, Field(max_length=63, description="Name of the output.")]
    type: Annotated[str, Field(max_length=1024, description="Its type.")]
    value: Annotated[AnyJson, Field(description="Its value, as JSON.")] = None
    uri: Annotated[
        str | None,
        Field(
            max_length=MAX_URI,
            description="Where it is kept: the file, directory or dataset itself, or a file with its value.",
        ),
    ] = None
    size: Annotated[
        int | None, Field(description="Bytes of its files, or of the JSON where it is a value with parts.")
    ] = None
    sha256: Annotated[
        str | None,
        Field(
            max_length=64,
            description="Digest of them; of a folder, of its list. Absent where many outputs leave no room.",
        ),
    ] = None


class Timeline(StatusModel):
    """When the task passed each station, with milliseconds where they are known."""

    created: Annotated[Time | None, Field(description="The task was created.")] = None
    pod_created: Annotated[Time | None, Field(description="Its Pod was created.")] = None
    scheduled: Annotated[Time | None, Field(description="The Pod got a node.")] = None
    inputs_ready: Annotated[Time | None, Field(description="The inputs were on disk.")] = None
    started: Annotated[Time | None, Field(description="The command started.")] = None
    finished: Annotated[Time | None, Field(description="The command ended.")] = None
    uploaded: Annotated[Time | None, Field(description="The outputs were read and stored.")] = None
    completed: Annotated[Time | None, Field(description="The task ended.")] = None


class Usage(StatusModel):
    """What the command used, as its cgroup counted."""

    cpu_milliseconds: Annotated[int | None, Field(description="CPU time.")] = None
    memory_peak_bytes: Annotated[int | None, Field(description="Most memory at one moment.")] = None
    bytes_in: Annotated[int | None, Field(description="Bytes of inputs that were fetched.")] = None
    bytes_out: Annotated[int | None, Field(description="Bytes of outputs and logs that were stored.")] = None


class AttemptRecord(StatusModel):
    """One attempt that has ended."""

    attempt: Annotated[int, Field(description="Its number, from 0.")]
    reason: Annotated[Reason, Field(description="How it ended, such as `Evicted` or `Succeeded`.")]
    message: Annotated[str | None, Field(max_length=256, description="The same for people.")] = None
    pod_name: Annotated[str | None, Field(max_length=253, description="Its Pod.")] = None
    node_name: Annotated[str | None, Field(max_length=253, description="The node of that Pod.")] = None
    exit_code: Annotated[int | None, Field(description="Exit code of the command.")] = None
    memory_limit: Annotated[
        str | None, Field(max_length=64, description="Memory of the command, where `onOOM` may raise it.")
    ] = None
    started_at: Annotated[Time | None, Field(description="When the command, or else the Pod, started.")] = (
        None
    )
    finished_at: Annotated[Time | None, Field(description="When the attempt ended.")] = None


class Dependency(StatusModel):
    """Another task whose output is an input of this one."""

    name: Annotated[str, Field(max_length=63, description="Its name.")]
    uid: Annotated[str, Field(max_length=64, description="Its uid, from when it was first seen.")]


class TemplateRecord(StatusModel):
    """The template that the task runs, as it stood when the task began: later edits change nothing."""

    kind: Annotated[str, Field(max_length=64, description="Its kind.")]
    name: Annotated[str, Field(max_length=253, description="Its name.")]
    generation: Annotated[int, Field(description="Generation of its spec.")]
    digest: Annotated[str, Field(max_length=64, description="SHA-256 of its spec as JSON, keys sorted.")]
    spec: Annotated[FreeObject, Field(description="Its spec, which all attempts run.")]


class WaitingFor(StatusModel):
    """What an unfinished task waits for."""

    reason: Annotated[Reason, Field(description="What kind of thing, such as `Unschedulable`.")]
    message: Annotated[Text, Field(description="What exactly, and what to do about it.")]
    since: Annotated[Time | None, Field(description="Since when, as far as the operator saw it.")] = None


class ContainerTaskStatus(StatusModel):
    """State of the task as the operator last saw it."""

    phase: Annotated[Phase | None, Field(description="Where the task stands, in one word.")] = None
    reason: Annotated[Reason | None, Field(description="Why, in one CamelCase word.")] = None
    message: Annotated[Text | None, Field(description="Why, for people.")] = None
    observed_generation: Annotated[int | None, Field(description="Generation of spec it speaks about.")] = (
        None
    )
    conditions: Annotated[
        list[Condition] | None,
        Field(max_length=16, json_schema_extra=list_map("type"), description="Aspects of the state."),
    ] = None
    attempt: Annotated[int | None, Field(description="Number of the current attempt, from 0.")] = None
    user_failures: Annotated[
        int | None, Field(description="Attempts that failed by the user's fault: never fewer than before.")
    ] = None
    system_failures: Annotated[
        int | None, Field(description="Attempts that failed by the cluster's fault: never fewer than before.")
    ] = None
    next_attempt_time: Annotated[
        Time | None, Field(description="When the next attempt begins, or was to begin while it is queued.")
    ] = None
    attempts: Annotated[
        list[AttemptRecord] | None,
        Field(
            max_length=MAX_RECORDS,
            json_schema_extra=list_map("attempt"),
            description="The newest attempts that have ended, oldest first.",
        ),
    ] = None
    pod_name: Annotated[str | None, Field(max_length=253, description="Pod of the current attempt.")] = None
    node_name: Annotated[str | None, Field(max_length=253, description="Node of that Pod.")] = None
    exit_code: Annotated[int | None, Field(description="Exit code of the command.")] = None
    duration: Annotated[str | None, Field(max_length=32, description="From creation to end.")] = None
    error: Annotated[TaskError | None, Field(description="What went wrong.")] = None
    outputs: Annotated[
        list[OutputValue] | None,
        Field(max_length=32, json_schema_extra=list_map("name"), description="Typed outputs."),
    ] = None
    outputs_uri: Annotated[
        str | None,
        Field(
            alias="outputsURI",
            max_length=MAX_URI,
            description="Folder of the attempt in its store: `outputs.json` there lists all that it left.",
        ),
    ] = None
    logs_uri: Annotated[
        str | None,
        Field(alias="logsURI", max_length=MAX_URI, description="Folder of what the command said."),
    ] = None
    template: Annotated[
        TemplateRecord | None, Field(description="The template that `spec.templateRef` named, as it was.")
    ] = None
    dependencies: Annotated[
        list[Dependency] | None,
        Field(
            max_length=MAX_DEPENDENCIES,
            json_schema_extra=list_map("name"),
            description="Other tasks whose outputs are inputs of this one.",
        ),
    ] = None
    timeline: Annotated[Timeline | None, Field(description="When each station was passed.")] = None
    usage: Annotated[Usage | None, Field(description="What the command used.")] = None
    waiting_for: Annotated[WaitingFor | None, Field(description="What an unfinished task waits for.")] = None
