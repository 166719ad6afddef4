"""What must hold between the fields of ``spec``, in CEL, and which fields may change."""

from __future__ import annotations

from typing import Final

from containertask.api.base import Rule

MUTABLE: Final = frozenset({"suspend", "cancel", "ttlSecondsAfterFinished"})
"""Fields of spec that may change after creation."""

_RESERVED: Final = "['/ct', '/proc', '/sys', '/dev']"


def _directory_rules(field: str) -> tuple[Rule, ...]:
    return (
        Rule(
            f"!self.{field}.split('/').exists(part, part == '.' || part == '..')",
            f"{field} must be normalised: no `.` or `..` in it",
            f".{field}",
        ),
        Rule(
            f"!{_RESERVED}.exists(d, self.{field} == d || self.{field}.startsWith(d + '/'))",
            f"{field} may not be in /ct, /proc, /sys or /dev: choose a folder such as /var/data",
            f".{field}",
        ),
    )


SPEC_RULES: Final = (
    *_directory_rules("inputDir"),
    *_directory_rules("outputDir"),
    Rule(
        "!(self.inputDir + '/').startsWith(self.outputDir + '/') && "
        "!(self.outputDir + '/').startsWith(self.inputDir + '/')",
        "inputDir and outputDir must be apart: neither may be inside the other",
        ".outputDir",
    ),
    Rule(
        "!has(self.outputs) || self.outputs.all(o, !has(o.path) || "
        "(o.path.startsWith(self.outputDir + '/') && !o.path.split('/').exists(part, part in ['.', '..'])))",
        "the path of an output must be inside outputDir, without `.` or `..`: only that folder is read back",
        ".outputs",
    ),
    Rule(
        "!has(self.outputs) || self.outputs.all(o, !has(o.path) || "
        "!(o.path + '/').startsWith(self.outputDir + '/_ERROR/'))",
        "_ERROR in outputDir is the file by which a command reports an error: choose another path",
        ".outputs",
    ),
)
