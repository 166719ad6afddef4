"""The three start modes as tests name them: which a test runs in, and what is different in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from support.cluster import Json
from support.seen import Failure

GATED: Final = "gated"
INIT: Final = "init"
SIGNAL: Final = "signal"
EVERY: Final = (GATED, INIT, SIGNAL)
LAUNCHED: Final = (GATED, INIT)
"""Where the command runs under the launcher."""

START: Final = {GATED: "Gated", INIT: "Init", SIGNAL: "Signal"}
"""What ``spec.start`` says."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A task that fails: how, and with which outputs."""

    spec: Json
    failure: Failure
    values: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a mode cannot have a case."""

    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """One ending, and how it is different in some modes."""

    usual: Ending
    but: Mapping[str, Ending | LeftOut] = field(default_factory=dict)

    def within(self, mode: str) -> Ending:
        """Return what holds in a mode that has the case."""
        found = self.but.get(mode, self.usual)
        assert isinstance(found, Ending), found
        return found


def in_modes(*modes: str, fixture: str = "here") -> pytest.MarkDecorator:
    """Run a test in these modes, by default in all: every task that the fixture makes starts so."""
    return pytest.mark.parametrize(fixture, modes or EVERY, indirect=True)


def each_in_modes(name: str, cases: Mapping[str, Case]) -> pytest.MarkDecorator:
    """Run a test for each case in each mode that has it."""
    return pytest.mark.parametrize(
        (name, "here"),
        [
            pytest.param(key, mode, id=f"{key}-{mode}")
            for key, case in cases.items()
            for mode in EVERY
            if not isinstance(case.but.get(mode), LeftOut)
        ],
        indirect=["here"],
    )


def mode_of(pod: Json) -> str:
    """Tell a Pod's mode from its containers, whatever the task asked for."""
    first: dict[str, Any] = {one["name"]: one for one in pod["spec"].get("initContainers", [])}
    if "uploader" in first:
        return SIGNAL
    return INIT if "downloader" in first else GATED
