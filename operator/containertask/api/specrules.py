"""What must hold between the fields of ``spec``, in CEL, and which fields may change.

``verify`` holds the same rules in Python.
"""

from __future__ import annotations

from typing import Final

from containertask.api.base import Rule
from containertask.api.secrets import SECRET_RULES

MUTABLE: Final = frozenset({"suspend", "cancel", "ttlSecondsAfterFinished"})
"""Fields of spec that may change after creation."""

RESERVED: Final = ("/ct", "/proc", "/sys", "/dev")
"""Folders that no input or output may be in: ours, and the kernel's."""


def normalised(field: str) -> Rule:
    """Return the rule that a folder has neither ``.`` nor ``..`` in it."""
    return Rule(
        f"!self.{field}.split('/').exists(part, part == '.' || part == '..')",
        f"{field} must be normalised: no `.` or `..` in it",
        f".{field}",
    )


def not_reserved(field: str) -> Rule:
    """Return the rule that a folder is none of those that are taken."""
    return Rule(
        f"!self.{field}.matches('^({'|'.join(RESERVED)})(/|$)')",
        f"{field} may not be in /ct, /proc, /sys or /dev: choose a folder such as /var/data",
        f".{field}",
    )


APART: Final = Rule(
    "!(self.inputDir + '/').startsWith(self.outputDir + '/') && "
    "!(self.outputDir + '/').startsWith(self.inputDir + '/')",
    "inputDir and outputDir must be apart: neither may be inside the other",
    ".outputDir",
)
INSIDE: Final = Rule(
    "!has(self.outputs) || self.outputs.all(o, !has(o.path) || "
    "(o.path.startsWith(self.outputDir + '/') && !o.path.split('/').exists(part, part in ['.', '..'])))",
    "the path of an output must be inside outputDir, without `.` or `..`: only that folder is read back",
    ".outputs",
)
NOT_THE_ERROR_PATH: Final = Rule(
    "!has(self.outputs) || self.outputs.all(o, !has(o.path) || "
    "!(o.path + '/').startsWith(self.outputDir + '/_ERROR/'))",
    "_ERROR in outputDir is the file by which a command reports an error: choose another path",
    ".outputs",
)
_IS_FILE: Final = "(!has({o}.source) || {o}.source == 'File')"
_HAS_PATH: Final = f"{_IS_FILE} && !has({{o}}.glob)"
_PATH: Final = "(has({o}.path) ? {o}.path : self.outputDir + '/' + {o}.name)"
PATHS_APART: Final = Rule(
    f"!has(self.outputs) || self.outputs.all(a, self.outputs.all(b, a.name == b.name || "
    f"!({_HAS_PATH.format(o='a')}) || !({_HAS_PATH.format(o='b')}) || "
    f"!({_PATH.format(o='a')} + '/').startsWith({_PATH.format(o='b')} + '/')))",
    "each output needs a file of its own, none inside another: choose another path (default: outputDir/name)",
    ".outputs",
)
COMMAND_FOR_LAUNCHER: Final = Rule(
    "has(self.command) || !(self.start in ['Gated', 'Init'])",
    "start: Gated and Init run the command under our launcher, so they need one: set command, or leave start "
    "out to run the image's ENTRYPOINT untouched",
    ".start",
)
LAUNCHER_FOR_SOURCES: Final = Rule(
    "(has(self.command) && self.start != 'Signal') || !has(self.outputs) || "
    f"self.outputs.all(o, {_IS_FILE.format(o='o')})",
    "source Stdout, Stderr and ExitCode need our launcher: set command, and start to Auto, Gated or Init; or "
    "have the command write a file",
    ".outputs",
)
MEMORY_TO_GROW: Final = Rule(
    "!has(self.retries) || !has(self.retries.onOOM) || "
    "(has(self.resources) && has(self.resources.limits) && 'memory' in self.resources.limits)",
    "onOOM raises resources.limits.memory, and there is none: set it",
    ".retries.onOOM",
)
QUEUE_LABEL: Final = "kueue.x-k8s.io/queue-name"
QUEUE_ONCE: Final = Rule(
    "!has(self.queue) || !has(self.podTemplate) || !has(self.podTemplate.metadata) || "
    f"!has(self.podTemplate.metadata.labels) || !('{QUEUE_LABEL}' in self.podTemplate.metadata.labels)",
    f"queue sets the label {QUEUE_LABEL}: leave it out of podTemplate.metadata.labels",
    ".podTemplate",
)
SPEC_RULES: Final = (
    normalised("inputDir"),
    not_reserved("inputDir"),
    normalised("outputDir"),
    not_reserved("outputDir"),
    APART,
    INSIDE,
    NOT_THE_ERROR_PATH,
    PATHS_APART,
    COMMAND_FOR_LAUNCHER,
    LAUNCHER_FOR_SOURCES,
    MEMORY_TO_GROW,
    *SECRET_RULES,
    QUEUE_ONCE,
)
