"""Which news of a status are worth a write."""

from __future__ import annotations

import pytest

from containertask.api.status import ContainerTaskStatus, Phase, WaitingFor
from containertask.core.worth import worth_writing

OLD = ContainerTaskStatus(phase=Phase.RUNNING, reason="MainRunning", attempt=0, pod_name="p-0")


@pytest.mark.parametrize(
    ("change", "worth"),
    [
        ({}, False),
        ({"message": "other words"}, False),
        ({"observed_generation": 2}, False),
        ({"phase": Phase.UPLOADING}, True),
        ({"reason": "NodeLost"}, True),
        ({"attempt": 1}, True),
        ({"pod_name": "p-1"}, True),
        ({"waiting_for": WaitingFor(reason="ImagePull", message="")}, True),
    ],
)
def test_news_that_people_act_on_are_written(change: dict[str, object], worth: bool) -> None:  # noqa: FBT001
    assert worth_writing(OLD, OLD.model_copy(update=change)) is worth
