"""Endings that the command itself comes to, or its outputs do, or a signal from outside."""

from __future__ import annotations

from typing import Any, Final

from recorded.ending import Act, Ending, in_modes
from support.cluster import Json
from support.modes import EVERY, GATED, INIT, LAUNCHED, SIGNAL
from support.shapes import ENTRYPOINT_IMAGE, STATIC_IMAGE
from support.tasks import shell, typed

A: Final = typed(a="integer")
WRITES: Final = "echo 42 > /var/outputs/a"
BUSY: Final = f"{WRITES}; echo ready; sleep 600 & wait"
# The shell, as process 1 of an untouched container, gets no signal that it does not ask for.
WORKING: Final = f"trap 'exit 143' TERM; {BUSY}"
LITTLE: Final[Json] = {"resources": {"limits": {"memory": "48Mi"}}}
_EATS: Final = "tail /dev/zero"


def working(**more: Any) -> Json:
    """Return the spec of a command that has written its output and goes on until it is told to end."""
    return shell(WORKING, outputs=A, **more)


def killing(container: str, program: str, signal: str) -> Act:
    """Return the act that sends a signal to a program."""
    return lambda stage: stage.kill(container, program, signal)


def _script(
    name: str,
    about: str,
    script: str,
    modes: tuple[str, ...] = (GATED, SIGNAL),
    **more: Any,
) -> dict[str, Ending]:
    return in_modes(name, about, shell(script, **{"outputs": A, **more}), modes)


_HOG: Final = {"image": STATIC_IMAGE, "command": ["/probe", "hog"], **LITTLE}

BY_ITSELF: Final = {
    **_script("success", "the command ends well and has written its output", WRITES, EVERY),
    **_script("exit-code", "the command ends with exit code 7", "exit 7", EVERY),
    **_script("exit-code-143", "the command ends with exit code 143 by itself", "exit 143"),
    **_script("segfault", "the command's own fault", "kill -SEGV $$$$", LAUNCHED),
    **_script(
        "segfault",
        "a child's own fault is the shell's exit code",
        "sh -c 'kill -SEGV $$$$' || exit $?",
        (SIGNAL,),
    ),
    **in_modes("out-of-memory", "the kernel kills the command for its memory", _HOG, EVERY),
    **_script(
        "out-of-memory-of-a-child",
        "the kernel kills a child for memory, and the command says 3",
        f"{_EATS} || exit 3",
        EVERY,
        **LITTLE,
    ),
    **_script(
        "out-of-memory-survived",
        "the kernel kills a child for memory, and the command ends well",
        f"{_EATS} || {WRITES}",
        EVERY,
        **LITTLE,
    ),
    **in_modes(
        "command-not-found", "the command is nowhere on PATH", shell("", command=["no-such-program"]), EVERY
    ),
    **in_modes(
        "command-not-executable", "the command is a plain file", shell("", command=["/etc/hostname"]), EVERY
    ),
    **in_modes(
        "killed-by-itself",
        "the command sends itself a SIGKILL",
        {"image": STATIC_IMAGE, "command": ["/probe", "signal", "9"]},
        (GATED,),
    ),
    **in_modes(
        "entrypoint",
        "the image's own ENTRYPOINT ends with exit code 3",
        {"image": ENTRYPOINT_IMAGE, "args": ["exit", "3"]},
        (SIGNAL,),
    ),
    **in_modes(
        "launcher-without-a-word",
        "the launcher's own runtime ends it before its first line",
        shell("true", env=[{"name": "GOMEMLIMIT", "value": "512Mi"}]),
        LAUNCHED,
    ),
}

OUTPUTS: Final = {
    **_script("output-missing", "an output was not written", "echo 1 > /var/outputs/aa"),
    **_script("output-invalid", "an output is of another type", "echo 2.5 > /var/outputs/a"),
    **_script(
        "output-too-large",
        "an output does not fit into the status",
        "head -c 2000000 /dev/zero > /var/outputs/a",
        outputs=typed(a="string"),
    ),
    **_script(
        "output-unreadable",
        "an output is a link",
        "ln -s /etc/hostname /var/outputs/a",
        outputs=typed(a="string"),
    ),
    **_script(
        "error-file",
        "the command leaves _ERROR and ends well",
        f"echo no such table > /var/outputs/_ERROR; {WRITES}",
    ),
    **_script(
        "error-file-and-code",
        "the command leaves _ERROR and an exit code",
        "echo no such table > /var/outputs/_ERROR; exit 3",
    ),
}

FROM_OUTSIDE: Final = {
    **in_modes(
        "launcher-killed",
        "somebody on the node kills process 1, and no record comes",
        shell(BUSY, outputs=A),
        LAUNCHED,
        act=killing("main", "launcher", "KILL"),
    ),
    **in_modes(
        "launcher-killed",
        "somebody on the node kills process 1",
        shell(BUSY, outputs=A),
        (SIGNAL,),
        act=killing("main", "sh", "KILL"),
    ),
    **in_modes(
        "command-killed",
        "somebody on the node sends the command a SIGKILL",
        shell(BUSY, outputs=A),
        LAUNCHED,
        act=killing("main", "sh", "KILL"),
    ),
    **in_modes(
        "command-terminated",
        "somebody on the node sends the command a SIGTERM",
        shell(BUSY, outputs=A),
        (GATED,),
        act=killing("main", "sh", "TERM"),
    ),
    **in_modes(
        "command-terminated",
        "somebody on the node sends the command a SIGTERM, at which it ends",
        working(),
        (SIGNAL,),
        act=killing("main", "sh", "TERM"),
    ),
    **in_modes(
        "launcher-terminated",
        "somebody on the node sends process 1 a SIGTERM, as a runtime's stop does",
        working(),
        LAUNCHED,
        act=killing("main", "launcher", "TERM"),
    ),
    **in_modes(
        "uploader-killed",
        "somebody on the node kills the uploader while the command runs",
        working(),
        (GATED, INIT),
        act=killing("uploader", "copilot", "KILL"),
    ),
}

COMMANDS: Final = {**BY_ITSELF, **OUTPUTS, **FROM_OUTSIDE}
