"""Lives of a task: what its user and its node do, from its creation to its end.

None of them knows whether the operator is there, and what happens to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

from containertask.contract.manifest import Mode
from containertask.core.podview import mode_in
from containertask.kube.resources import PODS
from support.simulation_desk import LASTING
from support.simulation_world import World

Life = Callable[[World], Coroutine[None, None, None]]

OUTPUTS: Final = [{"name": "area", "type": "float"}]
LARGE: Final = {"name": "text", "type": "string", "value": "x" * 40_000}


async def lasts(world: World) -> None:
    """Leave things as they are until the user was told."""
    await asyncio.sleep(LASTING)
    await world.quiet()


async def runs(world: World) -> None:
    await world.step(world.node.bind)
    await lasts(world)
    await world.step(world.node.start)
    await lasts(world)


async def backs_off(world: World) -> None:
    """Let the time pass that the first retry waits, ten seconds at most."""
    await asyncio.sleep(11)
    await world.quiet()


async def over_before_it_is_told(world: World) -> None:
    """Its one status write is its end."""
    await world.create(outputs=OUTPUTS)
    await world.step(world.node.bind)
    await world.step(world.node.start)
    await world.step(world.node.end_main)
    await world.step(lambda: world.node.succeed({"area": 2.5}))


async def success(world: World) -> None:
    await world.create(outputs=OUTPUTS)
    await runs(world)
    await world.step(world.node.end_main)
    await world.step(lambda: world.node.succeed({"area": 2.5}))


async def failure(world: World) -> None:
    await world.create()
    await runs(world)
    await world.step(lambda: world.node.fail(3))


async def values_by_config_map(world: World) -> None:
    await world.create(inputs=[LARGE])
    await runs(world)
    await world.step(world.node.succeed)


async def suspended_and_resumed(world: World) -> None:
    await world.create()
    await runs(world)
    await world.change(suspend=True)
    await world.step(world.node.obey)
    await world.change(suspend=False)
    await runs(world)
    await world.step(world.node.succeed)


async def resumed_at_once(world: World) -> None:
    """The suspension is taken back while the Pod is still being stopped."""
    await world.create()
    await runs(world)
    await world.change(suspend=True)
    await world.change(suspend=False)
    await world.step(world.node.obey)
    await runs(world)
    await world.step(world.node.succeed)


async def suspended_from_the_start(world: World) -> None:
    await world.create(suspend=True)
    await world.change(suspend=False)
    await runs(world)
    await world.step(world.node.succeed)


async def cancelled_while_it_runs(world: World) -> None:
    await world.create()
    await runs(world)
    await world.change(cancel=True)
    await world.step(world.node.obey)


async def cancelled_while_it_waits(world: World) -> None:
    await world.create()
    await world.step(world.node.leave_waiting)
    await world.change(cancel=True)


async def out_of_time(world: World) -> None:
    await world.create(timeout={"total": "30s"})
    await runs(world)
    await asyncio.sleep(60)
    await world.quiet()
    await world.step(world.node.obey)


async def deleted_when_its_time_has_come(world: World) -> None:
    await world.create(ttlSecondsAfterFinished=60)
    await runs(world)
    await world.step(world.node.succeed)
    await asyncio.sleep(61)
    await world.quiet()


async def its_pod_not_kept(world: World) -> None:
    await world.create(podRetention="Never")
    await runs(world)
    await world.step(world.node.succeed)
    await world.step(world.node.obey)


async def failed_and_tried_again(world: World) -> None:
    await world.create(outputs=OUTPUTS, retries={"limit": 1})
    await runs(world)
    await world.step(lambda: world.node.fail(3))
    await backs_off(world)
    await runs(world)
    await world.step(lambda: world.node.succeed({"area": 2.5}))


async def tried_until_its_budget_is_spent(world: World) -> None:
    await world.create(retries={"limit": 1})
    for _ in range(2):
        await runs(world)
        await world.step(lambda: world.node.fail(3))
        await backs_off(world)


async def lost_and_tried_again(world: World) -> None:
    await world.create()
    await runs(world)
    pod = world.node.live()["metadata"]
    await world.step(lambda: _remove(world, pod["namespace"], pod["name"]))
    await backs_off(world)
    await runs(world)
    await world.step(world.node.succeed)


async def cancelled_while_it_backs_off(world: World) -> None:
    await world.create(retries={"limit": 1})
    await runs(world)
    await world.step(lambda: world.node.fail(3))
    await world.change(cancel=True)


async def its_pod_deleted_by_somebody(world: World) -> None:
    await world.create(retries={"systemLimit": 0})
    await runs(world)
    pod = world.node.live()["metadata"]
    await world.step(lambda: _remove(world, pod["namespace"], pod["name"]))


async def gated(world: World) -> None:
    world.gates = True
    await world.create(outputs=OUTPUTS)
    assert mode_in(world.node.live()["spec"]) is Mode.GATED
    await runs(world)
    await world.step(world.node.end_main)
    await world.step(lambda: world.node.succeed({"area": 2.5}))


async def gated_without_a_launcher(world: World) -> None:
    """The image volume turns out to be empty: an attempt in Init mode takes over."""
    world.gates = True
    await world.create(outputs=OUTPUTS)
    await world.step(world.node.bind)
    await world.step(world.node.lack_the_launcher)
    await world.step(world.node.obey)
    assert mode_in(world.node.live()["spec"]) is Mode.INIT
    await runs(world)
    await world.step(lambda: world.node.succeed({"area": 2.5}))


async def gated_and_refused(world: World) -> None:
    """The API server takes no image volumes."""
    world.gates, world.volumes = True, False
    await world.create()
    assert mode_in(world.node.live()["spec"]) is Mode.INIT
    await runs(world)
    await world.step(world.node.succeed)


async def by_signal(world: World) -> None:
    await world.create(command=None, outputs=OUTPUTS)
    await runs(world)
    await world.step(world.node.end_main)
    await world.step(lambda: world.node.succeed({"area": 2.5}))


async def by_signal_and_out_of_time(world: World) -> None:
    """The operator itself keeps the execution clock."""
    await world.create(command=None, timeout={"execution": "30s"})
    await runs(world)
    await asyncio.sleep(60)
    await world.quiet()
    await world.step(world.node.obey)


def _remove(world: World, namespace: str, name: str) -> None:
    world.objects.remove(PODS, namespace, name)


LIVES: Final[dict[Life, int]] = {
    over_before_it_is_told: 4,
    success: 6,
    failure: 6,
    values_by_config_map: 7,
    suspended_and_resumed: 11,
    resumed_at_once: 10,
    suspended_from_the_start: 7,
    cancelled_while_it_runs: 7,
    cancelled_while_it_waits: 7,
    out_of_time: 8,
    deleted_when_its_time_has_come: 7,
    its_pod_not_kept: 7,
    failed_and_tried_again: 10,
    tried_until_its_budget_is_spent: 10,
    lost_and_tried_again: 10,
    cancelled_while_it_backs_off: 7,
    its_pod_deleted_by_somebody: 6,
    gated: 6,
    gated_without_a_launcher: 8,
    gated_and_refused: 7,
    by_signal: 6,
    by_signal_and_out_of_time: 8,
}
"""Each with the number of its requests where nothing goes wrong, without its Events."""
