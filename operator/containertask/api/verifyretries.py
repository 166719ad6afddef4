"""What contradicts itself in ``spec.retries``: the rules of the CRD, and one that CEL does not compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
from containertask.api.spec import Recipe
from containertask.api.specrules import MEMORY_TO_GROW

_WHERE = "spec.retries"


def retries_of(spec: Recipe) -> Iterator[Problem]:
    """Name everything that contradicts itself."""
    retries = spec.retries
    if retries is None:
        return
    yield from _rules(retries.rules or ())
    yield from _durations(retries)
    if retries.on_oom is not None:
        yield from _memory(spec, retries, retries.on_oom)


def _rules(rules: Sequence[RetryRule]) -> Iterator[Problem]:
    if any(rule.exit_codes is None and rule.reasons is None for rule in rules):
        yield broken(RULE_SAYS_WHEN, _WHERE)
    by_code = [rule for rule in rules if rule.action is RetryAction.SUCCEED]
    if any(rule.exit_codes is None or rule.reasons is not None for rule in by_code):
        yield broken(SUCCEED_BY_EXIT_CODE, _WHERE)


def _durations(retries: Retries) -> Iterator[Problem]:
    backoff = retries.backoff
    for field, duration in (("base", backoff.base), ("cap", backoff.cap)) if backoff else ():
        if not 1 <= duration_seconds(duration) <= MAX_DURATION:
            yield broken(DURATION_BOUNDS, f"{_WHERE}.backoff.{field}")


def _memory(spec: Recipe, retries: Retries, more: OnOOM) -> Iterator[Problem]:
    if retries.limit == 0:
        yield broken(MORE_THAN_ONE, _WHERE)
    limits, requests = (
        (spec.resources.limits or {}, spec.resources.requests or {}) if spec.resources else ({}, {})
    )
    if "memory" not in limits:
        yield broken(MEMORY_TO_GROW, "spec")
        return
    found = {
        f"{_WHERE}.onOOM.max": more.max,
        "spec.resources.limits[memory]": limits["memory"],
        "spec.resources.requests[memory]": requests.get("memory", 0),
    }
    problems = [*_uncountable(found)]
    yield from problems
    if not problems and to_bytes(more.max) < to_bytes(limits["memory"]):
        text = "it is less than resources.limits.memory, with which the first attempt runs: raise it"
        yield Problem(f"{_WHERE}.onOOM.max", text)


def _uncountable(quantities: Mapping[str, str | int]) -> Iterator[Problem]:
    for where, quantity in quantities.items():
        try:
            to_bytes(quantity)
        except ValueError as error:
            yield Problem(where, str(error))
