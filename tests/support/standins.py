"""Shell stand-ins for downloader and uploader: the least that speaks the contract from the other side.

They run in the project's image, whose shell and ``date`` know nanoseconds.
"""

from __future__ import annotations

from containertask.contract import (
    CONTROL_DIR,
    EXIT_FIFO,
    GATE_ABORT,
    GATE_FILE,
    GATE_OPEN,
    LAUNCHER_IMAGE_SUBPATH,
    LAUNCHER_NAME,
)

GO_FIFO = f"{CONTROL_DIR}/go"
"""Whoever writes a line here lets a holding downloader go on."""

UPLOADER = f"""
set -eu
mkfifo {CONTROL_DIR}/.exit
chmod 0622 {CONTROL_DIR}/.exit
mv {CONTROL_DIR}/.exit {CONTROL_DIR}/{EXIT_FIFO}
record=$(cat {CONTROL_DIR}/{EXIT_FIFO})
printf '%s\\n%s\\n' "$(date +%s%N)" "$record" > /dev/termination-log
"""
"""Connects the exit FIFO; says, in its termination message, when the end arrived and the record."""

SIGNALLED_UPLOADER = """
printf '%s\\n' "$(date +%s%N)" > /dev/termination-log
"""
"""What the launcher's wait mode turns into in Signal mode; says when."""


def write_gate(word: str) -> str:
    """Return shell that puts the gate file in place; word is GATE_OPEN or GATE_ABORT."""
    new, gate = f"{CONTROL_DIR}/.gate", f"{CONTROL_DIR}/{GATE_FILE}"
    return f"printf '{word.strip()}\\n' > {new}; mv {new} {gate}\n"


OPENING_DOWNLOADER = "set -eu\n" + write_gate(GATE_OPEN)
ABORTING_DOWNLOADER = "set -eu\n" + write_gate(GATE_ABORT)

HOLDING_DOWNLOADER = f"""
set -eu
mkfifo {GO_FIFO}
read -r line < {GO_FIFO}
date +%s%N > /dev/termination-log
{write_gate(GATE_OPEN)}"""
"""Opens the gate only when told to, and says when that was."""

COPYING_DOWNLOADER = f"""
set -eu
cp /{LAUNCHER_IMAGE_SUBPATH}/{LAUNCHER_NAME} {CONTROL_DIR}/{LAUNCHER_NAME}
{write_gate(GATE_OPEN)}"""
"""Init mode: brings the launcher by copy, and leaves the gate open."""
