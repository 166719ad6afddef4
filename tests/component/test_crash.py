"""Whatever happens to the operator, at whichever moment: a task comes to the same end, by the same Pods."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Final

import pytest

from containertask.kube.errors import Unreachable
from containertask.kube.resources import CONFIG_MAPS, EVENTS, PODS, TASKS
from support import looptime
from support.simulation_lives import LIVES, Life
from support.simulation_wire import Fate, Harm
from support.simulation_world import NAME, NAMESPACE, Deliver, Json, World, disordered, early, late

HARMS: Final = [harm for harm in Harm if harm is not Harm.NOTHING]
DELIVERIES: Final[dict[str, Deliver]] = {"early": early, "late": late, "disordered": disordered}


@dataclass(frozen=True, slots=True)
class Seen:
    """What must not depend on any harm."""

    status: Json | None
    created: tuple[str, ...]


def seen(world: World) -> Seen:
    """Return the task's status without times, and the Pods ever created; names without the uid's letters."""
    found = world.objects.find(TASKS, NAMESPACE, NAME)
    created = tuple(f"{name.split('-')[0]}-{name.rpartition('-')[2]}" for name in world.created)
    if found is None:
        return Seen(None, created)
    # With the hyphens: five letters alone may be part of an output's digest.
    text = json.dumps(found.get("status")).replace(f"-{found['metadata']['uid'][:5]}-", "-12345-")
    status: Json = json.loads(text)
    status.pop("duration", None)
    status["timeline"] = sorted(status.get("timeline", {}))
    conditions = [{**one, "lastTransitionTime": ""} for one in status.pop("conditions", [])]
    times = {"startedAt", "finishedAt"}
    attempts = [{name: one[name] for name in one.keys() - times} for one in status.pop("attempts", [])]
    status["attempts"] = attempts
    status["conditions"] = sorted(conditions, key=lambda one: str(one["type"]))
    return Seen(status, created)


def play(life: Life, deliver: Deliver, fate: Fate) -> tuple[World, Seen, set[str]]:
    """Live a life under a fate; return the world, what was seen at the end, and the Events' reasons."""

    async def main() -> tuple[World, Seen, set[str]]:
        world = World(deliver, fate)
        operating = asyncio.ensure_future(world.operate())
        await life(world)
        found = seen(world)
        reasons = {one["reason"] for one in world.objects.items(EVENTS, None)}
        await nothing_is_left_behind(world)
        operating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await operating
        return world, found, reasons

    return looptime.run(main())


async def nothing_is_left_behind(world: World) -> None:
    await world.delete()
    assert not world.objects.items(PODS, None)
    assert not world.objects.items(CONFIG_MAPS, None)
    assert world.process.store.sizes() == {"tasks": 0, "pods": 0, "notes": 0}
    assert (world.process.queue.delayed, world.process.queue.retrying) == (0, 0)


@pytest.mark.parametrize("deliver", DELIVERIES.values(), ids=DELIVERIES)
@pytest.mark.parametrize("life", LIVES, ids=[life.__name__ for life in LIVES])
def test_any_harm_at_any_moment_leads_to_the_same_end_by_the_same_pods(life: Life, deliver: Deliver) -> None:
    quiet, expected, reasons = play(life, deliver, Fate())
    assert (quiet.errors, quiet.crowded, quiet.starts) == ([], [], 1)
    assert quiet.fate.calls - len(quiet.objects.items(EVENTS, None)) == LIVES[life]
    assert len(set(quiet.created)) == len(quiet.created)
    for harm in HARMS:
        at = 1
        while _strikes(life, deliver, Fate(harm, at), expected, reasons):
            at += 1
        assert (
            at > (quiet.fate.awaits if "await" in harm.value else quiet.fate.calls) >= min(6, LIVES[life])
        ), (harm, at)


def _strikes(life: Life, deliver: Deliver, fate: Fate, expected: Seen, reasons: set[str]) -> bool:
    """Live a life under a fate, hold it against the undisturbed one; return whether the harm came at all."""
    where = f"{fate.harm.value}: {fate.at}"
    try:
        world, found, told = play(life, deliver, fate)
    except Exception as error:
        raise AssertionError(where) from error
    assert found == expected, where
    assert not world.crowded, where
    assert told <= reasons, where
    assert len(world.created) == len(set(world.created)), where
    assert world.starts == 1 + (fate.struck and "killed" in fate.harm.value), where
    assert all(isinstance(error, Unreachable | asyncio.CancelledError) for error in world.errors), where
    return fate.struck
