"""Whether another attempt follows one that failed, and when: the two budgets, their rules, the back-off.

Pure. Both budgets only ever grow, and stand in the status, so no restart refills them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from containertask.api.classification import Class, classify
from containertask.api.clocks import duration_seconds
from containertask.api.reasons import Kind, Reason
from containertask.api.retries import Backoff, Retries, RetryAction, RetryRule
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import ContainerTaskStatus
from containertask.core.task import TaskView
from containertask.core.verdict import Verdict

_BY_ITSELF: Final = frozenset({Reason.NON_ZERO_EXIT})
"""An end that the command chose without a word of error: only such an exit code can be a success."""
_JITTER: Final = 0.1
"""By how much a back-off may be shorter, so that what failed together does not begin together."""
_STEPS: Final = 64
"""After so many steps every back-off has come to its cap."""
_NO_RETRIES: Final = Retries()
_NO_BACKOFF: Final = Backoff()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows an attempt; ``at`` is when the next begins in Unix milliseconds, None if none does."""

    user_failures: int
    system_failures: int
    at: int | None = None


def spent(task: TaskView) -> Decision:
    """Return what is spent of the budgets so far."""
    status = task.status
    return Decision(user_failures=status.user_failures or 0, system_failures=status.system_failures or 0)


def retries_of(spec: ContainerTaskSpec) -> Retries:
    """Return what the task says of retries, or what holds without."""
    return spec.retries or _NO_RETRIES


def excused(spec: ContainerTaskSpec, verdict: Verdict) -> Verdict:
    """Return the verdict, as a success where a rule says so of the exit code."""
    rule = _rule(spec, verdict)
    if rule is None or rule.action is not RetryAction.SUCCEED:
        return verdict
    return replace(verdict, reason=None, message="", container=None, origin=None, excused=True)


def decide(task: TaskView, spec: ContainerTaskSpec, verdict: Verdict, attempt: int, now: int) -> Decision:
    """Decide about an attempt that came to this end."""
    before = spent(task)
    if verdict.reason is None:
        return before
    rule, found = _rule(spec, verdict), classify(verdict.reason, verdict.message)
    forced = rule is not None and rule.action is RetryAction.RETRY and found is not Class.TERMINAL
    charged = _charged(before, found, forced=forced)
    forbidden = rule is not None and rule.action is RetryAction.FAIL
    if forbidden or not (forced or (found in {Class.USER, Class.SYSTEM} and not verdict.final)):
        return charged
    if not _affordable(retries_of(spec), charged, found):
        return charged
    failures = charged.user_failures + charged.system_failures
    return replace(charged, at=now + delay(retries_of(spec).backoff, failures, f"{task.uid}/{attempt}"))


def interruptible(spec: ContainerTaskSpec, status: ContainerTaskStatus) -> bool:
    """Tell whether the next attempt may run on nodes that can be taken away: the last one may not."""
    return bool(spec.interruptible) and (status.system_failures or 0) < retries_of(spec).system_limit


def delay(backoff: Backoff | None, failures: int, key: str) -> int:
    """Return how long to wait after so many failures, in milliseconds; ``key`` decides about the jitter."""
    backoff = backoff or _NO_BACKOFF
    grown = duration_seconds(backoff.base) * backoff.factor ** min(failures - 1, _STEPS)
    seconds = min(grown, duration_seconds(backoff.cap))
    share = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32
    return int(seconds * 1000 * (1 - _JITTER * share))


def longest(spec: ContainerTaskSpec) -> int:
    """Return the longest back-off, in milliseconds."""
    backoff = retries_of(spec).backoff or _NO_BACKOFF
    return duration_seconds(backoff.cap) * 1000


def _rule(spec: ContainerTaskSpec, verdict: Verdict) -> RetryRule | None:
    """Return the first rule that fits. One for exit codes fits no end that others brought about."""
    own = verdict.reason is not None and classify(verdict.reason).kind is Kind.USER
    for rule in retries_of(spec).rules or ():
        by_code = rule.exit_codes is None or (own and verdict.exit_code in rule.exit_codes)
        by_reason = rule.reasons is None or verdict.reason in rule.reasons
        chosen = rule.action is not RetryAction.SUCCEED or verdict.reason in _BY_ITSELF
        if by_code and by_reason and chosen:
            return rule
    return None


def _charged(spent: Decision, found: Class, *, forced: bool) -> Decision:
    """Count the failure. What nothing would have tried again is nobody's failure, unless a rule says so."""
    match found:
        case Class.SYSTEM:
            return replace(spent, system_failures=spent.system_failures + 1)
        case Class.USER | Class.USER_FINAL:
            return replace(spent, user_failures=spent.user_failures + 1)
        case Class.PERMANENT:
            return replace(spent, user_failures=spent.user_failures + forced)
        case Class.TERMINAL | Class.FREE:
            return spent


def _affordable(retries: Retries, spent: Decision, found: Class) -> bool:
    if found is Class.SYSTEM:
        return spent.system_failures <= retries.system_limit
    return spent.user_failures <= retries.limit
