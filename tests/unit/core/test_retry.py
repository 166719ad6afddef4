"""Whether another attempt follows, and when: the budgets, the rules, the back-off."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.api.classification import CLASSES, RULED, Class, classify
from containertask.api.reasons import Reason
from containertask.api.retries import Backoff
from containertask.core.accept import Accepted, accept
from containertask.core.retry import Decision, decide, delay, excused
from containertask.core.verdict import Verdict
from support.builders import NOW, a_task

Json = dict[str, Any]

UNLIMITED: Final = {"limit": 100, "systemLimit": 100}
SECOND = 1_000


def decided(
    retries: Json | None, reason: Reason, *, code: int | None = None, user: int = 0, system: int = 0
) -> Decision:
    """Return what follows an attempt with this end, after so many failures before it."""
    task = a_task(retries=retries).status(userFailures=user, systemFailures=system).view()
    accepted = accept(task)
    assert isinstance(accepted, Accepted)
    return decide(task, accepted.spec, Verdict(reason=reason, exit_code=code), user + system, NOW)


def follows(decision: Decision) -> bool:
    return decision.at is not None


@pytest.mark.parametrize("reason", CLASSES)
def test_the_class_of_an_end_decides_whether_another_attempt_follows(reason: Reason) -> None:
    found = decided(UNLIMITED, reason)
    assert follows(found) is (CLASSES[reason] in {Class.USER, Class.SYSTEM})


@pytest.mark.parametrize(
    ("reason", "user", "system"),
    [
        (Reason.NON_ZERO_EXIT, 1, 0),
        (Reason.COMMAND_NOT_FOUND, 1, 0),
        (Reason.EVICTED, 0, 1),
        (Reason.DOWNLOAD_TIMEOUT, 0, 1),
        (Reason.POD_REFUSED, 0, 0),
        (Reason.DEADLINE_EXCEEDED, 0, 0),
    ],
)
def test_a_failure_is_charged_to_whom_it_belongs(reason: Reason, user: int, system: int) -> None:
    found = decided(None, reason)
    assert (found.user_failures, found.system_failures) == (user, system)


def test_without_a_word_of_the_user_the_cluster_has_three_retries_and_the_command_none() -> None:
    assert not follows(decided(None, Reason.NON_ZERO_EXIT, code=1))
    assert [follows(decided(None, Reason.EVICTED, system=spent)) for spent in range(5)] == [
        *[True] * 3,
        *[False] * 2,
    ]


def test_neither_budget_pays_for_the_other() -> None:
    both = {"limit": 1, "systemLimit": 1}
    assert follows(decided(both, Reason.NON_ZERO_EXIT, user=0, system=7))
    assert not follows(decided(both, Reason.NON_ZERO_EXIT, user=1))
    assert follows(decided(both, Reason.NODE_LOST, user=7, system=0))
    assert not follows(decided(both, Reason.NODE_LOST, system=1))


def test_a_registry_that_is_too_busy_is_the_systems_failure() -> None:
    for words in ("429 Too Many Requests", "toomanyrequests: You have reached your pull rate limit"):
        assert classify(Reason.IMAGE_PULL_FAILED, f"main: ErrImagePull: {words}") is Class.SYSTEM
    assert classify(Reason.IMAGE_PULL_FAILED, "main: sha256:4290 not found") is Class.USER_FINAL


def rule(action: str, **when: object) -> Json:
    return {**UNLIMITED, "rules": [{"action": action, **when}]}


def test_a_rule_that_says_fail_is_obeyed_whatever_is_left() -> None:
    assert not follows(decided(rule("Fail", reasons=["Evicted"]), Reason.EVICTED))
    assert not follows(decided(rule("Fail", exitCodes=[3, 4]), Reason.NON_ZERO_EXIT, code=4))
    assert follows(decided(rule("Fail", exitCodes=[3, 4]), Reason.NON_ZERO_EXIT, code=5))


def test_a_rule_that_says_retry_is_for_what_is_not_by_default_and_within_the_users_budget() -> None:
    again = rule("Retry", reasons=["ImagePullFailed", "PodRefused"])
    assert follows(decided(again, Reason.IMAGE_PULL_FAILED))
    assert decided(again, Reason.POD_REFUSED).user_failures == 1
    assert not follows(decided({**again, "limit": 1}, Reason.POD_REFUSED, user=1))


def test_a_rule_needs_all_that_it_names_and_the_first_that_fits_decides() -> None:
    rules = [
        {"exitCodes": [1], "reasons": ["UserError"], "action": "Fail"},
        {"exitCodes": [1], "action": "Retry"},
        {"exitCodes": [1], "action": "Fail"},
    ]
    found = {**UNLIMITED, "rules": rules}
    assert follows(decided(found, Reason.NON_ZERO_EXIT, code=1))
    assert not follows(decided(found, Reason.USER_ERROR, code=1))


@pytest.mark.parametrize("reason", [Reason.CANCELLED, Reason.DEADLINE_EXCEEDED])
def test_no_rule_brings_back_what_somebody_ended(reason: Reason) -> None:
    assert not follows(decided(rule("Retry", exitCodes=[143]), reason, code=143))


def test_an_exit_code_can_be_a_success_if_the_command_chose_it() -> None:
    accepted = accept(a_task(retries=rule("Succeed", exitCodes=[3, 137])).view())
    assert isinstance(accepted, Accepted)
    chosen = Verdict(reason=Reason.NON_ZERO_EXIT, message="no", exit_code=3)
    assert excused(accepted.spec, chosen).succeeded
    for other in (Verdict(reason=Reason.OOM_KILLED, exit_code=137), Verdict(reason=Reason.EVICTED)):
        assert excused(accepted.spec, other) == other


def test_a_rule_that_calls_an_exit_code_a_success_stands_in_no_other_rules_way() -> None:
    rules = [{"exitCodes": [3], "action": "Succeed"}, {"reasons": ["OutputMissing"], "action": "Fail"}]
    found = {**UNLIMITED, "rules": rules}
    assert not follows(decided(found, Reason.OUTPUT_MISSING, code=3))


def test_every_reason_that_a_rule_may_name_can_end_an_attempt() -> None:
    assert {Reason.NON_ZERO_EXIT, Reason.EVICTED, Reason.POD_REFUSED} <= set(RULED)
    assert not {Reason.CANCELLED, Reason.DEADLINE_EXCEEDED, Reason.INVALID_SPEC} & set(RULED)


def test_a_backoff_grows_to_its_cap_and_is_at_most_a_tenth_shorter() -> None:
    waits = [delay(None, failures, "key") / SECOND for failures in range(1, 9)]
    for found, longest in zip(waits, [10, 20, 40, 80, 160, 300, 300, 300], strict=True):
        assert longest * 0.9 <= found <= longest
    assert delay(Backoff(base="1s", factor=1), 50, "key") <= SECOND
    assert delay(Backoff(factor=10), 200, "key") <= 300 * SECOND


@given(uid=st.uuids(), attempt=st.integers(0, 200))
def test_a_backoff_is_the_same_however_often_it_is_asked_for(uid: object, attempt: int) -> None:
    key = f"{uid}/{attempt}"
    assert delay(None, 1, key) == delay(None, 1, key)
    assert 9_000 <= delay(None, 1, key) <= 10_000


def test_what_failed_together_does_not_begin_together() -> None:
    assert len({delay(None, 1, f"{number}/0") for number in range(100)}) > 90
