"""What a task's own rules make of the end of an attempt, and what more memory makes of the next one."""

from __future__ import annotations

from typing import Final

import pytest

from support.attempts import SOON, failures, pods, reasons, records
from support.cluster import Json
from support.modes import GATED, SIGNAL, in_modes
from support.seen import assert_succeeded
from support.tasks import Tasks, shell
from support.working import COUNTS, A


def rule(action: str, **when: object) -> Json:
    return {**when, "action": action}


def ends_by(*codes: int) -> str:
    """Return a script that writes its output and ends each attempt by its own exit code."""
    cases = " ".join(f"{number}) exit {code};;" for number, code in enumerate(codes))
    return f"{COUNTS}; case $CT_ATTEMPT in {cases} esac"


RULES: Final[dict[str, tuple[Json, list[Json], list[str], int | None]]] = {
    "retry": (
        shell(ends_by(75, 7)),
        [rule("Retry", exitCodes=[75]), rule("Fail", reasons=["NonZeroExit"])],
        ["NonZeroExit"] * 2,
        7,
    ),
    "fail": (shell(ends_by(7)), [rule("Fail", exitCodes=[3, 7])], ["NonZeroExit"], 7),
    "first-that-fits": (
        shell(ends_by(7, 0)),
        [rule("Fail", exitCodes=[3]), rule("Retry", exitCodes=[7]), rule("Fail", exitCodes=[7])],
        ["NonZeroExit", "Succeeded"],
        0,
    ),
    "succeed": (shell(ends_by(3)), [rule("Succeed", exitCodes=[3])], ["Succeeded"], 3),
    "succeed-without-output": (
        shell("exit 3"),
        [rule("Succeed", exitCodes=[3])],
        ["OutputMissing"] * 3,
        3,
    ),
    "what-is-final-otherwise": (
        shell("", command=["no-such-program"]),
        [rule("Retry", reasons=["CommandNotFound"])],
        ["CommandNotFound"] * 3,
        None,
    ),
}


@in_modes(GATED, SIGNAL)
@pytest.mark.parametrize("case", RULES)
def test_rules_decide_by_exit_code_and_reason_what_follows(here: Tasks, case: str) -> None:
    spec, rules, ends, code = RULES[case]
    retries = {"limit": 2, "backoff": {**SOON, "factor": 1}, "rules": rules}
    task = here.run(case, {**spec, "outputs": A, "retries": retries})
    assert (task.reason, reasons(task)) == (ends[-1], ends)
    assert failures(task) == (sum(one != "Succeeded" for one in ends), 0)
    if code is not None:
        assert task.status["exitCode"] == code
    if task.phase == "Succeeded":
        assert task.values == {"a": len(ends) - 1}


# --- With more memory ------------------------------------------------------------------------------

NEEDS: Final = "dd if=/dev/zero of=/dev/null bs=100M count=1"


@in_modes()
def test_a_command_that_ran_out_of_memory_gets_more_until_it_has_enough(here: Tasks) -> None:
    retries = {"limit": 1, "backoff": SOON, "onOOM": {"memoryPercent": 200, "max": "256Mi"}}
    resources = {"limits": {"memory": "64Mi"}, "requests": {"memory": "16Mi"}}
    task = here.run("hungry", shell(f"{NEEDS}; {COUNTS}", outputs=A, retries=retries, resources=resources))
    assert_succeeded(task, a=1)
    assert (failures(task), reasons(task)) == ((1, 0), ["OOMKilled", "Succeeded"])
    assert [one["memoryLimit"] for one in records(task)] == ["64Mi", "128Mi"]
    assert [memory(pod) for pod in pods(here, "hungry")] == [("64Mi", "16Mi"), ("128Mi", "32Mi")]


def memory(pod: Json) -> tuple[str, str]:
    """Return limit and request of ``main``."""
    main = next(one for one in pod["spec"]["containers"] if one["name"] == "main")
    return main["resources"]["limits"]["memory"], main["resources"]["requests"]["memory"]
