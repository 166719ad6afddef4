"""Endings of Pods whose node goes: unreachable, deleted, shut down, crashed, short of room.

They are played on the second node of ``hack/recordcluster.py`` alone, which comes back after each.
"""

from __future__ import annotations

from typing import Final

from recorded.clocks import never
from recorded.commands import WORKING, A, working
from recorded.ending import Ending, in_modes
from recorded.nodehands import (
    ANYWHERE,
    SOON,
    be_missed_and_forced,
    be_missed_and_return,
    crash,
    delete_node,
    deleting,
    placed,
    powered_off,
    press,
    pressed,
    returning,
    shrink,
    shut_down,
    shutting_down,
    stop_kubelet,
    stop_runtime,
)
from support.modes import EVERY, GATED, SIGNAL
from support.tasks import shell

_LONG: Final = 150
_TWO: Final = (GATED, SIGNAL)
_GREEDY: Final = shell(WORKING, outputs=A, resources={"requests": {"cpu": "64"}})

NODES: Final[dict[str, Ending]] = {
    **in_modes(
        "node-unreachable",
        "the kubelet is silent, and the taint manager deletes the Pod",
        working(**SOON),
        EVERY,
        act=stop_kubelet,
        shows=deleting,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-unreachable-forced",
        "the same, and somebody deletes the Pod without grace",
        working(**SOON),
        (GATED,),
        act=be_missed_and_forced,
        shows=never,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-unreachable-returned",
        "the same, and the kubelet comes back",
        working(**SOON),
        _TWO,
        act=be_missed_and_return,
        shows=never,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-not-ready",
        "the node's runtime is silent, and the taint manager deletes the Pod",
        working(**SOON),
        (GATED,),
        act=stop_runtime,
        shows=deleting,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-deleted",
        "the node is deleted, and the Pod with it",
        working(),
        _TWO,
        act=delete_node,
        shows=never,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-shutdown",
        "the node is shut down gracefully",
        working(),
        EVERY,
        act=shut_down,
        around=powered_off,
        patience=_LONG,
    ),
    **in_modes(
        "node-shutdown-refused",
        "the node is being shut down, and its kubelet takes no Pod",
        working(**ANYWHERE),
        _TWO,
        around=shutting_down,
        patience=30,
    ),
    **in_modes(
        "node-crashed",
        "the node goes down without a word, and comes up again",
        working(),
        EVERY,
        act=crash,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-without-memory",
        "the node has too little memory left, and its kubelet evicts the Pod",
        working(),
        _TWO,
        act=press,
        around=pressed,
        patience=_LONG,
    ),
    **in_modes(
        "node-shrunk",
        "the kubelet starts anew with less to give, and refuses the Pod that runs",
        working(),
        _TWO,
        act=shrink,
        around=pressed,
        patience=_LONG,
    ),
    **in_modes(
        "node-without-room",
        "the Pod was put on a node that has no room for it",
        _GREEDY,
        (GATED,),
        policy=placed(),
        patience=30,
    ),
}
