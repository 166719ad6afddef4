"""What contradicts itself in ``spec.retries``: the rules of the CRD, and one that CEL does not compare."""

from __future__ import annotations

from collections.abc import Iterator

from containertask.api.base import DURATION_BOUNDS, MAX_DURATION
from containertask.api.clocks import duration_seconds
from containertask.api.problem import Problem, broken
from containertask.api.quantity import to_bytes
from containertask.api.retries import (
    MORE_THAN_ONE,
    RULE_SAYS_WHEN,
    SUCCEED_BY_EXIT_CODE,
    OnOOM,
    Retries,
    RetryAction,
    RetryRule,
)
from containertask.api.spec import ContainerTaskSpec
from containertask.api.specrules import MEMORY_TO_GROW

_WHERE = "spec.retries"


def retries_of(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Name everything that contradicts itself."""
    retries = spec.retries
    if retries is None:
        return
    for index, rule in enumerate(retries.rules or ()):
        yield from _rule(f"{_WHERE}.rules[{index}]", rule)
    yield from _durations(retries)
    if retries.on_oom is not None:
        yield from _memory(spec, retries, retries.on_oom)


def _rule(where: str, rule: RetryRule) -> Iterator[Problem]:
    if rule.exit_codes is None and rule.reasons is None:
        yield broken(RULE_SAYS_WHEN, where)
    if rule.action is RetryAction.SUCCEED and (rule.exit_codes is None or rule.reasons is not None):
        yield broken(SUCCEED_BY_EXIT_CODE, where)


def _durations(retries: Retries) -> Iterator[Problem]:
    backoff = retries.backoff
    for field, duration in (("base", backoff.base), ("cap", backoff.cap)) if backoff else ():
        if not 1 <= duration_seconds(duration) <= MAX_DURATION:
            yield broken(DURATION_BOUNDS, f"{_WHERE}.backoff.{field}")


def _memory(spec: ContainerTaskSpec, retries: Retries, more: OnOOM) -> Iterator[Problem]:
    if retries.limit == 0:
        yield broken(MORE_THAN_ONE, _WHERE)
    limit = (spec.resources.limits or {}).get("memory") if spec.resources else None
    if limit is None:
        yield broken(MEMORY_TO_GROW, "spec")
    elif to_bytes(more.max) < to_bytes(limit):
        text = "it is less than resources.limits.memory, with which the first attempt runs: raise it"
        yield Problem(f"{_WHERE}.onOOM.max", text)
