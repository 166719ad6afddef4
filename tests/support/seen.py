"""A ContainerTask as the API server showed it, and what its end has to say."""

from __future__ import annotations

from dataclasses import dataclass

from support.cluster import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed end: reason, whose fault it is, what the message names, which input, output, container."""

    reason: str
    kind: str
    says: tuple[str, ...]
    origin: str | None = None
    container: str | None = None
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One state of a task."""

    raw: Json

    @property
    def name(self) -> str:
        name: str = self.raw["metadata"]["name"]
        return name

    @property
    def uid(self) -> str:
        uid: str = self.raw["metadata"]["uid"]
        return uid

    @property
    def status(self) -> Json:
        status: Json = self.raw.get("status", {})
        return status

    @property
    def phase(self) -> str:
        phase: str = self.status.get("phase", "")
        return phase

    @property
    def reason(self) -> str:
        reason: str = self.status.get("reason", "")
        return reason

    @property
    def message(self) -> str:
        message: str = self.status.get("message", "")
        return message

    @property
    def attempt(self) -> int | None:
        attempt: int | None = self.status.get("attempt")
        return attempt

    @property
    def waiting_for(self) -> Json:
        waiting: Json = self.status.get("waitingFor", {})
        return waiting

    @property
    def values(self) -> Json:
        """Return the outputs' values by name."""
        return {one["name"]: one.get("value") for one in self.status.get("outputs", [])}

    @property
    def conditions(self) -> dict[str, tuple[str, str]]:
        """Return status and reason of each condition."""
        every = self.status.get("conditions", [])
        return {one["type"]: (one["status"], one["reason"]) for one in every}

    def pod_name(self, attempt: int = 0) -> str:
        """Return the name that the Pod of an attempt has."""
        return f"{self.name}-{self.uid[:5]}-{attempt}"


def assert_succeeded(task: Seen, **values: object) -> None:
    """Assert that a task ended well, says so everywhere, and has just these outputs."""
    assert (task.phase, task.reason) == ("Succeeded", "Succeeded"), task.status
    assert task.values == values
    assert task.status["exitCode"] == 0
    assert task.status["podName"] == task.pod_name(task.attempt or 0)
    for condition in ("Complete", "Finished"):
        assert task.conditions[condition] == ("True", "Succeeded")
    for condition in ("Accepted", "InputsReady", "Started", "OutputsUploaded"):
        assert task.conditions[condition][0] == "True"
    _assert_ended(task, absent={"error", "message", "waitingFor"}, not_true={"Failed"})
    order = ["created", "podCreated", "scheduled", "inputsReady", "started", "finished", "uploaded"]
    assert set(task.status["timeline"]) == {*order, "completed"}


def assert_failed(task: Seen, failure: Failure, **values: object) -> None:
    """Assert that a task failed for this reason, says so everywhere, and kept just these outputs."""
    assert (task.phase, task.reason) == ("Failed", failure.reason), task.status
    for word in failure.says:
        assert word in task.message
    error = dict(task.status["error"])
    assert error.pop("message") == task.message
    named = {"origin": failure.origin, "container": failure.container}
    wanted = {"code": failure.reason, "kind": failure.kind, **named}
    assert error == {name: value for name, value in wanted.items() if value is not None}
    assert task.status.get("exitCode") == failure.exit_code
    assert task.values == values
    for condition in ("Failed", "Finished"):
        assert task.conditions[condition] == ("True", failure.reason)
    _assert_ended(task, absent={"waitingFor"}, not_true={"Complete"})


def assert_cancelled(task: Seen, **values: object) -> None:
    """Assert that a task was cancelled, says so everywhere, and kept just these outputs."""
    assert (task.phase, task.reason) == ("Cancelled", "Cancelled"), task.status
    assert "spec.cancel" in task.message
    assert task.values == values
    for condition in ("Failed", "Finished"):
        assert task.conditions[condition] == ("True", "Cancelled")
    _assert_ended(task, absent={"error", "waitingFor"}, not_true={"Complete"})


def _assert_ended(task: Seen, *, absent: set[str], not_true: set[str]) -> None:
    assert not absent & set(task.status)
    assert not {kind for kind in not_true if task.conditions.get(kind, ("", ""))[0] == "True"}
    assert task.status["observedGeneration"] == task.raw["metadata"]["generation"]
    assert {"created", "completed"} <= set(task.status["timeline"])
    assert task.status["duration"]
