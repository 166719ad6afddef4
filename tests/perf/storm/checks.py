"""What must hold after a storm, whatever was taken away: each returns what does not, in words."""

from __future__ import annotations

from collections import Counter
from typing import Final

from containertask.core.names import pod_name
from perf.storm.kinds import kind_of, output_of
from perf.storm.ledger import CREATES, EVENTS, STATUS
from perf.storm.parts import Part
from support.cluster import Json

OF_AN_ATTEMPT: Final = {CREATES: 1, STATUS: 3, "patch pods": 1, "delete pods": 1}
"""Its stop is a patch; a Pod that has no kubelet to obey it is deleted, too. A state that an outage stretches
over half a minute is told, too: one more for each outage."""
MOST_WRITES: Final = 5
"""Of a task of one attempt that nobody has to stop."""


def ends(part: Part) -> list[str]:
    """Every task came to the end that its kind must come to."""
    board = part.board
    found = [f"{name}: has not ended" for name in sorted(board.left)]
    for name in sorted(board.wanted - board.left):
        kind, task = kind_of(name), board.tasks.get(name)
        if kind.stays != (task is not None):
            found.append(f"{name}: {'lost' if kind.stays else 'was deleted, and is there'}")
        elif task is not None and (wrong := _end(name, task["status"])):
            found.append(f"{name}: {', '.join(wrong)}: {board.said[name]}, {task['status']}")
    return found


def _end(name: str, status: Json) -> list[str]:
    kind = kind_of(name)
    told = [one["reason"] for one in sorted(status.get("attempts", []), key=lambda one: int(one["attempt"]))]
    outputs = {one["name"]: one["value"] for one in status.get("outputs", [])}
    wanted = {"y": output_of(name)} if kind.phase == "Succeeded" else {}
    failures = (status.get("userFailures", 0), status.get("systemFailures", 0))
    ends = kind.ends
    if unseen(name, status):
        ends, failures = ends[1:], kind.failures
    right = {
        "phase": status["phase"] == kind.phase,
        "reason": status["reason"] in kind.ends[-1],
        "attempt": status["attempt"] == kind.attempts - 1,
        "attempts": len(told) == len(ends) and all(one in may for one, may in zip(told, ends, strict=False)),
        "failures": failures == kind.failures,
        "outputs": outputs == wanted,
    }
    return [f"wrong {what}" for what, holds in right.items() if not holds]


def unseen(name: str, status: Json) -> bool:
    """Tell whether a Pod was taken away while the operator was dead, and before the status named its node.

    Nobody knows then that it ran, so it costs no budget and has no record; the next attempt follows.
    """
    known = [one["attempt"] for one in status.get("attempts", [])]
    return kind_of(name).taken and known == [1] and "systemFailures" not in status


def remade(part: Part) -> Counter[str]:
    """Return how many Pods of each task were made of an attempt that had had one.

    The one before was taken away, and the operator was killed before any status named it: nobody knows then
    that it was there, and the attempt begins anew.
    """
    found: Counter[str] = Counter()
    for (task, _), uids in part.board.made.items():
        found[task] += len(uids) - 1
    return +found


def doubles(part: Part) -> list[str]:
    """No task had two Pods alive at once, and no attempt had two, unless the first was taken away unseen."""
    found = [f"two Pods alive: {one}" for one in part.board.crowded]
    found += [
        f"{name}: made anew {many} times" for name, many in remade(part).items() if not kind_of(name).taken
    ]
    for name, costs in part.costs.items():
        if costs[CREATES] > kind_of(name).attempts and not kind_of(name).taken:
            found.append(f"{name}: {costs[CREATES]} Pods created")
    return found


def pods(part: Part) -> list[str]:
    """No Pod but those of a task's attempts was ever made; of deleted tasks none is left."""
    board = part.board
    found = [
        f"{pod}: no attempt of {task}"
        for task, pod in board.made
        if task in board.tasks
        and pod
        not in {
            pod_name(task, board.tasks[task]["metadata"]["uid"], one) for one in range(kind_of(task).attempts)
        }
    ]
    gone = (one for one in board.wanted if not kind_of(one).stays)
    return found + [f"{name}: left {sorted(board.pods[name])}" for name in gone if board.pods[name]]


def writes(part: Part) -> list[str]:
    """No task cost more writes than its attempts may, however often somebody was killed."""
    dear = [name for name in part.costs if _dear(part, name)]
    return [f"{name}: {dict(part.costs[name])} for {part.board.said[name]}" for name in dear]


def _dear(part: Part, name: str) -> bool:
    kind, costs = kind_of(name), part.costs[name]
    allowed = Counter({what: many * kind.attempts for what, many in OF_AN_ATTEMPT.items()})
    allowed[STATUS] += part.outages
    if kind.taken:
        allowed[CREATES] = costs[CREATES]
    own = Counter({what: many for what, many in costs.items() if what != EVENTS})
    plain = kind.attempts == 1 and not kind.stopped
    return not own <= allowed or (plain and own.total() > MOST_WRITES + part.outages)


def counts(part: Part) -> Counter[tuple[str, str]]:
    """Return how many tasks came to which phase and reason."""
    told = (one["status"] for one in part.board.tasks.values())
    return Counter((status.get("phase", ""), status.get("reason", "")) for status in told)


def expected(part: Part) -> Counter[str]:
    """Return how many tasks there must be of each phase."""
    return Counter(kind_of(name).phase for name in part.board.wanted if kind_of(name).stays)


def phases(part: Part) -> list[str]:
    """The counts by phase are exact; those by reason follow from each task's own end."""
    found = Counter[str]()
    for (phase, _), many in counts(part).items():
        found[phase] += many
    return [] if found == expected(part) else [f"{dict(found)} instead of {dict(expected(part))}"]


CHECKS: Final = {"ends": ends, "phases": phases, "doubles": doubles, "Pods": pods, "writes": writes}
