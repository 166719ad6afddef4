"""Record what the API server answers that does not take a task's Pod: tests/recorded/refusals/*.json.

It is run as ``hack/recordends.py`` is. The operator's own builder makes the Pods, of a task that is there
and suspended.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from typing import Any, Final

import recordcluster  # first: it says which cluster is meant
from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, accept
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.podspec import build_pod
from containertask.core.task import task_view
from recorded.refused import QUESTIONS, Question
from recordends import FOLDER, say, versions, write
from support import tasks
from support.cluster import Json
from support.modes import START
from support.recordedends import told_of_refusal
from support.tasks import Tasks

_TRIES: Final = 300
"""The API server looks at its policies once a second and tells nobody: asking is the only way to know."""


def main(prefixes: list[str]) -> None:
    """Record the answers to the questions whose names begin so, or all."""
    wanted = [name for name in QUESTIONS if not prefixes or any(name.startswith(one) for one in prefixes)]
    with tasks.namespace("privileged") as here:
        for name in wanted:
            try:
                recording = answered(here, name, QUESTIONS[name])
            except (AssertionError, OSError, TypeError) as error:
                say(f"------- {name}: {str(error)[:600]}")
                continue
            write(FOLDER / f"refusals/{name}.json", recording)


def answered(here: Tasks, name: str, question: Question) -> Json:
    """Return the API server's answer to the Pod of a task that is there."""
    task = here.create(name, {**question.spec, "start": START[question.mode], "suspend": True})
    view = task_view(task.raw)
    accepted = accept(view)
    if not isinstance(accepted, Accepted):
        raise TypeError(f"{name}: {accepted.message}")
    mode = Mode(question.mode.capitalize())
    config = Config(image=tasks_image(), image_pull_policy="Never")
    pod = build_pod(view, accepted, Attempt(number=0, mode=mode), config)
    question.change(pod)
    with question.around(here) if question.around else nullcontext():
        answer = _asked(here, pod, question)
    refusal = {part: answer.get(part, "") for part in ("code", "reason", "message")}
    found = told_of_refusal(refusal, mode)
    say(f"{refusal['code']} {name}: {found.how} {found.reason}: {found.message[:400]}")
    return {"about": question.about, **versions(here), "mode": mode.value, "refusal": refusal}


def tasks_image() -> str:
    """Return the operator's image as it is in the cluster."""
    return recordcluster.IMAGES[0]


def _asked(here: Tasks, pod: Json, question: Question) -> Json:
    """Ask until the answer is what the question is about, and refuses."""
    answer: Json = {}
    for _ in range(_TRIES):
        answer = json.loads(_posted(here, pod, question.as_user))
        if answer["kind"] == "Status" and question.says in answer.get("message", ""):
            return answer
        time.sleep(0.1)
    raise AssertionError(f"the API server answers {json.dumps(answer)}")


def _posted(here: Tasks, pod: Json, user: str | None) -> bytes:
    """Return the answer to a dry run with strict fields, as the operator sends them."""
    connection: Any = here.core.api_client
    path = f"/api/v1/namespaces/{here.namespace}/pods?dryRun=All&fieldValidation=Strict"
    headers = {"Content-Type": "application/json", **({"Impersonate-User": user} if user else {})}
    url = f"{connection.configuration.host}{path}"
    answer: bytes = connection.rest_client.pool_manager.request(
        "POST", url, headers=headers, body=json.dumps(pod)
    ).data
    return answer


if __name__ == "__main__":
    main(sys.argv[1:])
